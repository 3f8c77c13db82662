package whatsapp

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLookBack bounds the search for the begin of an emphasis, so that a text of
// nothing but stars takes no quadratic time.
const maxLookBack = 64

var dunderPattern = regexp.MustCompile(`^__([A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*)__`)

// delimiter reads a run of *, _ or ~ and judges by its neighbours whether it may
// open or close an emphasis. The rules are narrower than Markdown's, because
// WhatsApp's are: marks inside words and between digits are text (5*3*2,
// snake_case).
func (sc *scanner) delimiter(rest string) bool {
	mark := rest[0]
	run := 1
	for run < len(rest) && rest[run] == mark {
		run++
	}
	before, _ := utf8.DecodeLastRuneInString(sc.s[:sc.i])
	if sc.i == 0 {
		before = ' '
	}
	after := ' '
	if run < len(rest) {
		after, _ = utf8.DecodeRuneInString(rest[run:])
	}
	if name := dunderPattern.FindString(rest); mark == '_' && name != "" && isDunder(name, before, rest[len(name):]) {
		sc.plain.WriteString(name)
		sc.i += len(name)
		return true
	}
	if run > 3 || mark == '~' && run != 2 {
		sc.plain.WriteString(rest[:run])
		sc.i += run
		return true
	}
	t := token{kind: tokenDelim, text: rest[:run]}
	t.opens = !unicode.IsSpace(after) && !isWord(before)
	t.closes = !unicode.IsSpace(before) && !isWord(after)
	if mark == '*' && run > 1 {
		// Bold is asked for inside words too, but never by a digit: 2**3.
		t.opens = t.opens || !unicode.IsSpace(after) && !unicode.IsDigit(before) && !unicode.IsDigit(after) && before > 0x7f
		t.closes = t.closes || !unicode.IsSpace(before) && unicode.IsLetter(after) && before != ')'
	}
	return sc.add(run, t)
}

// isDunder tells Python's __names__ from bold: by the name, or by what stands
// around it.
func isDunder(name string, before rune, rest string) bool {
	if strings.HasPrefix(rest, "_") || strings.ContainsRune("./\\@$", before) || isWord(before) || strings.HasPrefix(rest, "(") {
		return true
	}
	if len(rest) > 1 && rest[0] == '.' && isWord(rune(rest[1])) {
		return true
	}
	switch strings.Trim(name, "_") {
	case "init", "main", "name", "str", "repr", "call", "len", "getitem", "setitem", "delitem",
		"enter", "exit", "file", "doc", "dict", "class", "all", "new", "del", "eq", "ne", "lt", "gt",
		"le", "ge", "hash", "iter", "next", "version", "author", "slots", "module", "bool", "add",
		"sub", "mul", "contains", "getattr", "setattr", "getattribute", "builtins", "import",
		"future", "pycache", "package", "path", "annotations", "init_subclass", "post_init",
		"aenter", "aexit", "aiter", "anext", "await", "format", "missing", "typename", "proto",
		"dirname", "filename", "FILE", "LINE", "DIR", "func", "attribute":
		return true
	}
	return false
}

// isWord reports whether a rune belongs to a word as far as marks are concerned.
// Scripts that write without blanks do not count: there a mark between two
// letters is the ordinary case.
func isWord(r rune) bool {
	if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
		return false
	}
	return r < 0x0e00 || !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// matchEmphasis pairs the runs and turns them into WhatsApp's marks; runs
// without a partner are text.
func matchEmphasis(tokens []token) []token {
	marks := make(map[int]*pairing)
	var stack []int
	for i := range tokens {
		t := &tokens[i]
		if t.kind != tokenDelim {
			continue
		}
		if t.closes {
			stack = closeRun(tokens, stack, i, marks)
		}
		if t.opens && len(t.text) > 0 {
			stack = append(stack, i)
		}
	}
	if len(marks) == 0 {
		return tokens
	}
	var out []token
	for i, t := range tokens {
		m := marks[i]
		if m == nil {
			out = append(out, t)
			continue
		}
		for _, mark := range m.closes {
			out = append(out, token{kind: tokenClose, text: mark})
		}
		if t.text != "" {
			out = append(out, token{kind: tokenText, text: t.text})
		}
		for j := len(m.opens) - 1; j >= 0; j-- {
			out = append(out, token{kind: tokenOpen, text: m.opens[j]})
		}
	}
	return out
}

// pairing is what became of one run: the emphases it closes, inner first, and
// those that it opens, inner first.
type pairing struct{ closes, opens []string }

// closeRun lets the run at i close what it can, and returns the stack of runs
// that are still open.
func closeRun(tokens []token, stack []int, i int, marks map[int]*pairing) []int {
	closer := &tokens[i]
	lowest := max(0, len(stack)-maxLookBack)
	for at := len(stack) - 1; at >= lowest && closer.text != ""; {
		opener := &tokens[stack[at]]
		if !pairs(opener.text, closer.text) || !hasContent(tokens[stack[at]+1:i]) {
			at--
			continue
		}
		used := min(len(opener.text), len(closer.text))
		list := whatsAppMarks(closer.text[:used])
		if solidBefore(tokens, i) {
			list = nil // a mark right behind an address would become part of it
		}
		for _, index := range []int{stack[at], i} {
			if marks[index] == nil {
				marks[index] = &pairing{}
			}
		}
		marks[stack[at]].opens = append(marks[stack[at]].opens, list...)
		marks[i].closes = append(marks[i].closes, list...)
		opener.text, closer.text = opener.text[used:], closer.text[used:]
		stack = stack[:at+1]
		if opener.text == "" {
			stack = stack[:at]
		}
		at = len(stack) - 1
		lowest = max(0, len(stack)-maxLookBack)
	}
	return stack
}

// pairs reports whether two runs belong together: the same mark as often, or a
// run of three that serves bold and italic one after the other.
func pairs(opener, closer string) bool {
	return opener != "" && opener[0] == closer[0] &&
		(len(opener) == len(closer) || len(opener) == 3 || len(closer) == 3)
}

// whatsAppMarks translates a run, inner mark first.
func whatsAppMarks(run string) []string {
	switch {
	case run[0] == '~':
		return []string{"~"}
	case len(run) == 1:
		return []string{"_"}
	case len(run) == 2:
		return []string{"*"}
	}
	return []string{"_", "*"}
}

// hasContent keeps faces such as *_* from becoming an emphasis of nothing.
func hasContent(tokens []token) bool {
	for _, t := range tokens {
		if t.kind == tokenSolid {
			return true
		}
		if t.kind == tokenText && strings.IndexFunc(t.text, func(r rune) bool {
			return r > 0x7f || unicode.IsLetter(r) || unicode.IsDigit(r)
		}) >= 0 {
			return true
		}
	}
	return false
}

// solidBefore reports whether a web address ends right before the run at i.
func solidBefore(tokens []token, i int) bool {
	for i--; i >= 0 && tokens[i].kind == tokenDelim && tokens[i].text == ""; i-- {
	}
	return i >= 0 && tokens[i].kind == tokenSolid && addressLength(tokens[i].text) > 0
}
