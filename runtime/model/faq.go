package model

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// closeEnough is the share of a known question, by weight of its words, that a
// message must contain. Of one that says hardly anything else ("opening hours?") a
// part is enough, if a word of some length is in it.
const (
	closeEnough = 0.6
	partly      = 0.4
	someLength  = 4 // bytes: a word that is shorter is "is", "the", "de" in most languages
)

// faqIndex finds the question that a message comes closest to, by its words.
type faqIndex struct {
	questions []faqQuestion
	weight    map[string]float64 // by how few entries have the word
	unknown   float64            // of a word that none has
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
		// A word that many entries share tells little, as a short one does, see
		// weighs. A letter-less script has no such rule: its words are single signs.
		w := math.Log(1 + float64(len(entries))/n)
		index.weight[word] = w
	}
	index.unknown = math.Log(1 + float64(len(entries)))
	return index
}

// weighs says how much a word tells. One that is in no question tells as much as
// one that is in a single one.
func (f *faqIndex) weighs(word string) float64 {
	w, ok := f.weight[word]
	if !ok {
		w = f.unknown
	}
	if len(word) < someLength {
		w /= 2
	}
	return w
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
	says := false // the best question in a few words, and nothing else
	for _, q := range f.questions {
		var shared, whole float64
		long := false
		for word := range q.words {
			whole += f.weighs(word)
			if asked[word] {
				shared += f.weighs(word)
				long = long || len(word) >= someLength
			}
		}
		score := shared / whole
		// Sums of the same numbers in another order differ in the last digits.
		const same = 1e-9
		if score > best+same || score > best-same && shared > bestShared+same {
			best, bestShared, answer = score, shared, q.answer
			says = long && score >= partly && shared >= closeEnough*f.whole(asked)
		}
	}
	return answer, best >= closeEnough || says
}

// whole is what all words of a message tell.
func (f *faqIndex) whole(asked map[string]bool) (sum float64) {
	for word := range asked {
		sum += f.weighs(word)
	}
	return sum
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
