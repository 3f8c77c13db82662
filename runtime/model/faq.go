package model

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// closeEnough is the share of a known question, by weight of its words, that a
// message must contain.
const closeEnough = 0.6

// faqIndex finds the question that a message comes closest to, by its words.
type faqIndex struct {
	questions []faqQuestion
	weight    map[string]float64
}

type faqQuestion struct {
	words  map[string]bool
	answer string
}

func newFAQIndex(entries []faqEntry) *faqIndex {
	index := &faqIndex{weight: map[string]float64{}}
	in := map[string]float64{} // in how many entries a word occurs
	for _, entry := range entries {
		seen := map[string]bool{}
		for _, q := range slices.Concat(entry.questions, sentences(entry.questions)) {
			words := wordsOf(q)
			if len(words) == 0 {
				continue
			}
			index.questions = append(index.questions, faqQuestion{words, entry.answer})
			for word := range words {
				seen[word] = true
			}
		}
		for word := range seen {
			in[word]++
		}
	}
	for word, n := range in {
		// A word that many entries share tells little. So does a short one, in
		// most languages: "is", "the", "de". A letter-less script has no such
		// rule, and its words are single signs.
		w := math.Log(1 + float64(len(entries))/n)
		if len(word) <= 3 {
			w /= 2
		}
		index.weight[word] = w
	}
	return index
}

// sentences are the single questions of entries that ask in several ways at
// once ("When do you open? When do you close?"): a customer asks one of them.
func sentences(questions []string) []string {
	var single []string
	for _, q := range questions {
		parts := strings.FieldsFunc(q, func(r rune) bool { return strings.ContainsRune("?¿!¡.;؟？。", r) })
		if len(parts) > 1 {
			single = append(single, parts...)
		}
	}
	return single
}

// find returns the answer to the closest question, if one is close enough.
// Of several, the one that explains more of the message wins, then the first.
func (f *faqIndex) find(message string) (string, bool) {
	asked := wordsOf(message)
	best, bestShared, answer := 0.0, 0.0, ""
	for _, q := range f.questions {
		var shared, whole float64
		for word := range q.words {
			whole += f.weight[word]
			if asked[word] {
				shared += f.weight[word]
			}
		}
		score := shared / whole
		// Sums of the same numbers in another order differ in the last digits.
		const same = 1e-9
		if score > best+same || score > best-same && shared > bestShared+same {
			best, bestShared, answer = score, shared, q.answer
		}
	}
	return answer, best >= closeEnough
}

// wordsOf folds case, accents and punctuation. Scripts without spaces count
// sign by sign.
func wordsOf(text string) map[string]bool {
	words := map[string]bool{}
	var word strings.Builder
	end := func() {
		if word.Len() > 0 {
			words[word.String()] = true
			word.Reset()
		}
	}
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r):
			// an accent, apart from its letter after NFKD
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai):
			end()
			words[string(r)] = true
		case unicode.IsLetter(r), unicode.IsNumber(r):
			word.WriteRune(unicode.ToLower(r))
		default:
			end()
		}
	}
	end()
	return words
}
