package web

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"astromesh/web/view"
)

// spansOf reads WhatsApp's marks as its telephones do: *bold*, _italic_,
// ~struck~, `code` and ```code```. A mark opens after a space or sign and before
// a letter, and closes the other way round, within one line; what is no mark
// stays as written. The spans' texts together are the text without its marks.
func spansOf(text string) []view.PhoneSpan {
	r := spanReader{}
	r.read(text, view.PhoneSpan{}, 0)
	return r.spans
}

// maxMarks bounds marks inside marks: there are three styles that nest.
const maxMarks = 3

type spanReader struct{ spans []view.PhoneSpan }

func (r *spanReader) add(text string, style view.PhoneSpan) {
	if text == "" {
		return
	}
	style.Text = text
	r.spans = append(r.spans, style)
}

func (r *spanReader) read(text string, style view.PhoneSpan, depth int) {
	plain := 0 // where the text not yet added begins
	before := ' '
	for i := 0; i < len(text); {
		mark, end := markAt(text, i, before)
		if end < 0 || depth > maxMarks {
			c, n := utf8.DecodeRuneInString(text[i:])
			before, i = c, i+n
			continue
		}
		r.add(text[plain:i], style)
		inner := text[i+len(mark) : end]
		switch inside := style; mark[0] {
		case '`':
			inside.Code = true
			r.add(inner, inside) // marks in code are code
		case '*':
			inside.Bold = true
			r.read(inner, inside, depth+1)
		case '_':
			inside.Italic = true
			r.read(inner, inside, depth+1)
		default:
			inside.Struck = true
			r.read(inner, inside, depth+1)
		}
		i = end + len(mark)
		plain, before = i, rune(mark[0])
	}
	r.add(text[plain:], style)
}

// markAt finds the mark that opens at i and where it closes; end is -1 if none
// does.
func markAt(text string, i int, before rune) (mark string, end int) {
	switch c := text[i]; {
	case strings.HasPrefix(text[i:], "```"):
		mark = "```"
	case c == '*' || c == '_' || c == '~' || c == '`':
		mark = string(c)
	default:
		return "", -1
	}
	rest := text[i+len(mark):]
	if len(mark) == 3 {
		if n := strings.Index(rest, mark); n > 0 {
			return mark, i + 3 + n
		}
		return "", -1
	}
	if first, _ := utf8.DecodeRuneInString(rest); isWordRune(before) || rest == "" || unicode.IsSpace(first) || first == rune(mark[0]) {
		return "", -1
	}
	for n, last := 0, ' '; n < len(rest); {
		c, size := utf8.DecodeRuneInString(rest[n:])
		next, _ := utf8.DecodeRuneInString(rest[n+size:])
		switch {
		case c == '\n':
			return "", -1
		case c == rune(mark[0]) && !unicode.IsSpace(last) && !isWordRune(next):
			return mark, i + 1 + n
		}
		last, n = c, n+size
	}
	return "", -1
}

func isWordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}
