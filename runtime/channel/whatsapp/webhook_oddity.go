package whatsapp

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"astromesh/runtime/channel"
)

// maxOddities bounds what a hostile body can make us keep: 3 MB of broken
// elements would otherwise become a million records.
const maxOddities = 200

// place is where in the body something stands. It becomes text only when an
// oddity is written, so the ordinary path pays nothing for it.
type place struct {
	depth         int // 0 body, 1 entry, 2 change, 3 its value
	entry, change int
	list          string // "messages": a member at that depth
	index         int
	inList        bool
	field         string // a member of the element
}

func (at place) in(list string, index int) place {
	at.depth, at.list, at.index, at.inList = 3, list, index, true
	return at
}

func (at place) member(name string) place {
	at.field = logName(name)
	return at
}

func (at place) String() string {
	var b strings.Builder
	if at.depth > 0 {
		fmt.Fprintf(&b, "entry[%d]", at.entry)
	}
	if at.depth > 1 {
		fmt.Fprintf(&b, ".changes[%d]", at.change)
	}
	if at.depth > 2 {
		b.WriteString(".value")
	}
	for _, name := range []string{at.list, at.field} {
		if name == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(name)
		if name == at.list && at.inList {
			b.WriteString("[" + strconv.Itoa(at.index) + "]")
		}
	}
	return b.String()
}

// odd records something that is not acted on. what holds no customer text and
// no phone number: oddities are logged.
func (p *parser) odd(at place, what string) {
	if len(p.batch.Oddities) >= maxOddities {
		p.dropped++
		return
	}
	p.batch.Oddities = append(p.batch.Oddities, channel.Oddity{Path: at.String(), What: what})
}

// unknownName records a name that this program does not know, once per body:
// Meta adds fields to every message of a release, and one note of it is enough.
func (p *parser) unknownName(at place, kind, name string) {
	key := kind + " " + name
	if p.names[key] || len(p.names) >= maxOddities {
		return
	}
	if p.names == nil {
		p.names = map[string]bool{}
	}
	p.names[key] = true
	p.odd(at, "unknown "+kind+" "+nameOf(name))
}

func (p *parser) finishOddities() {
	if p.dropped == 0 {
		return
	}
	p.batch.Oddities = append(slices.Clip(p.batch.Oddities), channel.Oddity{
		What: fmt.Sprintf("%d more oddities in this body", p.dropped),
	})
}

// nameOf quotes a name from the wire for the log.
func nameOf(name string) string { return `"` + logName(name) + `"` }

// logName makes a name from the wire safe to log: plain ASCII on one line, at
// most 64 characters, and without long runs of digits, which could be a phone
// number.
func logName(name string) string {
	const most = 64
	if len(name) > most {
		name = cutRunes(name, most)
	}
	if strings.ContainsAny(name, "0123456789") {
		name = phonePattern.ReplaceAllString(name, "#")
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', strings.ContainsRune("_-. :/@#…", r):
			return r
		}
		return '?'
	}, name)
}
