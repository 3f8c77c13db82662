package memory

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"astromesh/store"

	"golang.org/x/text/unicode/norm"
)

const (
	// RecallBefore is how many entries before the window are searched.
	RecallBefore = 1000
	// recallBytes bounds what a prompt is told of one message.
	recallBytes = 300
	// sameStem letters in common make two words one: "order" and "ordered". Words
	// shorter than leastWord tell nothing.
	sameStem, leastWord = 5, 3

	defaultThreshold, defaultResults = 0.5, 3
)

// Semantic says how earlier turns, which the window does not hold any more, are
// found by the words of the newest message.
type Semantic struct {
	// Threshold is the least likeness, from 0 to 1: of the words of the message
	// that were said before, the share that a turn holds, a rare word counting more
	// than one that is in every turn. A turn without any is never found. nil = 0.5.
	Threshold *float64
	Results   int // turns at most; 0 = 3
}

// Recall gives the entries of the earlier turns that are most like a text, in
// their order. It compares words, not meanings: no second model is needed, and
// 1,000 entries take some 20 ms.
func (s Semantic) Recall(text string, earlier []store.MemoryEntry) []store.MemoryEntry {
	turns := inTurns(earlier)
	held := make([]map[string]bool, len(turns))
	for i, turn := range turns {
		held[i] = map[string]bool{}
		for _, e := range turn {
			for _, word := range stems(e.Content) {
				held[i][word] = true
			}
		}
	}
	weight := map[string]float64{}
	total := 0.0
	for _, word := range stems(text) {
		in := 0
		for i := range held {
			if held[i][word] {
				in++
			}
		}
		if _, counted := weight[word]; in > 0 && !counted {
			weight[word] = math.Log(1 + float64(len(turns))/float64(in))
			total += weight[word]
		}
	}
	type hit struct {
		turn  int
		score float64
	}
	var hits []hit
	for i := range turns {
		score := 0.0
		for word, w := range weight {
			if held[i][word] {
				score += w / total
			}
		}
		if score >= s.threshold() {
			hits = append(hits, hit{i, score})
		}
	}
	// The likest first, of two the newer.
	slices.SortFunc(hits, func(a, b hit) int {
		if a.score != b.score && math.Abs(a.score-b.score) > 1e-9 {
			return int(math.Copysign(1, b.score-a.score))
		}
		return b.turn - a.turn
	})
	hits = hits[:min(len(hits), s.results())]
	slices.SortFunc(hits, func(a, b hit) int { return a.turn - b.turn })
	var found []store.MemoryEntry
	for _, h := range hits {
		found = append(found, turns[h.turn]...)
	}
	return found
}

// Recalled is what a prompt says of earlier turns; "" for none.
func Recalled(entries []store.MemoryEntry) string {
	if len(entries) == 0 {
		return ""
	}
	lines := []string{"Said earlier in this conversation, and perhaps of use now:"}
	for _, e := range entries {
		who := "You: "
		if e.Role == "user" {
			who = "Customer: "
		}
		text := strings.Join(strings.Fields(e.Content), " ")
		if short := clip(text, recallBytes); short != text {
			text = short + "…"
		}
		lines = append(lines, who+text)
	}
	return strings.Join(lines, "\n")
}

func (s Semantic) threshold() float64 {
	if s.Threshold == nil {
		return defaultThreshold
	}
	return max(*s.Threshold-1e-9, 1e-9) // sums of shares are not exact
}

func (s Semantic) results() int {
	if s.Results <= 0 {
		return defaultResults
	}
	return s.Results
}

// inTurns puts together what was remembered together.
func inTurns(entries []store.MemoryEntry) (turns [][]store.MemoryEntry) {
	for i, e := range entries {
		if n := len(turns); i > 0 && e.TurnID != "" && e.TurnID == entries[i-1].TurnID {
			turns[n-1] = append(turns[n-1], e)
			continue
		}
		turns = append(turns, []store.MemoryEntry{e})
	}
	return turns
}

// stems are the words of a text without case, accents and most endings.
func stems(text string) (list []string) {
	plain := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(text))
	for _, word := range strings.FieldsFunc(plain, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		letters := []rune(word)
		if len(letters) >= leastWord {
			list = append(list, string(letters[:min(len(letters), sameStem)]))
		}
	}
	return list
}
