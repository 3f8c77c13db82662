package guardrail

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// TopicFilterRule is the rule's type in an agent's YAML.
const TopicFilterRule = "topic_filter"

// EntityTopic is what topic_filter names in its findings.
const EntityTopic = "TOPIC"

// topicWindow is within how many words all words of a topic must stand.
const topicWindow = 10

// topic is one way to say a topic: the stems of its words.
type topic struct {
	stems []string
	whole []string // the words as they are, for longer ones that begin so
}

// NewTopicFilter builds the check. It looks for words, it understands nothing:
// a topic is found where all its words stand near each other, of either case,
// with accents or without, in another form ("politics": political, politicians).
// "taxes|vat|excise" names a topic by several words. Topics that owners often
// forbid (politics, religion, weapons, …: topicGroups) are also found by the
// words that give them away in six languages. action is "block" (the default),
// "redact" or "warn".
func NewTopicFilter(topics []string, action string) (Check, error) {
	var list []topic
	for _, written := range topics {
		for _, name := range strings.Split(written, "|") {
			for _, words := range append([]string{name}, knownAs(name)...) {
				if t := newTopic(words); len(t.stems) > 0 {
					list = append(list, t)
				}
			}
		}
	}
	if len(list) == 0 {
		return nil, errors.New(TopicFilterRule + " needs forbidden_topics, the words that name them")
	}
	return newFilter(TopicFilterRule, action, func(text string) []hit { return findTopics(text, list) })
}

func newTopic(name string) topic {
	var t topic
	for _, w := range topicWords(fold(name)) {
		if !isSmallWord(w.text) {
			t.stems, t.whole = append(t.stems, w.stem), append(t.whole, w.text)
		}
	}
	return t
}

// word is one word of a text.
type word struct {
	text, stem string
	start, end int // in folded bytes
}

// topicWords cuts a folded text into words.
func topicWords(v *view) []word {
	var list []word
	for i := 0; i < len(v.b); {
		if !isAlnum(v.b[i]) {
			i++
			continue
		}
		end := i
		for end < len(v.b) && isAlnum(v.b[end]) {
			end++
		}
		w := word{text: string(v.b[i:end]), start: i, end: end}
		w.stem = stem(w.text)
		list = append(list, w)
		i = end
	}
	return list
}

func findTopics(text string, topics []topic) []hit {
	v := fold(text)
	words := topicWords(v)
	var hits []hit
	for _, t := range topics {
		for i := range words {
			if from, to, ok := t.near(words, i); ok && !isHousePolicy(words, from) {
				start, end := v.original(words[from].start, words[to].end)
				hits = append(hits, hit{start, end, EntityTopic})
			}
		}
	}
	return hits
}

// near tells whether word i is one of the topic's, and all others follow it
// within the window, in any order.
func (t topic) near(words []word, i int) (from, to int, ok bool) {
	if t.index(words[i]) < 0 {
		return 0, 0, false
	}
	missing := len(t.stems)
	var have [16]bool
	if missing > len(have) {
		return 0, 0, false // a sentence, not a topic
	}
	for k := i; k < len(words) && k < i+topicWindow; k++ {
		if n := t.index(words[k]); n >= 0 && !have[n] {
			have[n] = true
			if missing--; missing == 0 {
				return i, k, true
			}
		}
	}
	return 0, 0, false
}

// index is which of the topic's words w is, or -1.
func (t topic) index(w word) int {
	return slices.IndexFunc(t.stems, func(s string) bool {
		whole := strings.TrimSuffix(t.whole[slices.Index(t.stems, s)], "s")
		switch {
		case s == w.stem:
			return true
		case len(whole) >= 5 && strings.HasPrefix(w.text, whole):
			return true // cryptocurrency
		}
		return writtenWithoutBlanks(whole) && strings.Contains(w.text, whole)
	})
}

// writtenWithoutBlanks: a word of Chinese, Japanese, Thai … stands anywhere in a
// run of letters.
func writtenWithoutBlanks(w string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	return r >= utf8.RuneSelf && !joinsWords(r)
}

// isSmallWord: what says nothing of a topic by itself.
func isSmallWord(w string) bool {
	return oneOf(w, "a", "an", "the", "of", "and", "or", "to", "in", "on", "for", "about", "any", "all", "el", "la", "los", "las", "un", "una", "de", "del",
		"y", "o", "en", "sobre", "para", "con", "os", "as", "um", "uma", "do", "da", "dos", "das", "e", "em", "der", "die", "das", "und", "von", "zu",
		"le", "les", "des", "du", "et", "il", "lo", "gli", "di", "topic", "topics", "tema", "temas", "related", "discussion", "discussions")
}

// stem takes the endings off a folded word that other forms of it have in
// English, Spanish, Portuguese, French, Italian and German: what is left is the
// same for "political", "politicians", "políticos" and "Politik". Five letters
// stay at least, so that little is mixed up.
func stem(w string) string {
	if strings.HasPrefix(w, "polite") {
		return w // not "polit…"
	}
	if n := len(w); n > 3 && w[n-1] == 's' && w[n-2] != 's' {
		w = w[:n-1]
	}
	for range 3 {
		n := min(len(w)-5, 7)
		for n > 0 && !isEnding(w[len(w)-n:]) {
			n--
		}
		if n <= 0 {
			break
		}
		w = w[:len(w)-n]
	}
	return w
}

// isEnding: the plural's s is gone before.
func isEnding(s string) bool {
	switch s {
	case "amiento", "imiento", "isation", "izacion", "ization", "acione", "amente", "amento", "ically", "imento", "acion", "ancia", "ation",
		"encia", "idade", "ingly", "mente", "ously", "able", "acao", "acoe", "ance", "ando", "anza", "avel", "ence", "ency", "endo", "enza",
		"iana", "iano", "ible", "ical", "icao", "icoe", "idad", "iosa", "ioso", "ique", "isch", "isme", "ismo", "ista", "iste", "itat", "ivel",
		"ment", "ada", "ado", "ale", "ant", "ent", "ful", "ian", "iao", "ica", "ice", "ico", "ida", "ido", "ina", "ine", "ing", "ino", "ioe",
		"ion", "iou", "ism", "ist", "ite", "ity", "iva", "ive", "ivo", "les", "nes", "osa", "oso", "ual", "ung", "al", "ar", "ed", "en", "er",
		"ic", "ie", "ik", "ir", "ly", "or", "ou", "a", "e", "i", "o", "y":
		return true
	}
	return false
}
