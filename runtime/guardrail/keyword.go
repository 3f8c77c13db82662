package guardrail

import (
	"strings"
	"unicode/utf8"
)

// cells is a folded text as letters with their places.
type cells struct {
	v     *view
	runes []rune
	at    []int // byte of v.b where each begins; one more for the end
}

// newCells reads look-alikes from other alphabets ("pаypal" with a Cyrillic а) as
// the Latin letter in words that also hold Latin letters.
func newCells(v *view) *cells {
	c := &cells{v: v, runes: make([]rune, 0, len(v.b)), at: make([]int, 0, len(v.b)+1)}
	for i := 0; i < len(v.b); {
		r, size := utf8.DecodeRune(v.b[i:])
		c.runes, c.at = append(c.runes, r), append(c.at, i)
		i += size
	}
	c.at = append(c.at, len(v.b))
	for i := 0; i < len(c.runes); {
		end, mixed, foreign := i, false, false
		for end < len(c.runes) && (c.runes[end] >= utf8.RuneSelf || isAlnum(byte(c.runes[end]))) {
			mixed = mixed || c.runes[end] < utf8.RuneSelf && isASCIILetter(byte(c.runes[end]))
			foreign = foreign || c.runes[end] >= utf8.RuneSelf
			end++
		}
		if mixed && foreign {
			for k := i; k < end; k++ {
				c.runes[k] = lookAlike(c.runes[k])
			}
		}
		i = end + 1
	}
	return c
}

// lookAlike gives the Latin letter that a Cyrillic or Greek one is taken for.
func lookAlike(r rune) rune {
	const theirs, ours = "аеорсухіјѕԁһӏвмнткпгυοαερικτνω", "aeopcyxijsdhlbmhtknruoaepiktvw"
	if i := strings.IndexRune(theirs, r); i >= 0 {
		return rune(ours[utf8.RuneCountInString(theirs[:i])])
	}
	return r
}

// findKeywords looks for words and phrases as people write them, whole words
// only: of either case, with accents or without, in the plural too, with digits
// and signs for letters (v1agra, $ex), kept apart (s.p.a.m, s p a m), drawn out
// (spaaam), masked (f**k). A phrase may have any blanks and dashes between its
// words.
func findKeywords(text string, words []keyword) []hit {
	if len(words) == 0 {
		return nil
	}
	v := fold(text)
	c := newCells(v)
	var hits []hit
	for i := range words {
		k := &words[i]
		if k.raw != "" {
			for at := 0; ; {
				next := strings.Index(text[at:], k.raw)
				if next < 0 {
					break
				}
				hits = append(hits, hit{at + next, at + next + len(k.raw), EntityKeyword})
				at += next + len(k.raw)
			}
			continue
		}
		for p := 0; p < len(c.runes); p++ {
			if !reads(k.runes[0], c.runes[p]) || isWordRune(k.runes[0]) && v.wordBefore(c.at[p]) {
				continue
			}
			if end, ok := c.match(p, k); ok {
				start, stop := v.original(c.at[p], c.at[end])
				hits = append(hits, hit{start, stop, EntityKeyword})
				p = end - 1
			}
		}
	}
	return hits
}

// match reads keyword k from cell p on and gives the cell after it.
func (c *cells) match(p int, k *keyword) (int, bool) {
	i, masked := p, 0
	var apart rune // between every two letters of the word; 0 = not yet known, -1 = nothing
	for n, want := range k.runes {
		if want == ' ' {
			from := i
			for i < len(c.runes) && i-from < 3 && isApart(c.runes[i]) {
				i++
			}
			if i == from {
				return 0, false
			}
			continue
		}
		if n > 0 && k.runes[n-1] != ' ' {
			if apart == 0 {
				apart = c.apart(i, want, len(k.runes))
			}
			if apart > 0 {
				if i >= len(c.runes) || c.runes[i] != apart {
					return 0, false
				}
				i++
			}
		}
		switch {
		case i < len(c.runes) && reads(want, c.runes[i]):
		case i < len(c.runes) && c.runes[i] == '*' && n > 0 && len(k.runes) >= 4 && 2*(masked+1) <= len(k.runes):
			masked++
		default:
			return 0, false
		}
		i++
		i = c.drawnOut(i, k.runes, n)
	}
	return c.endOf(i, k)
}

// apart is the sign before cell i's letter where the letters are kept apart.
func (c *cells) apart(i int, want rune, length int) rune {
	if length >= 3 && i+1 < len(c.runes) && isApart(c.runes[i]) && reads(want, c.runes[i+1]) {
		return c.runes[i]
	}
	return -1
}

// drawnOut steps over the rest of a letter that stands three times or more.
func (c *cells) drawnOut(i int, word []rune, n int) int {
	end := i
	for end < len(c.runes) && c.runes[end] == c.runes[i-1] && isWordRune(c.runes[end]) {
		end++
	}
	if end-i < 2 {
		return i
	}
	if n+1 < len(word) && word[n+1] == word[n] {
		return end - 1 // "boob": the next letter of the word is the same
	}
	return end
}

// endOf tells whether the word ends at cell i, or after the mark of a plural.
func (c *cells) endOf(i int, k *keyword) (int, bool) {
	if !isWordRune(k.runes[len(k.runes)-1]) || !c.v.wordAfter(c.at[i]) {
		return i, true
	}
	if k.prefix {
		for i < len(c.runes) && isWordRune(c.runes[i]) {
			i++
		}
		return i, true
	}
	for _, plural := range [...]string{"s", "es"} {
		if end := i + len(plural); end < len(c.at) && string(c.runes[i:end]) == plural && !c.v.wordAfter(c.at[end]) {
			return end, true
		}
	}
	return 0, false
}

// isApart: what stands between letters that are kept apart, and between words.
func isApart(r rune) bool {
	return r == ' ' || r == '.' || r == '-' || r == '_' || r == '*' || r == '\n' || r == ',' || r == '/'
}

func isWordRune(r rune) bool { return r >= utf8.RuneSelf || isAlnum(byte(r)) }

// reads tells whether a letter of a keyword may be written so.
func reads(want, written rune) bool {
	if want == written {
		return true
	}
	switch written {
	case '0':
		return want == 'o'
	case '1', '!', '|':
		return want == 'i' || want == 'l'
	case '3':
		return want == 'e'
	case '4', '@':
		return want == 'a'
	case '5', '$':
		return want == 's'
	case '7', '+':
		return want == 't'
	}
	return false
}
