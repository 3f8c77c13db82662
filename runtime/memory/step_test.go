package memory

import (
	"strings"
	"testing"

	"astromesh/store"
)

// history is so many exchanges, of which each entry has so many tokens, numbered
// from seq.
func history(seq int64, exchanges, tokens int) []store.MemoryEntry {
	var list []store.MemoryEntry
	for range exchanges {
		for _, role := range []string{"user", "assistant"} {
			list = append(list, store.MemoryEntry{Seq: seq, Role: role, Tokens: tokens, Content: "x"})
			seq++
		}
	}
	return list
}

// While nobody waits the window moves before it must: whatever moments are quiet,
// it keeps its bound, begins with the customer, never goes back, and holds the
// last exchange.
func TestEarlyKeepsTheBound(t *testing.T) {
	for _, strategy := range []string{SlidingWindow, Summary} {
		for limit := 2; limit <= 80; limit++ {
			for _, quiet := range []int{1, 2, 3, 7, 1000} { // every so manieth reply
				p := Policy{Strategy: strategy, MaxTurns: limit}
				first := int64(0)
				for turn := 1; turn <= 120; turn++ {
					count := int64(2 * turn)
					start := first + Start(count-first, limit)
					if size := count - start; size > int64(limit) || size < min(2, int64(limit)) || start%2 != 0 {
						t.Fatalf("%s, limit %d, quiet %d, turn %d: %d entries from %d", strategy, limit, quiet, turn, size, start)
					}
					if turn%quiet != 0 {
						continue
					}
					past := Past{Start: start, Entries: history(start, int(count-start)/2, 1)}
					next := p.Early(past)
					if next < start || next > count-min(2, int64(limit)) || next%2 != 0 {
						t.Fatalf("%s, limit %d, quiet %d, turn %d: moves from %d to %d of %d", strategy, limit, quiet, turn, start, next, count)
					}
					first = next
				}
			}
		}
	}
}

// Whoever is quiet for a moment after every third reply never meets a window that
// has to move while they wait.
func TestEarlyComesBeforeTheBound(t *testing.T) {
	for _, strategy := range []string{SlidingWindow, Summary} {
		for _, limit := range []int{12, 20, 30, 50} {
			p, first := Policy{Strategy: strategy, MaxTurns: limit}, int64(0)
			moves := 0
			for turn := 1; turn <= 200; turn++ {
				count := int64(2 * turn)
				if start := first + Start(count-first, limit); start != first && turn%3 != 0 {
					t.Fatalf("%s, limit %d: turn %d waits for a move", strategy, limit, turn+1)
				}
				if turn%3 != 0 {
					continue
				}
				if next := p.Early(Past{Start: first, Entries: history(first, int(count-first)/2, 1)}); next != first {
					first = next
					moves++
				}
			}
			if most := 400/(limit/6) + 1; moves == 0 || moves > most {
				t.Errorf("%s, limit %d: moved %d times in 200 turns, want at most %d", strategy, limit, moves, most)
			}
		}
	}
}

// token_budget never costs more than its tokens, nor more entries than max_turns,
// keeps its beginning for several turns, and keeps the last exchange if that alone
// fits.
func TestTokenBudgetKeepsBothBounds(t *testing.T) {
	for _, c := range []struct{ tokens, turns, each int }{
		{1000, 0, 42}, {1000, 8, 42}, {500, 0, 200}, {500, 0, 240}, {500, 0, 600}, {64, 0, 2}, {300, 2, 10}, {300, 1, 10},
	} {
		p := Policy{Strategy: TokenBudget, MaxTokens: c.tokens, MaxTurns: c.turns}
		kept, before := 0, 0
		for turn := 1; turn <= 60; turn++ {
			entries := history(0, turn, c.each)
			dropped := p.fit(entries)
			sum := 0
			for _, e := range entries[dropped:] {
				sum += Tokens(e)
			}
			n := len(entries) - dropped
			if sum > c.tokens || c.turns > 0 && n > c.turns || dropped%2 != 0 || dropped < before {
				t.Fatalf("%+v, turn %d: %d entries, %d tokens, from %d after %d", c, turn, n, sum, dropped, before)
			}
			if alone := 2 * (c.each + entryTokens); n == 0 && alone <= c.tokens && c.turns != 1 {
				t.Fatalf("%+v, turn %d: nothing is left", c, turn)
			}
			if dropped == before {
				kept++
			}
			before = dropped
			if early := p.fitEarly(entries[dropped:]); early%2 != 0 || n > 2 && early == n {
				t.Fatalf("%+v, turn %d: quiet, it drops %d of %d", c, turn, early, n)
			}
		}
		if c.tokens == 1000 && c.turns == 0 && kept < 45 {
			t.Errorf("%+v: the beginning stayed in %d of 60 turns", c, kept)
		}
	}
}

func TestTokensOfWhatNoModelCounted(t *testing.T) {
	if got := Tokens(store.MemoryEntry{Content: strings.Repeat("x", 300), Tokens: 80}); got != 80+entryTokens {
		t.Errorf("counted: %d", got)
	}
	if got := Tokens(store.MemoryEntry{Content: strings.Repeat("x", 300)}); got < 100 || got > 120 {
		t.Errorf("estimated: %d", got)
	}
}

func TestShorten(t *testing.T) {
	long := strings.Repeat("Ana wants a table for two. ", 200)
	for _, c := range []struct {
		in   string
		cut  bool
		want string
	}{
		{" Ana wants a table. ", false, "Ana wants a table."},
		{"Ana wants a table. She comes at", true, "Ana wants a table."},
		{"Ana wants a table for two, and a", true, "Ana wants a table for two, and a"},
		{"她想要一张桌子。她明天", true, "她想要一张桌子。"},
		{"", true, ""},
	} {
		if got := Shorten(c.in, c.cut); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
	if got := Shorten(long, false); len(got) > summaryBytes || !strings.HasSuffix(got, "two.") {
		t.Errorf("a long one: %d bytes, %q", len(got), got[len(got)-10:])
	}
	if got := Shorten(strings.Repeat("é", 2000), false); len(got) > summaryBytes || strings.Trim(got, "é") != "" {
		t.Errorf("without an end: %d bytes", len(got))
	}
}

// However far the window went on without a summary, all of what it left behind is
// read, as much at once as a window holds.
func TestFoldToReadsEverything(t *testing.T) {
	p := Policy{Strategy: Summary, MaxTurns: 6}
	all := history(0, 15, 5)
	var read []int64
	covered := int64(0)
	for calls := 0; covered < 24; calls++ {
		f := p.FoldTo(24, all[covered:])
		if calls > 5 || len(f.Read) > 8 || f.Covered <= covered || f.Covered > 24 || f.Seen < f.Covered {
			t.Fatalf("call %d from %d: %d read, covers %d, seen %d", calls, covered, len(f.Read), f.Covered, f.Seen)
		}
		for _, e := range f.Read {
			if e.Seq < f.Covered {
				read = append(read, e.Seq)
			}
		}
		covered = f.Covered
	}
	for i := range 24 {
		if read[i] != int64(i) {
			t.Fatalf("read %v", read)
		}
	}
	if f := p.FoldTo(4, nil); len(f.Read) != 0 || f.Covered != 0 {
		t.Errorf("of nothing: %+v", f)
	}
}
