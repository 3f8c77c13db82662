package view

import (
	"context"
	"slices"
	"strings"
)

// leastFixed is how many letters a sentence must have of its own, in bytes, to be
// searched for: "{0}: {1}" would find everything.
const leastFixed = 8

// SaidWith gives, for the sentences of the program that hold some words in the
// reader's language, the pieces of English in which they are stored: at most so many
// sentences, those with the most words of their own first. None in English itself.
func SaidWith(ctx context.Context, words string, most int) [][]string {
	language := Language(ctx)
	if words = strings.ToLower(words); words == "" || language == Languages[0] {
		return nil
	}
	var list [][]string
	for _, p := range phraseBook().file.sentences { // the usual ones are among them, in closerFirst's order
		if len(list) < most && p.fixed >= leastFixed && Shows(ctx, p.key, words) {
			list = append(list, slices.DeleteFunc(slices.Clone(p.words), func(s string) bool { return s == "" }))
		}
	}
	return list
}

// Shows says whether a text of the pages holds some words, between its places and
// without regard to case.
func Shows(ctx context.Context, key, words string) bool {
	words = strings.ToLower(words)
	text, ok := texts()[Language(ctx)][key]
	if !ok {
		text = texts()[Languages[0]][key]
	}
	return slices.ContainsFunc(newPhrase(key, strings.ToLower(text)).words, func(piece string) bool { return strings.Contains(piece, words) })
}
