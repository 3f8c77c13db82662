package store_test

import (
	"fmt"
	"testing"
	"time"

	"astromesh/store"
	"astromesh/store/storetest"
)

func keeps(t *testing.T, s *store.Store, session string, changes ...store.KeptChange) {
	t.Helper()
	if err := s.SaveKept(session, changes); err != nil {
		t.Fatal(err)
	}
}

func kept(name, value string, expires store.Millis) store.KeptChange {
	return store.KeptChange{Kept: store.Kept{Agent: "shop", Name: name, Value: value, ExpiresAt: expires}}
}

// finds is what an agent finds for a customer under a name; "-" = nothing.
func finds(t *testing.T, s *store.Store, owner, name string) string {
	t.Helper()
	value, found, err := s.Kept(t.Context(), "shop", owner, name)
	if err != nil {
		t.Fatal(err)
	}
	if !found {
		return "-"
	}
	return value
}

func TestKeptValuesExpireAndAreBounded(t *testing.T) {
	c := newClock()
	s := storetest.Open(t, t.TempDir(), c.now)
	soon := store.At(c.at.Add(time.Hour))
	keeps(t, s, "wa_1", kept("size", "41", 0), kept("size", "42", soon), kept("ever", "x", 0))
	keeps(t, s, "wa_2", kept("size", "38", 0))
	keeps(t, s, "", kept("size", "of nobody", 0))
	if got := finds(t, s, "wa_1", "size") + finds(t, s, "wa_2", "size") + finds(t, s, "", "size"); got != "4238-" {
		t.Errorf("found %s", got)
	}
	c.at = c.at.Add(time.Hour)
	if got := finds(t, s, "wa_1", "size"); got != "-" {
		t.Errorf("what has expired is found: %s", got)
	}
	c.at = c.at.Add(time.Minute)
	if gone, err := s.Prune(store.DefaultRetention); err != nil || gone != 1 {
		t.Errorf("the janitor removed %d, %v", gone, err)
	}
	keeps(t, s, "wa_2", store.KeptChange{Kept: store.Kept{Agent: "shop", Name: "size"}, Gone: true})
	for i := range 60 { // the oldest of one customer give way, and nobody else's
		keeps(t, s, "wa_2", kept(fmt.Sprint("n", i), "v", 0))
	}
	rows, err := s.KeptOf(t.Context(), "shop", "wa_2")
	if err != nil || len(rows) != 50 || finds(t, s, "wa_2", "n9") != "-" || finds(t, s, "wa_2", "n10") != "v" || finds(t, s, "wa_1", "ever") != "x" {
		t.Errorf("%d values, %v", len(rows), err)
	}
}

// A customer's number becomes known: what was kept under the old name is found
// under the new one, where the new one holds nothing of that name.
func TestKeptValuesMoveWithTheCustomer(t *testing.T) {
	s := storetest.New(t)
	hidden := arrival(t, s, "m1", "", "ES.1")
	keeps(t, s, hidden.Conversation.SessionID, kept("size", "42", 0), store.KeptChange{Kept: store.Kept{Agent: "shop", Name: "offer", Value: "lamps"}, Shared: true})
	keeps(t, s, "wa_34600111222", kept("city", "Soria", 0))
	known := arrival(t, s, "m2", "34600111222", "ES.1")
	if known.Conversation.SessionID != "wa_34600111222" {
		t.Fatalf("session %s", known.Conversation.SessionID)
	}
	if got := finds(t, s, "wa_34600111222", "size") + finds(t, s, "wa_34600111222", "city") + finds(t, s, "", "offer") + finds(t, s, hidden.Conversation.SessionID, "size"); got != "42Sorialamps-" {
		t.Errorf("found %s", got)
	}
	proof, err := s.Erase(t.Context(), known.Conversation.ID)
	if err != nil || !proof.Clean() || finds(t, s, "", "offer") != "-" {
		t.Errorf("%+v, %v", proof, err)
	}
}

func arrival(t *testing.T, s *store.Store, id, phone, user string) store.Claimed {
	t.Helper()
	if _, err := s.Accept([]store.Inbox{{MessageID: id, Kind: "text", Treatment: "answer", Payload: from(phone, user), At: 1000}}, nil); err != nil {
		t.Fatal(err)
	}
	return claim(t, s)[0]
}
