package loosejson

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// quote is the mark that opens a text here, "" if none does.
func (p *loose) quote() string {
	for _, mark := range [...]string{`\"`, `\'`, `"`, "'", "“", "”", "„", "‘", "’", "`"} {
		if strings.HasPrefix(p.rest(), mark) {
			return mark
		}
	}
	return ""
}

// place is where a text stands: what can follow it differs.
type place int

const (
	inKey place = iota
	inMember
	inList
)

// quoted reads a text in quotes. A quote ends it where what follows can follow a
// text; any other belongs to it: 'it's fine'.
func (p *loose) quoted(at place) string {
	open := p.quote()
	p.at += len(open)
	var b strings.Builder
	for !p.done() {
		r := p.rest()
		if mark := p.quote(); mark != "" && matches(open, mark) && p.closes(r[len(mark):], at) {
			p.at += len(mark)
			break
		}
		if r[0] == '\\' && len(r) > 1 {
			p.at += escape(&b, r)
			continue
		}
		_, size := utf8.DecodeRuneInString(r)
		b.WriteString(r[:size])
		p.at += size
	}
	return b.String()
}

// matches says whether a mark can close what another opened.
func matches(open, mark string) bool {
	plain := func(s string) byte {
		switch strings.TrimPrefix(s, `\`) {
		case `"`, "“", "”", "„":
			return '"'
		case "'", "‘", "’":
			return '\''
		default:
			return '`'
		}
	}
	if strings.HasPrefix(mark, `\`) && !strings.HasPrefix(open, `\`) {
		return false // escaped: it belongs to the text
	}
	return plain(open) == plain(mark)
}

// quoteLook is how far behind a quote is looked for what follows it, in bytes: a
// text of nothing but quotes must not cost its length squared.
const quoteLook = 80

// closes looks at what follows a quote.
func (p *loose) closes(after string, at place) bool {
	near := after[:min(len(after), quoteLook)]
	after = strings.TrimLeft(near, " \t\r\n")
	apart := len(after) < len(near)
	for _, written := range [...]string{`\n`, `\t`, `\r`} {
		after = strings.TrimLeft(strings.TrimPrefix(after, written), " \t\r\n")
	}
	if after == "" || strings.HasPrefix(after, "```") || strings.HasPrefix(after, "</") || strings.HasPrefix(after, "<|") {
		return true
	}
	if at == inKey {
		return after[0] == ':' || after[0] == '='
	}
	missing := strings.IndexByte(`"'\`, after[0]) >= 0 && (at == inList && apart || nextIsKey(after)) // the comma is
	return missing || strings.IndexByte(",;}])", after[0]) >= 0 || strings.HasPrefix(after, "//") || after[0] == '#'
}

// nextIsKey says whether a quoted key with its colon stands here.
func nextIsKey(s string) bool {
	s = strings.TrimPrefix(s, `\`)
	if s == "" {
		return false
	}
	name, rest, ok := strings.Cut(s[1:min(len(s), quoteLook)], s[:1])
	if !ok || name == "" || strings.ContainsAny(name, "\n{}[],") {
		return false
	}
	return strings.HasPrefix(strings.TrimLeft(rest, " \t"), ":")
}

// escape writes what a backslash stands for and gives how long it was.
func escape(b *strings.Builder, r string) int {
	switch r[1] {
	case 'n':
		b.WriteByte('\n')
	case 't':
		b.WriteByte('\t')
	case 'r', 'b', 'f':
	case 'u':
		var s string
		if len(r) >= 6 && json.Unmarshal([]byte(`"`+r[:6]+`"`), &s) == nil {
			b.WriteString(s)
			return 6
		}
	default:
		_, size := utf8.DecodeRuneInString(r[1:])
		b.WriteString(r[1 : 1+size])
		return 1 + size
	}
	return 2
}
