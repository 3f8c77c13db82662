package whatsapp

import (
	"regexp"
	"strings"
	"unicode"

	"astromesh/runtime/channel"
)

// Format turns the Markdown that models write into WhatsApp's own formatting
// and splits it into messages of at most 4,096 characters, counted as UTF-16
// units, which is never less than the number of characters. It returns nothing
// for a text in which there is nothing to see. A text without Markdown comes out as it went in,
// less the white space around it.
//
// It is a scanner of our own and not a Markdown library: a library rebuilds the
// text from its tree, and so changes texts that are no Markdown ("5*3*2",
// __init__, a line that begins with a price), which is most of what customers
// get to read.
func Format(markdown string) []string {
	text := strings.TrimSpace(clean(markdown))
	if text == "" {
		return nil
	}
	f := &formatter{lines: strings.Split(htmlToMarkdown(text), "\n")}
	f.blocks()
	body, spans := f.result()
	if !channel.Visible(body) { // "&zwj;" has become a sign without width
		return nil
	}
	return split(body, spans)
}

// clean removes what has no place in a message: broken UTF-8 and control
// characters, with the colours of a terminal that they spell.
func clean(s string) string {
	s = terminalColour.ReplaceAllString(strings.ToValidUTF8(s, "\uFFFD"), "")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			return -1
		}
		return r
	}, s)
}

var terminalColour = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// spanKind says how firmly a stretch of the output holds together.
type spanKind int

const (
	spanSoft  spanKind = iota // emphasis: cut only if there is no other place
	spanFence                 // code block: may be cut between lines, closed and reopened
	spanSolid                 // link or code span: cut only if longer than a message
)

// span is a stretch of the output, in bytes.
type span struct {
	start, end int
	kind       spanKind
}

// formatter walks over the lines and writes the output.
type formatter struct {
	lines []string
	next  int // the line to read

	out   strings.Builder
	begun bool // a line was written
	blank bool // the last line written was empty
	spans []span
}

// result is the output without surrounding white space.
func (f *formatter) result() (string, []span) {
	body := f.out.String()
	trimmed := strings.TrimLeft(body, " \t\r\n")
	shift := len(body) - len(trimmed)
	for i := range f.spans {
		f.spans[i].start -= shift
		f.spans[i].end -= shift
	}
	return strings.TrimSpace(trimmed), f.spans
}

// line begins a line of output.
func (f *formatter) line() {
	if f.begun {
		f.out.WriteByte('\n')
	}
	f.begun, f.blank = true, false
}

// write puts one line: a prefix as it is, and a text with inline formatting.
func (f *formatter) write(prefix, text string) {
	f.line()
	f.out.WriteString(prefix)
	f.emit(inline(text, false))
	f.blank = prefix == "" && strings.TrimSpace(text) == ""
}

func (f *formatter) span(start int, kind spanKind) {
	if end := f.out.Len(); end > start {
		f.spans = append(f.spans, span{start, end, kind})
	}
}
