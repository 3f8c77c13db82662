package whatsapp

import (
	"html"
	"regexp"
	"strings"
	"unicode/utf8"
)

type tokenKind int

const (
	tokenText  tokenKind = iota
	tokenSolid           // must not be split: an address or a code span
	tokenOpen            // begin of an emphasis; text is WhatsApp's mark
	tokenClose
	tokenLink    // begin of "words (address)", which holds together
	tokenLinkEnd // its end
	tokenDelim   // a run of marks that is not yet matched
)

// token is a piece of a line on its way from Markdown to WhatsApp.
type token struct {
	kind   tokenKind
	text   string
	opens  bool // tokenDelim only
	closes bool
}

const escapable = "*_~`#[]()|>!+-.{}"

var entityPattern = regexp.MustCompile(`^&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});`)

// scanner reads one paragraph, item or cell.
type scanner struct {
	s      string
	i      int
	inLink bool
	tokens []token
	plain  strings.Builder
}

// inline reads a text and returns tokens without open questions. Inside a link
// there are no links; addresses there would be shown twice.
func inline(text string, inLink bool) []token {
	sc := &scanner{s: text, inLink: inLink}
	for sc.i < len(sc.s) {
		if !sc.special() {
			_, size := utf8.DecodeRuneInString(sc.s[sc.i:])
			sc.plain.WriteString(sc.s[sc.i : sc.i+size])
			sc.i += size
		}
	}
	sc.flush()
	return matchEmphasis(sc.tokens)
}

func (sc *scanner) flush() {
	if sc.plain.Len() > 0 {
		sc.tokens = append(sc.tokens, token{kind: tokenText, text: sc.plain.String()})
		sc.plain.Reset()
	}
}

func (sc *scanner) add(size int, tokens ...token) bool {
	sc.flush()
	sc.tokens = append(sc.tokens, tokens...)
	sc.i += size
	return true
}

// special reads what is not plain text at the present place, if anything is.
func (sc *scanner) special() bool {
	rest := sc.s[sc.i:]
	switch rest[0] {
	case '\\':
		if len(rest) > 1 && strings.IndexByte(escapable, rest[1]) >= 0 {
			sc.plain.WriteByte(rest[1])
			sc.i += 2
			return true
		}
	case '`':
		return sc.code(rest)
	case '*', '_', '~':
		return sc.delimiter(rest)
	case '&':
		if entity := entityPattern.FindString(rest); entity != "" {
			if decoded := html.UnescapeString(entity); decoded != entity {
				decoded = strings.ReplaceAll(clean(decoded), "\u00a0", " ")
				sc.plain.WriteString(decoded)
				sc.i += len(entity)
				return true
			}
		}
	case '<':
		if address, size := angledAddress(rest); size > 0 {
			return sc.add(size, token{kind: tokenSolid, text: address})
		}
	case '!':
		if strings.HasPrefix(rest, "![") {
			return sc.link(rest[1:], 1)
		}
	case '[':
		return sc.link(rest, 0)
	case 'h', 'H', 'w', 'W':
		before, _ := utf8.DecodeLastRuneInString(sc.s[:sc.i])
		if size := addressLength(rest); size > 0 && !isWord(before) {
			return sc.add(size, token{kind: tokenSolid, text: rest[:size]})
		}
	}
	return false
}

// code reads a code span. WhatsApp marks one with a single backtick, and a text
// that itself holds a backtick with three.
func (sc *scanner) code(rest string) bool {
	run := len(rest) - len(strings.TrimLeft(rest, "`"))
	mark := rest[:run]
	for from := run; ; {
		at := strings.Index(rest[from:], mark)
		if at < 0 {
			sc.plain.WriteString(mark)
			sc.i += run
			return true
		}
		at += from
		after := at + run
		if after < len(rest) && rest[after] == '`' || rest[at-1] == '`' {
			for from = after; from < len(rest) && rest[from] == '`'; {
				from++
			}
			continue
		}
		return sc.add(after, codeTokens(rest[run:at], run)...)
	}
}

func codeTokens(body string, run int) []token {
	body = strings.ReplaceAll(body, "\n", " ")
	if inner := strings.TrimSpace(body); inner != "" && run < 3 {
		body = inner
	}
	mark := "`"
	if run >= 3 || strings.Contains(body, "`") {
		mark = "```"
	}
	return []token{{kind: tokenSolid, text: mark + body + mark}}
}
