package whatsapp

import (
	"regexp"
	"strings"
)

var (
	fencePattern     = regexp.MustCompile("^([ \t]*)(`{3,}|~{3,})[ \t]*([^`]*)$")
	headingPattern   = regexp.MustCompile(`^ {0,3}#{1,6}[ \t]+(.*)$`)
	headingTail      = regexp.MustCompile(`[ \t]+#+[ \t]*$`)
	rulePattern      = regexp.MustCompile(`^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$`)
	underlinePattern = regexp.MustCompile(`^ {0,3}={3,}[ \t]*$`)
	bulletPattern    = regexp.MustCompile(`^([ \t]*)([*+-])([ \t]+)(\[[ xX]\][ \t]+)?(\S.*)$`)
	numberPattern    = regexp.MustCompile(`^([ \t]*\d{1,9}[.)][ \t]+)(\S.*)$`)
	quotePattern     = regexp.MustCompile(`^[ \t]*(?:>[ \t]?)+`)
)

// blocks goes through the lines, one construct at a time.
func (f *formatter) blocks() {
	for f.next < len(f.lines) {
		line := strings.TrimSuffix(f.lines[f.next], "\r")
		switch {
		case fencePattern.MatchString(line):
			f.fence()
		case rulePattern.MatchString(line):
			f.rule()
		case headingPattern.MatchString(line):
			f.next++
			f.heading(headingPattern.FindStringSubmatch(line)[1])
		case f.tableStarts():
			f.table()
		case f.next+1 < len(f.lines) && underlinePattern.MatchString(f.lines[f.next+1]) && !startsBlock(line):
			f.next += 2
			f.heading(line)
		default:
			f.unit()
		}
	}
}

// startsBlock reports whether a line cannot continue the paragraph before it.
func startsBlock(line string) bool {
	line = strings.TrimSuffix(line, "\r")
	return strings.TrimSpace(line) == "" || fencePattern.MatchString(line) || rulePattern.MatchString(line) ||
		headingPattern.MatchString(line) || bulletPattern.MatchString(line) ||
		numberPattern.MatchString(line) || quotePattern.MatchString(line)
}

// unit writes a paragraph, a list item or a quoted line. Emphasis may reach over
// several lines of it, and never beyond.
func (f *formatter) unit() {
	line := f.lines[f.next]
	f.next++
	prefix, text := listPrefix(line)
	if quote := quotePattern.FindString(line); quote != "" {
		inner, rest := listPrefix(line[len(quote):])
		if strings.Count(quote, ">") > 1 {
			quote = "> " // WhatsApp knows one level
		}
		f.write(quote+inner, rest)
		return
	}
	if strings.TrimSpace(line) == "" {
		f.write("", line)
		return
	}
	lines := []string{text}
	for f.next < len(f.lines) && !startsBlock(f.lines[f.next]) && !f.tableStarts() && !f.underlined() {
		lines = append(lines, f.lines[f.next])
		f.next++
	}
	f.write(prefix, strings.Join(lines, "\n"))
}

func (f *formatter) underlined() bool {
	return f.next+1 < len(f.lines) && underlinePattern.MatchString(f.lines[f.next+1])
}

// listPrefix splits a line into the mark of a list item and its text. A mark
// that WhatsApp shows as it is stays; a star would be read as emphasis, and a
// plus before a digit is a telephone number and no mark.
func listPrefix(line string) (prefix, text string) {
	if m := bulletPattern.FindStringSubmatch(line); m != nil {
		indent, mark, gap, task, rest := m[1], m[2], m[3], m[4], m[5]
		if mark == "+" && (rest[0] >= '0' && rest[0] <= '9' || rest[0] == '(') {
			return "", line
		}
		if mark != "-" {
			mark, gap = "•", " "
		}
		switch strings.TrimSpace(strings.ToLower(task)) {
		case "[x]":
			gap += "☑ "
		case "[ ]":
			gap += "☐ "
		}
		return indent + mark + gap, rest
	}
	if m := numberPattern.FindStringSubmatch(line); m != nil {
		return m[1], m[2]
	}
	return "", line
}

// heading writes a line in bold. Bold inside it is dropped: WhatsApp does not
// nest it. A heading that ends in an address stays plain, since the closing star
// would become part of the address.
func (f *formatter) heading(text string) {
	text = strings.TrimSpace(headingTail.ReplaceAllString(strings.TrimSpace(text), ""))
	text = strings.TrimRight(text, "\r")
	if strings.Trim(text, "#* _") == "" {
		return
	}
	tokens := inline(text, false)
	kept := tokens[:0]
	for _, t := range tokens {
		if (t.kind == tokenOpen || t.kind == tokenClose) && t.text == "*" {
			continue
		}
		kept = append(kept, t)
	}
	if len(kept) == 0 {
		return
	}
	f.line()
	if last := kept[len(kept)-1].kind; last != tokenSolid {
		kept = append(append([]token{{kind: tokenOpen, text: "*"}}, kept...), token{kind: tokenClose, text: "*"})
	}
	f.emit(kept)
}

// rule drops a horizontal rule and leaves one empty line in its place.
func (f *formatter) rule() {
	f.next++
	if !f.begun {
		return
	}
	if !f.blank {
		f.write("", "")
	}
	for f.next < len(f.lines) && strings.TrimSpace(f.lines[f.next]) == "" {
		f.next++
	}
}

// fence writes a code block, without the name of its language, which WhatsApp
// would show. A block that is never closed ends with the text.
func (f *formatter) fence() {
	m := fencePattern.FindStringSubmatch(strings.TrimSuffix(f.lines[f.next], "\r"))
	indent, mark := m[1], m[2]
	var code []string
	for f.next++; f.next < len(f.lines); f.next++ {
		line := f.lines[f.next]
		if closing := strings.TrimSpace(line); len(closing) >= len(mark) && strings.Trim(closing, mark[:1]) == "" {
			f.next++
			break
		}
		for range len(indent) {
			line = strings.TrimPrefix(strings.TrimPrefix(line, " "), "\t")
		}
		code = append(code, strings.ReplaceAll(line, "```", "'''"))
	}
	body := strings.Trim(strings.Join(code, "\n"), "\r\n")
	if strings.TrimSpace(body) == "" {
		return
	}
	f.line()
	start := f.out.Len()
	f.out.WriteString("```\n" + body + "\n```")
	f.span(start, spanFence)
}
