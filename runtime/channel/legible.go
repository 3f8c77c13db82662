package channel

import "unicode"

// Legible says whether a text holds anything to read: a letter, a digit or a sign
// such as an emoji. Models at a loss answer with a zero-width space, a lone "#" or
// an empty pair of brackets, which a customer sees as an empty bubble.
func Legible(text string) bool {
	for _, r := range text {
		switch {
		case blankLetters[r]:
		case unicode.IsLetter(r), unicode.IsNumber(r):
			return true
		case r > unicode.MaxASCII && unicode.IsSymbol(r): // ASCII's are left over from Markdown
			return true
		}
	}
	return false
}

// Visible says whether a text shows at all, if only as a question mark: a person may
// well send one.
func Visible(text string) bool {
	for _, r := range text {
		if unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.IsMark(r) && !blankLetters[r] {
			return true
		}
	}
	return false
}

// blankLetters are letters and signs by Unicode's account that are drawn as nothing:
// fillers of the Korean script, the empty Braille pattern, what stands for broken text.
var blankLetters = map[rune]bool{'\u115F': true, '\u1160': true, '\u3164': true, '\uFFA0': true, '\u2800': true, '\uFFFC': true, '\uFFFD': true}
