package view

import (
	"strconv"
	"strings"
)

// phrase is an English sentence with places: fixed words, a place, fixed words …
type phrase struct {
	key    string
	words  []string // one more than places
	places []int    // the numbers in the braces
	fixed  int      // length of all words
}

// newPhrase takes "The model {0} is busy." apart.
func newPhrase(key, english string) phrase {
	p := phrase{key: key}
	for {
		before, number, after, found := cutPlace(english)
		p.words = append(p.words, before)
		p.fixed += len(before)
		if !found {
			return p
		}
		p.places = append(p.places, number)
		english = after
	}
}

// cutPlace splits a text at its first place.
func cutPlace(text string) (before string, number int, after string, found bool) {
	for from := 0; ; {
		at := strings.IndexByte(text[from:], '{')
		if at < 0 || from+at+2 >= len(text) {
			return text, 0, "", false
		}
		if at += from; text[at+2] == '}' && text[at+1] >= '0' && text[at+1] <= '9' {
			return text[:at], int(text[at+1] - '0'), text[at+3:], true
		}
		from = at + 1
	}
}

// match is where a phrase was found.
type match struct {
	phrase phrase
	args   [10]string
	end    int // of the text that it covers
}

// at matches the beginning of a text. The phrase must end where a word ends. A
// place at its end takes all that is left, the others no sentence's end: the
// phrase would reach over into another sentence.
func (p phrase) at(text string) (match, bool) {
	m := match{phrase: p}
	if !strings.HasPrefix(text, p.words[0]) {
		return m, false
	}
	m.end = len(p.words[0])
	for i, number := range p.places {
		words, last := p.words[i+1], i == len(p.places)-1
		if last && words == "" {
			m.args[number], m.end = text[m.end:], len(text)
			return m, m.args[number] != ""
		}
		n := find(text[m.end:], words, last)
		if n <= 0 || strings.Contains(text[m.end:m.end+n], ". ") { // nothing stands in the place, or too much
			return m, false
		}
		m.args[number] = text[m.end : m.end+n]
		m.end += n + len(words)
	}
	return m, wordEnds(text, m.end)
}

// whole matches a text from beginning to end.
func (p phrase) whole(text string) (match, bool) {
	m, ok := p.at(text)
	if last := p.words[len(p.words)-1]; ok && m.end < len(text) && len(p.places) > 0 && last != "" && strings.HasSuffix(text, last) {
		number := p.places[len(p.places)-1] // its words come more than once: the last ones count
		start := m.end - len(last) - len(m.args[number])
		m.args[number], m.end = text[start:len(text)-len(last)], len(text)
	}
	return m, ok && m.end == len(text)
}

// find gives where words stand in text; the last ones of a phrase must end a word.
func find(text, words string, last bool) int {
	for from := 0; ; {
		at := strings.Index(text[from:], words)
		if at < 0 {
			return -1
		}
		at += from
		if at > 0 && (!last || wordEnds(text, at+len(words))) {
			return at
		}
		from = at + 1
	}
}

func wordEnds(text string, at int) bool {
	return at == len(text) || text[at] == ' ' || text[at] == '\n'
}

// closest is the sentence that a text begins with; the list has the closest
// first.
func closest(sentences []phrase, text string) (match, bool) {
	for _, p := range sentences {
		if m, ok := p.at(text); ok {
			return m, true
		}
	}
	return match{}, false
}

// closerFirst puts the phrase with the most words of its own first: it is the
// closest where several fit.
func closerFirst(a, b phrase) int {
	if a.fixed != b.fixed {
		return b.fixed - a.fixed
	}
	return strings.Compare(a.key, b.key)
}

// fill puts args into the places of a text, once: what an arg holds is no place.
func fill(text string, args []string) string {
	var b strings.Builder
	for {
		before, number, after, found := cutPlace(text)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		if number < len(args) {
			b.WriteString(args[number])
		} else {
			b.WriteString("{" + strconv.Itoa(number) + "}")
		}
		text = after
	}
}
