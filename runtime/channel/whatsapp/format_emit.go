package whatsapp

import "strings"

// emitter writes the tokens of one paragraph, item or cell.
type emitter struct {
	f     *formatter
	open  []openMark
	links []int // where the links that are not ended began
}

type openMark struct {
	mark   string
	at     int
	silent bool // bold inside bold: WhatsApp does not nest a mark in itself
}

func (f *formatter) emit(tokens []token) {
	e := emitter{f: f}
	for _, t := range tokens {
		switch t.kind {
		case tokenOpen:
			e.begin(t.text)
		case tokenClose:
			e.end()
		case tokenLink:
			e.links = append(e.links, f.out.Len())
		case tokenLinkEnd:
			f.span(e.links[len(e.links)-1], spanSolid)
			e.links = e.links[:len(e.links)-1]
		case tokenSolid:
			start := f.out.Len()
			f.out.WriteString(t.text)
			f.span(start, spanSolid)
		default:
			e.text(t.text)
		}
	}
}

func (e *emitter) begin(mark string) {
	m := openMark{mark: mark, at: e.f.out.Len()}
	for _, outer := range e.open {
		m.silent = m.silent || outer.mark == mark
	}
	if !m.silent {
		e.f.out.WriteString(mark)
	}
	e.open = append(e.open, m)
}

func (e *emitter) end() {
	last := e.open[len(e.open)-1]
	e.open = e.open[:len(e.open)-1]
	if !last.silent {
		e.f.out.WriteString(last.mark)
		e.f.span(last.at, spanSoft)
	}
}

// text writes words. WhatsApp ends every emphasis with the line, so one that
// goes on is closed there and opened again.
func (e *emitter) text(text string) {
	out := &e.f.out
	for len(e.open) > 0 {
		line, rest, more := strings.Cut(text, "\n")
		if !more {
			break
		}
		out.WriteString(strings.TrimRight(line, " \t\r"))
		again := e.open
		for range again {
			e.end()
		}
		e.open = nil
		out.WriteString("\n")
		text = strings.TrimLeft(rest, " \t\r\n")
		for _, m := range again {
			e.begin(m.mark)
		}
	}
	out.WriteString(text)
}
