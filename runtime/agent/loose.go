package agent

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxLoose      = 64 << 10 // bytes of a reply that are looked at
	maxLooseDepth = 30       // values within values
	maxLooseTries = 200      // brackets that are tried as the beginning of a value
)

// errNoJSON is told to a model that answered in words.
var errNoJSON = errors.New("there is no JSON in it")

// looseJSON gives the objects and lists of a reply, in its order, as small
// models write JSON: with words or a fence around it, single or curly quotes or
// none around names, commas too many or missing, comments, the last brackets
// missing, True and None of Python. What a model thought before is left out.
func looseJSON(reply string) ([]any, error) {
	text := clip(strings.ToValidUTF8(reply, ""), maxLoose)
	if end := strings.LastIndex(text, "</think>"); end >= 0 {
		text = text[end+len("</think>"):]
	}
	var values []any
	for i, tries := 0, 0; i < len(text) && tries < maxLooseTries; i++ {
		if text[i] != '{' && text[i] != '[' {
			continue
		}
		tries++
		value, end := looseAt(text, i)
		if end <= i {
			continue
		}
		values = append(values, value)
		i = end - 1
	}
	if len(values) == 0 {
		return nil, errNoJSON
	}
	return values, nil
}

// looseAt reads the object or list at i and gives where it ends; i or less
// where there is none.
func looseAt(text string, i int) (value any, end int) {
	dec := json.NewDecoder(strings.NewReader(text[i:]))
	if dec.Decode(&value) == nil {
		return value, i + int(dec.InputOffset())
	}
	l := &loose{text: text, at: i}
	value, ok := l.value(0)
	if !ok {
		return nil, 0
	}
	return value, l.at
}

// loose reads one value of what is nearly JSON.
type loose struct {
	text string
	at   int
}

func (l *loose) value(depth int) (any, bool) {
	l.space()
	if depth > maxLooseDepth || l.at >= len(l.text) {
		return nil, false
	}
	switch c := l.text[l.at]; {
	case c == '{':
		return l.object(depth)
	case c == '[':
		return l.list(depth)
	case l.quote() != "":
		return l.quoted(), true
	default:
		return l.bare(), true
	}
}

// object reads members until its bracket, or the end of the text.
func (l *loose) object(depth int) (any, bool) {
	object := map[string]any{}
	for l.at++; l.more('}'); {
		name := ""
		if l.quote() != "" {
			name = l.quoted()
		} else if word, ok := l.bare().(string); ok {
			name = word
		}
		l.space()
		if name == "" || l.at >= len(l.text) || l.text[l.at] != ':' && l.text[l.at] != '=' {
			return object, len(object) > 0 && l.at >= len(l.text)
		}
		l.at++
		value, ok := l.value(depth + 1)
		if !ok {
			return object, len(object) > 0
		}
		object[name] = value
	}
	return object, len(object) > 0 || l.text[l.at-1] == '}'
}

// list reads entries until its bracket, or the end of the text.
func (l *loose) list(depth int) (any, bool) {
	list := []any{}
	for l.at++; l.more(']'); {
		before := l.at
		value, ok := l.value(depth + 1)
		if !ok || l.at == before {
			return list, false
		}
		list = append(list, value)
	}
	return list, len(list) > 0 || l.text[l.at-1] == ']'
}

// more goes to the next member; false at the bracket, behind which it goes, and
// at the end of the text: a model that ran out of tokens closes nothing.
func (l *loose) more(bracket byte) bool {
	for l.space(); l.at < len(l.text) && (l.text[l.at] == ',' || l.text[l.at] == ';'); l.space() {
		l.at++
	}
	switch {
	case l.at >= len(l.text):
		return false
	case l.text[l.at] == bracket:
		l.at++
		return false
	case strings.HasPrefix(l.text[l.at:], "```"): // the fence ended before the value did
		l.at = len(l.text)
		return false
	}
	return true
}

// space skips white space and comments.
func (l *loose) space() {
	for l.at < len(l.text) {
		rest := l.text[l.at:]
		r, size := utf8.DecodeRuneInString(rest)
		switch {
		case unicode.IsSpace(r):
			l.at += size
		case strings.HasPrefix(rest, "//"):
			l.at += len(rest[:lineEnd(rest)])
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				l.at = len(l.text)
				return
			}
			l.at += end + 4
		default:
			return
		}
	}
}

func lineEnd(s string) int {
	if end := strings.IndexByte(s, '\n'); end >= 0 {
		return end
	}
	return len(s)
}

// quote is the quotation mark at hand, "" if there is none.
func (l *loose) quote() string {
	for _, q := range [...]string{`"`, "'", "`", "“", "”", "„", "‘", "’"} {
		if strings.HasPrefix(l.text[l.at:], q) {
			return q
		}
	}
	return ""
}

// quoted reads a text up to its quotation mark. A mark of the same kind within a
// word, as in 'it's', is part of the text.
func (l *loose) quoted() string {
	open := l.quote()
	l.at += len(open)
	closing := map[string]string{"“": "”„“", "„": "“”", "‘": "’", "’": "’", "”": "”"}[open]
	if closing == "" {
		closing = open
	}
	var b strings.Builder
	for l.at < len(l.text) {
		r, size := utf8.DecodeRuneInString(l.text[l.at:])
		l.at += size
		switch {
		case r == '\\':
			l.escaped(&b)
		case strings.ContainsRune(closing, r) && !l.inWord(r):
			return b.String()
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// inWord says whether the mark just read stands between letters.
func (l *loose) inWord(mark rune) bool {
	if mark == '"' || l.at >= len(l.text) {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(l.text[:l.at-utf8.RuneLen(mark)])
	after, _ := utf8.DecodeRuneInString(l.text[l.at:])
	return unicode.IsLetter(before) && unicode.IsLetter(after)
}

// escaped reads what follows a backslash.
func (l *loose) escaped(b *strings.Builder) {
	if l.at >= len(l.text) {
		return
	}
	r, size := utf8.DecodeRuneInString(l.text[l.at:])
	l.at += size
	switch r {
	case 'n':
		b.WriteByte('\n')
	case 't':
		b.WriteByte('\t')
	case 'r', 'b', 'f':
	case 'u':
		if code, err := strconv.ParseUint(clip(l.text[l.at:], 4), 16, 32); err == nil && len(l.text)-l.at >= 4 {
			l.at += 4
			b.WriteRune(rune(code))
		}
	default:
		b.WriteRune(r)
	}
}

// bare reads a word without quotation marks: a number, true, a name, or a text
// whose marks were forgotten.
func (l *loose) bare() any {
	start := l.at
	for l.at < len(l.text) && !strings.ContainsRune(",;:={}[]\n", rune(l.text[l.at])) {
		l.at++
	}
	word := strings.TrimSpace(l.text[start:l.at])
	switch strings.ToLower(word) {
	case "true":
		return true
	case "false":
		return false
	case "null", "none", "nil", "undefined":
		return nil
	}
	if number, err := strconv.ParseFloat(word, 64); err == nil && !math.IsNaN(number) && !math.IsInf(number, 0) {
		return number
	}
	return word
}
