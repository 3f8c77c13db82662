package outside

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// PageText is what a reader of a page sees, without its scripts and its layout: a
// model has room for the words only. It reads tags one after the other and
// builds no tree, so a page nested a million deep costs no more than its bytes.
func PageText(page string) string {
	z := html.NewTokenizer(strings.NewReader(page))
	var out pageWriter
	hidden := 0 // how many elements that nobody sees are open
	for {
		switch z.Next() {
		case html.ErrorToken: // the end: it reads from memory
			return strings.TrimSpace(out.String())
		case html.TextToken:
			if hidden == 0 {
				out.words(string(z.Text()))
			}
		case html.StartTagToken:
			switch tag := tagOf(z); {
			case unseen(tag):
				hidden++
			case tag == atom.Li:
				out.line()
				out.words("- ")
			case tag == atom.Td || tag == atom.Th:
				out.words(" | ")
			case block(tag):
				out.line()
			}
		case html.EndTagToken:
			switch tag := tagOf(z); {
			case unseen(tag):
				hidden = max(hidden-1, 0)
			case block(tag):
				out.line()
			}
		case html.SelfClosingTagToken:
			if block(tagOf(z)) {
				out.line()
			}
		}
	}
}

func tagOf(z *html.Tokenizer) atom.Atom {
	name, _ := z.TagName()
	return atom.Lookup(name)
}

// unseen are elements with a closing tag whose content no reader sees.
func unseen(a atom.Atom) bool {
	switch a {
	case atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Svg, atom.Iframe, atom.Object, atom.Select:
		return true
	}
	return false
}

func block(a atom.Atom) bool {
	switch a {
	case atom.P, atom.Div, atom.Br, atom.Hr, atom.Li, atom.Ul, atom.Ol, atom.Dl, atom.Dt, atom.Dd, atom.Tr, atom.Table,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Section, atom.Article, atom.Header, atom.Footer,
		atom.Nav, atom.Main, atom.Aside, atom.Blockquote, atom.Pre, atom.Title, atom.Form, atom.Figcaption, atom.Option:
		return true
	}
	return false
}

// pageWriter writes words with single spaces between them, and lines without
// empty ones.
type pageWriter struct {
	strings.Builder
	space, fresh bool // a space is due; a line was begun
}

func (w *pageWriter) words(s string) {
	for _, r := range s {
		switch r {
		case ' ', '\t', '\n', '\r', '\f', '\u00a0':
			w.space = true
			continue
		}
		if w.space && w.fresh {
			w.WriteByte(' ')
		}
		w.WriteRune(r)
		w.space, w.fresh = false, true
	}
}

func (w *pageWriter) line() {
	if w.fresh {
		w.WriteByte('\n')
	}
	w.fresh, w.space = false, false
}
