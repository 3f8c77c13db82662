package whatsapp

import "unicode"

const zeroWidthJoiner = '\u200d'

// graphemeBoundary reports whether a reader sees one character end with before
// and another begin with after. It follows the rules of Unicode's annex 29 for
// what occurs in messages: combining marks, joined emoji, skin tones, flags,
// Hangul written in parts, Indic conjuncts and line ends. flags is how many flag
// letters stand in a row up to before: a flag is a pair of them.
func graphemeBoundary(before, after rune, flags int) bool {
	switch {
	case before == '\r' && after == '\n',
		before == zeroWidthJoiner, extends(after),
		isFlagLetter(after) && flags%2 == 1,
		isHangulPart(before) && isHangulTail(after),
		isVirama(before) && unicode.IsLetter(after):
		return false
	}
	return true
}

// isVirama knows the signs that join two consonants into one (Devanagari,
// Bengali, Gujarati, Oriya, Telugu, Malayalam).
func isVirama(r rune) bool {
	switch r {
	case 0x094d, 0x09cd, 0x0acd, 0x0b4d, 0x0c4d, 0x0d4d:
		return true
	}
	return false
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
