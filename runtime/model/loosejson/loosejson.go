// Package loosejson reads JSON as small models write it. It knows nothing of what
// the values are for: plans, answers and the arguments of tools are read alike.
package loosejson

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxDepth bounds brackets inside each other.
const MaxDepth = 60

// Value reads the object or list that begins at text[0]: single, curly or escaped
// quotes, no quotes at all, Python's words, commas too many or missing, comments,
// line ends inside a text, doubled braces, the last brackets missing. end is where
// it stops. What is no value of keys or items at all gives ok = false. It takes
// time in proportion to the text's length, which the caller bounds.
func Value(text string) (value any, end int, ok bool) {
	if text == "" || text[0] != '{' && text[0] != '[' {
		return nil, 0, false
	}
	p := &loose{text: text}
	value, ok = p.value(0, inMember)
	return value, p.at, ok
}

// loose reads a text once, from the front.
type loose struct {
	text string
	at   int
}

func (p *loose) rest() string { return p.text[p.at:] }

func (p *loose) done() bool { return p.at >= len(p.text) }

// cut says that the value ends here though nothing closed it: the text is at its
// end, or what follows is the fence or the mark around the call.
func (p *loose) cut() bool {
	return p.done() || strings.HasPrefix(p.rest(), "```") || strings.HasPrefix(p.rest(), "</") || strings.HasPrefix(p.rest(), "<|")
}

// separator says whether what is between two values stands here.
func (p *loose) separator() bool { return p.text[p.at] == ',' || p.text[p.at] == ';' }

// space steps over white space, also where it is written as \n, and comments.
func (p *loose) space() {
	for !p.done() {
		r := p.rest()
		first, size := utf8.DecodeRuneInString(r)
		switch {
		case unicode.IsSpace(first):
			p.at += size
		case strings.HasPrefix(r, `\n`), strings.HasPrefix(r, `\t`), strings.HasPrefix(r, `\r`):
			p.at += 2
		case strings.HasPrefix(r, "//"), r[0] == '#':
			line := strings.IndexByte(r, '\n')
			if line < 0 {
				line = len(r)
			}
			p.at += line
		case strings.HasPrefix(r, "/*"):
			end := strings.Index(r, "*/")
			if end < 0 {
				end = len(r) - 2
			}
			p.at += end + 2
		default:
			return
		}
	}
}

func (p *loose) value(depth int, at place) (any, bool) {
	p.space()
	if p.cut() || depth > MaxDepth {
		return nil, false
	}
	switch r := p.rest(); {
	case r[0] == '{':
		return p.object(depth)
	case r[0] == '[':
		return p.list(depth)
	case p.quote() != "":
		return p.quoted(at), true
	default:
		return p.word(), true
	}
}

// object reads to the closing brace, or to where nothing follows any more.
func (p *loose) object(depth int) (map[string]any, bool) {
	p.at++
	object := map[string]any{}
	for {
		p.space()
		switch {
		case p.cut():
			return object, len(object) > 0
		case p.text[p.at] == '}':
			p.at++
			return object, true
		case p.separator():
			p.at++
		case p.text[p.at] == '{' && len(object) == 0: // {{"a": 1}}, from a template
			inner, ok := p.object(depth + 1)
			p.space()
			if ok && !p.done() && p.text[p.at] == '}' {
				p.at++
			}
			return inner, ok && depth < MaxDepth
		default:
			key, ok := p.key()
			if !ok {
				return nil, false
			}
			v, ok := p.value(depth+1, inMember)
			if !ok {
				return object, p.cut() && (len(object) > 0 || depth > 0) // cut off behind the colon
			}
			object[key] = v
		}
	}
}

func (p *loose) list(depth int) ([]any, bool) {
	p.at++
	items := []any{}
	for {
		p.space()
		switch {
		case p.cut():
			return items, len(items) > 0
		case p.text[p.at] == ']':
			p.at++
			return items, true
		case p.separator():
			p.at++
		case strings.IndexByte("}):=", p.text[p.at]) >= 0:
			return nil, false
		default:
			bare := p.quote() == ""
			v, ok := p.value(depth+1, inList)
			if !ok {
				return items, p.cut() && len(items) > 0
			}
			if word, is := v.(string); bare && is && strings.Contains(word, ": ") {
				return nil, false // [see: above], a note in brackets
			}
			items = append(items, v)
		}
	}
}

// key reads a key and its colon (or Ruby's =>).
func (p *loose) key() (string, bool) {
	var key string
	if p.quote() != "" {
		key = p.quoted(inKey)
	} else {
		from := p.at
		for !p.done() && inName(p.text[p.at]) {
			p.at++
		}
		key = p.text[from:p.at]
	}
	p.space()
	switch {
	case key == "" || p.done():
		return "", false
	case strings.HasPrefix(p.rest(), "=>"):
		p.at += 2
	case p.text[p.at] == ':' || p.text[p.at] == '=':
		p.at++
	default:
		return "", false
	}
	return key, true
}

// inName says whether a key without quotes can hold the byte.
func inName(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("_-$.", c) >= 0
}

// word reads what has no quotes: a number, a word of JSON or Python, or text up
// to the next comma, bracket or line end.
func (p *loose) word() any {
	r := p.rest()
	n := strings.IndexAny(r, ",}]\n")
	if n < 0 {
		n = len(r)
	}
	if fence := strings.Index(r[:n], "```"); fence >= 0 {
		n = fence
	}
	for i := 1; i < n; i++ { // 2 "day": the comma is missing
		if strings.IndexByte(`"'\\`, r[i]) >= 0 && r[i-1] == ' ' && nextIsKey(r[i:]) {
			n = i
		}
	}
	if n == 0 { // nothing at all: {"a": , …}
		return nil
	}
	p.at += n
	return Literal(strings.TrimSpace(r[:n]))
}

// Literal reads one value as JSON, as Python or as other languages write it; what
// is no value of theirs is a text.
func Literal(s string) any {
	var v any
	if json.Unmarshal([]byte(s), &v) == nil {
		return v
	}
	switch s {
	case "True", "TRUE":
		return true
	case "False", "FALSE":
		return false
	case "None", "Null", "NULL", "nil", "undefined":
		return nil
	}
	if len(s) >= 2 && s[0] == '\'' && s[len(s)-1] == '\'' {
		return strings.ReplaceAll(s[1:len(s)-1], `\'`, `'`)
	}
	if value, end, ok := Value(s); ok && end == len(s) {
		return value
	}
	return s
}
