package view

import (
	"context"
	"slices"
	"strings"
	"sync"
)

// The rest of the program says in English what it has to tell the owner: why a
// person is needed, why Meta refused a message, what a diagnosis found. These
// sentences are stored, printed by the commands and given out by the JSON API, so
// they stay as they are, and the dashboard finds the reader's words for them here:
// text/en/said-*.yaml holds each sentence as the program says it, the other
// languages the same keys. A sentence that is not there, of an older program or
// from Meta itself, is shown in English. A test reads every sentence out of the
// program's source and fails if one is not there.

// Stems of the files: whole sentences, and the parts that stand in their places
// ("5 minutes", "a and b").
const (
	saidFiles = "said-"
	saidParts = "said-part."
	saidList  = "said-list.and"
	listAnd   = " and " // before the last member of a list in English
)

// phrases are the sentences and the parts.
type phrases struct {
	sentences, parts []phrase
}

var phraseBook = sync.OnceValue(func() phrases {
	var book phrases
	for key, english := range texts()[Languages[0]] {
		switch {
		case key == saidList:
		case strings.HasPrefix(key, saidParts):
			book.parts = append(book.parts, newPhrase(key, english))
		case strings.HasPrefix(key, saidFiles):
			book.sentences = append(book.sentences, newPhrase(key, english))
		}
	}
	// The one with the most words of its own is the closest where several fit.
	for _, list := range [][]phrase{book.sentences, book.parts} {
		slices.SortFunc(list, func(a, b phrase) int {
			if a.fixed != b.fixed {
				return b.fixed - a.fixed
			}
			return strings.Compare(a.key, b.key)
		})
	}
	return book
})

// Said gives the program's own English sentences in the reader's language. What
// it does not know stays English.
func Said(ctx context.Context, english string) string {
	if Language(ctx) == Languages[0] || english == "" {
		return english
	}
	return saidIn(Language(ctx), english, 0)
}

// deepest bounds sentences within sentences: their text may come from outside.
const deepest = 4

// saidIn goes through a text sentence by sentence.
func saidIn(language, english string, depth int) string {
	var b strings.Builder
	for rest := english; rest != ""; {
		if trimmed := strings.TrimLeft(rest, " \n"); len(trimmed) < len(rest) {
			b.WriteString(rest[:len(rest)-len(trimmed)])
			rest = trimmed
			continue
		}
		found, ok := closest(rest)
		if !ok {
			n := unknown(rest)
			b.WriteString(rest[:n])
			rest = rest[n:]
			continue
		}
		b.WriteString(found.in(language, depth))
		rest = rest[found.end:]
	}
	return b.String()
}

// unknown is how much of a text is passed over: what stands before a sentence as
// "ollama/llama3:" or "agents/shop.yaml:3:5:" do, or a sentence, or what stands
// before brackets.
func unknown(text string) int {
	if before, _, found := strings.Cut(text, ": "); found && !strings.ContainsAny(before, " \n") {
		return len(before) + 1
	}
	end := len(text)
	if at := strings.Index(text, ". "); at >= 0 {
		end = at + 1
	}
	if at := strings.Index(text[:end], " ("); at > 0 {
		end = at
	}
	return end
}

// part says what stands in a place: a part, a list of them, or sentences of its own.
func part(language, english string, depth int) string {
	if depth >= deepest {
		return english
	}
	if text, ok := listOf(language, english, depth); ok {
		return text
	}
	if text, ok := partOf(language, english, depth); ok {
		return text
	}
	return saidIn(language, english, depth+1)
}

func partOf(language, english string, depth int) (string, bool) {
	for _, p := range phraseBook().parts {
		if m, ok := p.whole(english); ok {
			return m.in(language, depth+1), true
		}
	}
	return "", false
}

// listOf says "a, b and c". Only parts and single words make a list: what comes
// from elsewhere may hold the same word.
func listOf(language, english string, depth int) (string, bool) {
	at := strings.LastIndex(english, listAnd)
	if at < 0 {
		return "", false
	}
	items := append(strings.Split(english[:at], ", "), english[at+len(listAnd):])
	for i, item := range items {
		text, ok := partOf(language, item, depth)
		if !ok && strings.Contains(item, " ") {
			return "", false
		}
		if ok {
			items[i] = text
		}
	}
	last := len(items) - 1
	return fill(texts()[language][saidList], []string{strings.Join(items[:last], ", "), items[last]}), true
}
