package view

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// The rest of the program says in English what it has to tell the owner: why a
// person is needed, why Meta refused a message, what a diagnosis found, what is
// wrong with an agent's file. These sentences are stored, printed by the commands
// and given out by the JSON API, so they stay as they are, and the dashboard finds
// the reader's words for them here: text/en/said-*.yaml holds each sentence as the
// program says it, the other languages the same keys. A sentence that is not
// there, of an older program or from Meta itself, is shown in English. A test
// reads every sentence out of the program's source and fails if one is not there.

// Stems of the files: whole sentences, and the parts that stand in their places
// ("5 minutes"). Those about a file are tried only where a problem of a file is
// told: they are short, and would be found in anybody's words.
const (
	saidFiles  = "said-"
	saidParts  = "said-part."
	saidLint   = "said-lint."
	saidValues = "said-value."
	saidList   = "said-list."
	saidAudit  = "said-audit."
)

// phrases are the sentences and the parts.
type phrases struct {
	sentences, parts []phrase
}

// phraseBooks are the sets: without those about files, with them, and the words
// of the list of changes.
type phraseBooks struct {
	usual, file, audit phrases
}

var phraseBook = sync.OnceValue(func() phraseBooks {
	var books phraseBooks
	for key, english := range texts()[Languages[0]] {
		p := newPhrase(key, english)
		switch {
		case strings.HasPrefix(key, saidList), !strings.HasPrefix(key, saidFiles):
		case strings.HasPrefix(key, saidAudit):
			books.audit.parts = append(books.audit.parts, p)
		case strings.HasPrefix(key, saidLint):
			books.file.sentences = append(books.file.sentences, p)
		case strings.HasPrefix(key, saidValues):
			books.file.parts = append(books.file.parts, p)
		case strings.HasPrefix(key, saidParts):
			books.usual.parts = append(books.usual.parts, p)
		default:
			books.usual.sentences = append(books.usual.sentences, p)
		}
	}
	books.file.sentences = append(books.file.sentences, books.usual.sentences...)
	books.file.parts = append(books.file.parts, books.usual.parts...)
	for _, list := range [][]phrase{books.usual.sentences, books.usual.parts, books.file.sentences, books.file.parts, books.audit.parts} {
		slices.SortFunc(list, closerFirst)
	}
	return books
})

// Said gives the program's own English sentences in the reader's language. What
// it does not know stays English.
func Said(ctx context.Context, english string) string {
	return (&sayer{language: Language(ctx), book: phraseBook().usual}).say(english)
}

// SaidOfFile is Said for what is wrong with a file of the configuration.
func SaidOfFile(ctx context.Context, english string) string {
	return (&sayer{language: Language(ctx), book: phraseBook().file}).say(english)
}

// SaidOfChange is a word of the list of changes: what was done, to what, how.
func SaidOfChange(ctx context.Context, english string) string {
	if Language(ctx) == Languages[0] {
		return english
	}
	s := sayer{language: Language(ctx), book: phraseBook().audit, depth: deepest} // what stands in a place is a name
	if text, ok := s.partOf(english); ok {
		return text
	}
	return english
}

// sayer says texts in a language. Sentences stand in sentences: deepest bounds
// them, since their text may come from outside.
type sayer struct {
	language string
	book     phrases
	depth    int
	left     []string // what it did not know
}

const deepest = 4

// say goes through a text sentence by sentence.
func (s *sayer) say(english string) string {
	if s.language == Languages[0] {
		return english
	}
	var b strings.Builder
	for rest := english; rest != ""; {
		if trimmed := strings.TrimLeft(rest, " \n"); len(trimmed) < len(rest) {
			b.WriteString(rest[:len(rest)-len(trimmed)])
			rest = trimmed
			continue
		}
		if found, ok := closest(s.book.sentences, rest); ok {
			b.WriteString(s.in(found))
			rest = rest[found.end:]
			continue
		}
		n, ofFile := unknown(rest)
		if ofFile {
			s.book = phraseBook().file
		}
		s.left = append(s.left, rest[:n])
		b.WriteString(rest[:n])
		rest = rest[n:]
	}
	return b.String()
}

// fileLine is how a place in a file ends: line and column.
var fileLine = regexp.MustCompile(`(^|:)\d+:\d+$`)

// unknown is how much of a text is passed over: what stands before a sentence as
// "ollama/llama3:" or "agents/shop.yaml:3:5:" do, or a sentence, or what stands
// before brackets. ofFile: what follows is about a file.
func unknown(text string) (end int, ofFile bool) {
	if before, _, found := strings.Cut(text, ": "); found && !strings.ContainsAny(before, " \n") {
		return len(before) + 1, fileLine.MatchString(before) || strings.HasPrefix(before, "spec.")
	}
	end = len(text)
	if at := strings.Index(text, ". "); at >= 0 {
		end = at + 1
	}
	if at := strings.Index(text[:end], " ("); at > 0 {
		end = at
	}
	return end, false
}

// in says a phrase that was found, with what stands in its places.
func (s *sayer) in(m match) string {
	var args []string
	for _, a := range m.args {
		if a != "" && s.depth < deepest {
			inner := sayer{language: s.language, book: s.book, depth: s.depth + 1}
			a = inner.part(a)
		}
		args = append(args, a)
	}
	return fill(texts()[s.language][m.phrase.key], args)
}

// part says what stands in a place: a part, a list of them, or sentences of its own.
func (s *sayer) part(english string) string {
	if text, ok := s.fixed(english); ok {
		return text
	}
	for _, word := range []string{"and", "or"} {
		if text, ok := s.listOf(english, word); ok {
			return text
		}
	}
	if text, ok := s.partOf(english); ok {
		return text
	}
	return s.say(english)
}

// fixed is a part without places: "0 or more" is no list.
func (s *sayer) fixed(english string) (string, bool) {
	for _, p := range s.book.parts {
		if len(p.places) == 0 && p.words[0] == english {
			return texts()[s.language][p.key], true
		}
	}
	return "", false
}

func (s *sayer) partOf(english string) (string, bool) {
	for _, p := range s.book.parts {
		if m, ok := p.whole(english); ok {
			return s.in(m), true
		}
	}
	return "", false
}

// listOf says "a, b and c". Only parts and single words make a list: what comes
// from elsewhere may hold the same word.
func (s *sayer) listOf(english, word string) (string, bool) {
	at := strings.LastIndex(english, " "+word+" ")
	if at < 0 {
		return "", false
	}
	items := append(strings.Split(english[:at], ", "), english[at+len(word)+2:])
	for i, item := range items {
		text, ok := s.partOf(item)
		if !ok && strings.Contains(item, " ") {
			return "", false
		}
		if ok {
			items[i] = text
		}
	}
	last := len(items) - 1
	return fill(texts()[s.language][saidList+word], []string{strings.Join(items[:last], ", "), items[last]}), true
}
