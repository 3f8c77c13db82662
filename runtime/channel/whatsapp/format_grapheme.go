package whatsapp

import (
	"unicode"
	"unicode/utf8"
)

const (
	zeroWidthJoiner = '\u200d'
	lookBackFlags   = 64 // runes
)

// graphemeBoundary reports whether a reader sees one character end and another
// begin before byte i. It follows the rules of Unicode's annex 29 for what
// occurs in messages: combining marks, joined emoji, skin tones, flags, Hangul
// written in parts, and line ends.
func graphemeBoundary(s string, i int) bool {
	before, size := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i:])
	switch {
	case before == '\r' && after == '\n':
		return false
	case extends(after), before == zeroWidthJoiner:
		return false
	case isFlagLetter(before) && isFlagLetter(after):
		letters := 1
		for rest := s[:i-size]; letters < lookBackFlags; letters++ {
			r, n := utf8.DecodeLastRuneInString(rest)
			if !isFlagLetter(r) {
				break
			}
			rest = rest[:len(rest)-n]
		}
		return letters%2 == 0
	case isHangulPart(before) && isHangulTail(after):
		return false
	}
	return true
}

// extends reports whether a rune belongs to the one before it.
func extends(r rune) bool {
	switch {
	case r < 0x300:
		return false
	case r == zeroWidthJoiner, r == '\u200c',
		r >= 0x1f3fb && r <= 0x1f3ff, // skin tones
		r >= 0xe0020 && r <= 0xe007f: // tags of regional flags
		return true
	}
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Mc)
}

func isFlagLetter(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

func isHangulPart(r rune) bool {
	return r >= 0x1100 && r <= 0x11ff || r >= 0xac00 && r <= 0xd7a3
}

func isHangulTail(r rune) bool { return r >= 0x1100 && r <= 0x11ff }
