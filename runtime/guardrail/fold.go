package guardrail

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Stand-ins in folded text for things that have no ASCII letter of their own.
const (
	symOther    = 0x01 // emoji, ornaments, bytes that are not UTF-8
	symOrdinal  = 0x02 // º ª °, as in "nº 5"
	symCurrency = 0x03 // € £ ¥ … ; the dollar stays '$'
	symPhone    = 0x04 // ☎ 📞 📱 📲
)

// view is a text made easy to search: lower case, accents gone, every script's
// digits as 0-9, full-width forms as ASCII, exotic blanks as ' ', dashes as
// '-', and what cannot be seen (zero width, direction marks) left out. Letters
// that have no ASCII base stay as UTF-8, so bytes from 0x80 on are letters.
type view struct {
	b          []byte
	start, end []int32 // per byte of b: its rune in the original; nil when b lies one to one on it
	groups     []group // runs of digits, in order
	wrong      []span  // codes that read as an IBAN but for their check digits: no card stands inside
	owned      []bool  // per group: it lies in a find that a phone number cannot contest
}

// group is a run of digits in view.b.
type group struct{ start, end int }

func (g group) len() int { return g.end - g.start }

// fold builds the view of a text. It accepts any bytes.
func fold(text string) *view {
	v := &view{b: make([]byte, 0, len(text))}
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= utf8.RuneSelf || c == 0x7f || (c < ' ' && c != '\n' && c != '\t' && c != '\r') {
			v.foldRest(text, i)
			break
		}
		v.b = append(v.b, lowerASCII(c))
	}
	v.findGroups()
	return v
}

// foldRest folds from byte i on, where the first byte needs more than a copy.
func (v *view) foldRest(text string, i int) {
	v.start = make([]int32, i, len(text))
	v.end = make([]int32, i, len(text))
	for k := range i {
		v.start[k], v.end[k] = int32(k), int32(k+1)
	}
	for i < len(text) {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		from := len(v.b)
		if r == utf8.RuneError && size == 1 {
			v.b = append(v.b, symOther)
		} else {
			v.foldRune(r, text[i:i+size])
		}
		if len(v.b) == from && from > 0 && unicode.In(r, unicode.Mn, unicode.Me) {
			v.end[from-1] = int32(i + size) // an accent goes where its letter goes
		}
		for range len(v.b) - from {
			v.start = append(v.start, int32(i))
			v.end = append(v.end, int32(i+size))
		}
		i += size
	}
}

// foldRune appends the folded form of one rune; raw is its UTF-8.
func (v *view) foldRune(r rune, raw string) {
	switch r {
	case 'º', 'ª', '°':
		v.b = append(v.b, symOrdinal)
		return
	case '☎', '📞', '📱', '📲', '✆', '☏':
		v.b = append(v.b, symPhone)
		return
	case '№':
		v.b = append(v.b, 'n', symOrdinal)
		return
	}
	if r >= utf8.RuneSelf {
		if d := norm.NFKD.PropertiesString(raw).Decomposition(); d != nil {
			for len(d) > 0 {
				part, size := utf8.DecodeRune(d)
				v.foldPlain(part)
				d = d[size:]
			}
			return
		}
	}
	v.foldPlain(r)
}

// foldPlain appends a rune that has no further decomposition.
func (v *view) foldPlain(r rune) {
	switch {
	case r == '\n' || r == '\u2028' || r == '\u2029':
		v.b = append(v.b, '\n')
	case r == '\t' || r == '\r' || unicode.Is(unicode.Zs, r):
		v.b = append(v.b, ' ')
	case r == '\u3164' || r == '\u115f' || r == '\u1160' || r == '\u2800':
		v.b = append(v.b, ' ') // letters by name, blanks to the eye
	case r < ' ' || r == 0x7f || unicode.In(r, unicode.Cf, unicode.Cc, unicode.Mn, unicode.Me):
		// Unseen: a digit run must not be broken by it.
	case r < utf8.RuneSelf:
		v.b = append(v.b, lowerASCII(byte(r)))
	case unicode.Is(unicode.Nd, r):
		v.b = append(v.b, '0'+digitValue(r))
	case unicode.Is(unicode.Pd, r) || r == '\u2212':
		v.b = append(v.b, '-')
	case r == '·' || r == '•' || r == '∙' || r == '。':
		v.b = append(v.b, '.')
	case r == '\u2044' || r == '\u2215':
		v.b = append(v.b, '/')
	case r == '\u2019' || r == '\u2018':
		v.b = append(v.b, '\'')
	case unicode.Is(unicode.Sc, r):
		v.b = append(v.b, symCurrency)
	case unicode.IsLetter(r) || unicode.Is(unicode.Mc, r):
		v.b = utf8.AppendRune(v.b, unicode.ToLower(r))
	default:
		v.b = append(v.b, symOther)
	}
}

// digitValue is the value of a decimal digit of any script. Unicode gives each
// script its ten digits in a row, and its table's ranges are whole rows.
func digitValue(r rune) byte {
	for _, t := range unicode.Nd.R16 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return byte((r - rune(t.Lo)) % 10)
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return byte((r - rune(t.Lo)) % 10)
		}
	}
	return 0
}

func (v *view) findGroups() {
	for i := 0; i < len(v.b); i++ {
		if !isDigit(v.b[i]) {
			continue
		}
		g := group{start: i}
		for i < len(v.b) && isDigit(v.b[i]) {
			i++
		}
		g.end = i
		v.groups = append(v.groups, g)
	}
}

// original gives the byte range of the original text behind b[from:to]; the
// range must not be empty.
func (v *view) original(from, to int) (int, int) {
	if v.start == nil {
		return from, to
	}
	return int(v.start[from]), int(v.end[to-1])
}

// at is the folded byte at i, a blank outside the text.
func (v *view) at(i int) byte {
	if i < 0 || i >= len(v.b) {
		return ' '
	}
	return v.b[i]
}

// between is what stands between two neighbouring groups.
func (v *view) between(i int) []byte { return v.b[v.groups[i].end:v.groups[i+1].start] }

// wordBefore tells whether a letter, digit or underscore ends just before i so
// that b[i:] is the tail of a longer word. Scripts that write without blanks
// (Chinese, Thai …) do not count.
func (v *view) wordBefore(i int) bool {
	if i <= 0 {
		return false
	}
	if c := v.b[i-1]; c < utf8.RuneSelf {
		return isAlnum(c) || c == '_'
	}
	r, _ := utf8.DecodeLastRune(v.b[:i])
	return joinsWords(r)
}

// wordAfter is wordBefore for what follows b[:i].
func (v *view) wordAfter(i int) bool {
	if i >= len(v.b) {
		return false
	}
	if c := v.b[i]; c < utf8.RuneSelf {
		return isAlnum(c) || c == '_'
	}
	r, _ := utf8.DecodeRune(v.b[i:])
	return joinsWords(r)
}

func joinsWords(r rune) bool {
	return unicode.In(r, unicode.Latin, unicode.Cyrillic, unicode.Greek)
}

func lowerASCII(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	if c == '\t' || c == '\r' {
		return ' '
	}
	return c
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isLetter is about folded bytes: from 0x80 on they belong to letters.
func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= utf8.RuneSelf }

func isAlnum(c byte) bool { return isDigit(c) || isLetter(c) }
