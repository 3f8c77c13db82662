package whatsapp

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	fenceOpen  = "```\n"
	fenceClose = "\n```"
)

// place classes, best first: where a message may end.
const (
	endParagraph = iota
	endSentence  // or a line
	endWord
	endGrapheme // between two characters as the reader sees them
	endRune     // inside one; only if it is longer than a message
	endClasses
)

// How firmly the text holds together at a place.
const (
	holdFree = iota
	holdSoft
	holdFence
	holdSolid
	holdBarred // never: a message would hold nothing but the marks of a code block
	holdClasses
)

// split cuts body into messages: after a paragraph, else a sentence or line,
// else a word, and never inside a link or code as long as one fits a message.
// Each message costs money, so that a better place is taken only if the message
// is not left nearly empty by it.
func split(body string, spans []span) []string {
	if units(body) <= maxTextCharacters {
		if body == "" {
			return nil
		}
		return []string{body}
	}
	hold := holds(body, spans)
	var parts []string
	for start := 0; start < len(body); {
		inFence := hold[start] == holdFence
		prefix := ""
		if inFence {
			prefix = fenceOpen
		}
		end := cut(body, start, hold, maxTextCharacters-len(prefix))
		part := strings.TrimSpace(body[start:end])
		if inFence {
			part = strings.TrimRight(strings.Trim(body[start:end], "\n"), " \t\r\n")
		}
		content := part
		if end < len(body) && hold[end] == holdFence {
			part += fenceClose
		}
		if inFence {
			content = strings.Trim(content, "` \t\r\n") // the end of the block alone says nothing
		}
		if content != "" {
			parts = append(parts, prefix+part)
		}
		start = end
		for start < len(body) && (body[start] == '\n' || hold[start] != holdFence && isSpaceAt(body, start)) {
			_, size := utf8.DecodeRuneInString(body[start:])
			start += size
		}
	}
	return parts
}

func isSpaceAt(s string, i int) bool {
	r, _ := utf8.DecodeRuneInString(s[i:])
	return unicode.IsSpace(r)
}

// holds notes for each byte how firmly the text holds together before it.
func holds(body string, spans []span) []uint8 {
	hold := make([]uint8, len(body)+1)
	mark := func(from, to int, level uint8) {
		for i := max(from, 0); i < to && i < len(hold); i++ {
			hold[i] = max(hold[i], level)
		}
	}
	for _, s := range spans {
		switch s.kind {
		case spanSoft:
			mark(s.start+1, s.end, holdSoft)
		case spanSolid:
			mark(s.start+1, s.end, holdSolid)
		case spanFence:
			mark(s.start+1, s.end, holdFence)
			mark(s.start+1, s.start+len(fenceOpen)+1, holdBarred)
			mark(s.end-len(fenceClose), s.end, holdBarred)
		}
	}
	return hold
}

// choice is a kind of place, and how full the message must be for it (in
// quarters).
type choice struct{ class, hold, quarters int }

var choices = [...]choice{
	{endParagraph, holdFree, 2}, {endSentence, holdFree, 2}, {endParagraph, holdFree, 1},
	{endSentence, holdFree, 1}, {endWord, holdFree, 1}, {endWord, holdFree, 0},
	{endSentence, holdSoft, 2}, {endWord, holdSoft, 0},
	{endSentence, holdFence, 0}, {endWord, holdFence, 0},
	{endGrapheme, holdFree, 0}, {endGrapheme, holdSoft, 0}, {endGrapheme, holdFence, 0},
	{endWord, holdSolid, 0}, {endGrapheme, holdSolid, 0},
	{endRune, holdSolid, 0}, {endRune, holdBarred, 0},
}

// cut returns where the message that begins at start ends.
func cut(body string, start int, hold []uint8, budget int) int {
	var best [endClasses][holdClasses]int
	used, flags, before := 0, 0, rune(0)
	for i := start; i < len(body); {
		r, size := utf8.DecodeRuneInString(body[i:])
		if i > start {
			room := budget
			if hold[i] == holdFence {
				room -= len(fenceClose)
			}
			class := classOf(body, start, i)
			if class == endGrapheme && !graphemeBoundary(before, r, flags) {
				class = endRune
			}
			if used <= room {
				best[class][hold[i]] = i
			}
		}
		if before = r; isFlagLetter(r) {
			flags++
		} else {
			flags = 0
		}
		if used += unitsOf(r); used > budget {
			return choose(&best, start)
		}
		i += size
	}
	return len(body)
}

// choose takes the first choice that there is a place for. A better class counts
// as a worse one too: the end of a sentence also ends a word.
func choose(best *[endClasses][holdClasses]int, start int) int {
	for _, c := range choices {
		place := 0
		for class := 0; class <= c.class; class++ {
			for hold := 0; hold <= c.hold; hold++ {
				if c.hold == holdFence && hold != holdFence || c.hold == holdSolid && hold != holdSolid && c.class != endRune {
					continue
				}
				place = max(place, best[class][hold])
			}
		}
		if place > start && place-start >= c.quarters*maxTextCharacters/4 {
			return place
		}
	}
	return start + 1 // not reachable: there is a rune boundary in every stretch
}

// classOf says what a message that ends at i would end with; whether a reader
// sees a character end there is not looked at.
func classOf(body string, start, i int) int {
	r, size := utf8.DecodeRuneInString(body[i:])
	switch {
	case r == '\n' && strings.HasPrefix(strings.TrimLeft(body[i+size:min(len(body), i+64)], " \t\r"), "\n"):
		return endParagraph
	case r == '\n', endsSentence(body[start:i], unicode.IsSpace(r)):
		return endSentence
	case unicode.IsSpace(r):
		return endWord
	}
	return endGrapheme
}

// endsSentence looks at the end of s. "1." at the begin of an item is no
// sentence; full-width stops need no blank behind them.
func endsSentence(s string, blankFollows bool) bool {
	s = s[max(0, len(s)-24):]
	s = strings.TrimRight(s, `"')*_~”’»`)
	last, size := utf8.DecodeLastRuneInString(s)
	switch last {
	case '。', '！', '？':
		return true
	case '!', '?', '…', '؟', '।', '۔':
		return blankFollows
	case '.':
		before, _ := utf8.DecodeLastRuneInString(s[:len(s)-size])
		return blankFollows && !unicode.IsDigit(before)
	}
	return false
}

// units counts a text as Meta may: UTF-16 code units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += unitsOf(r)
	}
	return n
}

func unitsOf(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}
