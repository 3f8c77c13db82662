package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"astromesh/store"
	"astromesh/store/storetest"
)

// folded is a session of ten exchanges whose first six are in a summary, whose
// writer had read eight.
func folded(t *testing.T, s *store.Store, session string) []store.MemoryEntry {
	t.Helper()
	for i := range 10 {
		err := s.Remember([]store.MemoryEntry{
			{Agent: "a", SessionID: session, Role: "user", Content: fmt.Sprintf("question %d", i), TurnID: fmt.Sprintf("%s-%d", session, i), At: 1000, Tokens: 5},
			{Agent: "a", SessionID: session, Role: "assistant", Content: fmt.Sprintf("answer %d", i), TurnID: fmt.Sprintf("%s-%d", session, i), At: 1000},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	entries, err := s.MemoryFrom(t.Context(), "a", session, 0)
	if err != nil || len(entries) != 20 || entries[0].Tokens != 5 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	w := store.MemoryWindow{Agent: "a", SessionID: session, First: 12, Summary: "They spoke of xylographs.", Covered: 12, Seen: 16, Tokens: 7}
	if err := s.SaveWindow(w, entries[:16]); err != nil {
		t.Fatal(err)
	}
	return entries
}

func window(t *testing.T, s *store.Store, session string) store.MemoryWindow {
	t.Helper()
	w, err := s.MemoryWindow(t.Context(), "a", session)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func forget(s *store.Store, seq int64) error {
	_, err := s.ForgetTurn("a", "wa_1", seq)
	return err
}

// What a summary was made from may change while it is written: then it is not kept.
func TestSaveWindowRefusesWhatIsOutdated(t *testing.T) {
	for name, between := range map[string]func(s *store.Store) error{
		"a turn that was read is deleted":      func(s *store.Store) error { return forget(s, 14) },
		"a turn of the old summary is deleted": func(s *store.Store) error { return forget(s, 2) },
		"the memory is cleared":                func(s *store.Store) error { return s.ClearMemory(t.Context(), "a", "wa_1") },
		"the summary is dropped":               func(s *store.Store) error { return s.DropSummary("a", "wa_1") },
		"cleared, and as much said again": func(s *store.Store) error {
			if err := s.ClearMemory(t.Context(), "a", "wa_1"); err != nil {
				return err
			}
			for i := range 30 {
				if err := s.Remember([]store.MemoryEntry{{Agent: "a", SessionID: "wa_1", Role: "user", TurnID: fmt.Sprint(i), At: 2000}}); err != nil {
					return err
				}
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := storetest.New(t)
			entries := folded(t, s, "wa_1")
			w := window(t, s, "wa_1")
			if err := between(s); err != nil {
				t.Fatal(err)
			}
			w.First, w.Summary = 18, "It tells of what is gone."
			if err := s.SaveWindow(w, entries[12:18]); !errors.Is(err, store.ErrConflict) {
				t.Errorf("saved: %v", err)
			}
			if got := window(t, s, "wa_1"); got.Summary == w.Summary {
				t.Errorf("kept %+v", got)
			}
		})
	}
	s := storetest.New(t)
	entries := folded(t, s, "wa_1")
	w := window(t, s, "wa_1")
	if err := s.Remember([]store.MemoryEntry{{Agent: "a", SessionID: "wa_1", Role: "user", Content: "meanwhile", At: 1000}}); err != nil {
		t.Fatal(err)
	}
	w.First = 18
	if err := s.SaveWindow(w, entries[12:18]); err != nil {
		t.Errorf("a new message alone outdates nothing: %v", err)
	}
	if got := window(t, s, "wa_1"); got.First != 18 || got.Summary != "They spoke of xylographs." || got.At <= w.At {
		t.Errorf("window %+v", got)
	}
}

// Nothing of a deleted turn survives in a summary, nor on disk.
func TestForgetTurnTakesTheSummary(t *testing.T) {
	for _, c := range []struct {
		seq  int64
		kept bool
	}{{0, false}, {11, false}, {14, false}, {15, false}, {16, true}, {19, true}, {99, true}} {
		s := storetest.New(t)
		folded(t, s, "wa_1")
		if _, err := s.ForgetTurn("a", "wa_1", c.seq); err != nil {
			t.Fatal(err)
		}
		got := window(t, s, "wa_1")
		if (got.Summary != "") != c.kept || (got.Covered == 12) != c.kept || got.First != 12 {
			t.Errorf("turn of entry %d deleted: %+v", c.seq, got)
		}
	}
}

func TestWindowGoesWithItsMemory(t *testing.T) {
	dir := t.TempDir()
	s := storetest.Open(t, dir, nil)
	folded(t, s, "wa_1")
	folded(t, s, "wa_2")
	if err := s.ClearMemory(t.Context(), "a", "wa_1"); err != nil {
		t.Fatal(err)
	}
	if got := window(t, s, "wa_1"); got.At != 0 {
		t.Errorf("cleared: %+v", got)
	}
	if gone, err := s.ExpireMemory(t.Context(), "a", time.UnixMilli(1500)); err != nil || gone != 20 {
		t.Fatalf("%d entries expired, %v", gone, err)
	}
	if got := window(t, s, "wa_2"); got.At != 0 {
		t.Errorf("expired: %+v", got)
	}
	if err := s.Checkpoint(); err != nil {
		t.Fatal(err)
	}
	if where := filesWith(t, dir, "xylographs"); where != "" {
		t.Errorf("the summary is still in %s", where)
	}
}

// A customer's number becomes known: the window follows the memory.
func TestWindowIsRenamedWithItsSession(t *testing.T) {
	s := storetest.New(t)
	if _, err := s.Accept([]store.Inbox{{MessageID: "m1", Kind: "text", Treatment: "answer", Payload: from("", "ES.1")}}, nil); err != nil {
		t.Fatal(err)
	}
	old := claim(t, s)[0].Conversation.SessionID
	folded(t, s, old)
	if _, err := s.Accept([]store.Inbox{{MessageID: "m2", Kind: "text", Treatment: "answer", Payload: from("34600111222", "ES.1")}}, nil); err != nil {
		t.Fatal(err)
	}
	renamed := claim(t, s)[0].Conversation.SessionID
	if renamed == old || !strings.HasSuffix(renamed, "34600111222") {
		t.Fatalf("session %s, then %s", old, renamed)
	}
	if got := window(t, s, renamed); got.First != 12 || got.Summary == "" {
		t.Errorf("window %+v", got)
	}
	if got := window(t, s, old); got.At != 0 {
		t.Errorf("left behind: %+v", got)
	}
}

// Turns at the end are deleted, and their numbers given again: what is said then is
// in the window.
func TestWindowBeginsNoLaterThanTheNextTurn(t *testing.T) {
	for name, c := range map[string]struct {
		turns   []int64 // their entries, in the order of deleting
		summary bool
		first   int64
	}{
		"the newest":           {[]int64{18}, true, 12},
		"into the window":      {[]int64{18, 16, 14, 12, 10, 8}, false, 8},
		"all":                  {[]int64{0, 2, 4, 6, 8, 10, 12, 14, 16, 18}, false, 0},
		"all, from the newest": {[]int64{18, 16, 14, 12, 10, 8, 6, 4, 2, 0}, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := storetest.New(t)
			folded(t, s, "wa_1")
			for _, seq := range c.turns {
				if err := forget(s, seq); err != nil {
					t.Fatal(err)
				}
			}
			if got := window(t, s, "wa_1"); got.First != c.first || (got.Summary != "") != c.summary {
				t.Errorf("window %+v, want it to begin at %d", got, c.first)
			}
		})
	}
}
