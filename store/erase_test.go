package store_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"astromesh/store"
	"astromesh/store/storetest"
)

const (
	erasedPhone = "34655443322"
	erasedUser  = "ES.99887766554433221100"
)

// wamid is a message id as Meta makes them: the number is inside.
func wamid(phone string, n int) string {
	return "wamid." + base64.StdEncoding.EncodeToString([]byte(fmt.Sprintf("\x1c\x18\x0b%s\x15\x02%06d", phone, n)))
}

// talk lets a customer write and the agent answer, with words of their own, and
// everything that the tables may hold of it.
func talk(t *testing.T, s *store.Store, who store.Identity, n int, words string) int64 {
	t.Helper()
	payload, err := json.Marshal(who)
	if err != nil {
		t.Fatal(err)
	}
	id := wamid(who.Phone, n)
	if _, err := s.Accept([]store.Inbox{{MessageID: id, Kind: "text", Treatment: "answer", Payload: payload, At: 1000}}, nil); err != nil {
		t.Fatal(err)
	}
	rows := claim(t, s)
	conv, turn := rows[0].Conversation, fmt.Sprintf("turn-%s-%d", who.Phone, n)
	out := "out-" + turn
	err = s.CommitTurn(store.TurnCommit{
		Turn: store.Turn{ID: turn, ConversationID: conv.ID, Agent: "shop", Noted: `[{"tool":"crm","arguments":{"x":"` + words + `detail"}}]`, Data: `{"size":"` + words + `data"}`, Trace: `{"prompt":[{"content":"` + words + `trace"}]}`, Usage: []store.Usage{{Candidate: "ollama/m", Calls: 1}}}, InboxIDs: []int64{rows[0].ID},
		Memory:   []store.MemoryEntry{{Agent: "shop", SessionID: conv.SessionID, Role: "user", Content: words + "memory", TurnID: turn}},
		Messages: []store.Message{{ConversationID: conv.ID, TurnID: turn, Author: "customer", Kind: "text", Text: "hello " + words + "said", MessageID: id}, {ConversationID: conv.ID, TurnID: turn, Author: "agent", Kind: "text", Text: words + "answered", OutboxID: out}},
		Outbox:   []store.Outbox{{ID: out, ConversationID: conv.ID, TurnID: turn, Text: words + "answered", CreatedAt: store.At(time.Now())}},
		Kept:     []store.KeptChange{{Kept: store.Kept{Agent: "shop", Name: "size", Value: words + "kept"}}},
		Hits:     []store.GuardrailHit{{TurnID: turn, ConversationID: conv.ID, Direction: "input", Rule: "pii", Entity: "EMAIL", Action: "rewrite"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	due, err := s.ClaimOutbox(10)
	if err != nil || len(due) != 1 {
		t.Fatalf("%d due, %v", len(due), err)
	}
	if err := s.MarkSent(due[0].Seq, wamid(who.Phone, n+1000)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Accept(nil, []store.Report{{MessageID: wamid(who.Phone, n+1000), OutboxID: out, Delivery: "sent", Rank: 1}}); err != nil {
		t.Fatal(err)
	}
	if err := s.AddNote(conv.ID, "Olga", words+"noted"); err != nil {
		t.Fatal(err)
	}
	last, err := s.LastEvent(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.Log(store.Event{Kind: store.EventMessage, ConversationID: conv.ID, Text: words + "event"})
	waitEvents(t, s, last+1) // the log is written behind: also behind an erasure
	w, err := s.MemoryWindow(t.Context(), "shop", conv.SessionID)
	if err != nil {
		t.Fatal(err)
	}
	w.Summary = words + "summary"
	if err := s.SaveWindow(w, nil); err != nil {
		t.Fatal(err)
	}
	return conv.ID
}

func TestEraseLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	s := storetest.Open(t, dir, nil)
	eve := store.Identity{Phone: erasedPhone, UserID: erasedUser, Name: "Evangelina", Username: "evangel"}
	other := store.Identity{Phone: "34611111111", Name: "Ana"}
	keep := talk(t, s, other, 1, "ordinary")
	id := talk(t, s, eve, 1, "xylograph")
	for n := 2; n < 40; n++ { // several segments in the search index
		talk(t, s, eve, n, fmt.Sprintf("xylograph%d", n))
		talk(t, s, other, n, "ordinary")
	}
	proof, err := s.Erase(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if !proof.Clean() || len(proof.Rows) != 14 || len(proof.Found) != 5 || proof.Files == 0 {
		t.Errorf("proof %+v", proof)
	}
	for _, r := range proof.Rows {
		if r.Gone == 0 {
			t.Errorf("nothing was taken out of %s", r.Table)
		}
	}
	for _, word := range []string{"xylograph", erasedPhone, erasedUser, "Evangelina", "evangel", base64.StdEncoding.EncodeToString([]byte("\x1c\x18\x0b" + erasedPhone))[:18]} {
		if where := filesWith(t, dir, word); where != "" {
			t.Errorf("%q is in %s", word, where)
		}
	}
	if where := filesWith(t, dir, "ordinary"); where == "" {
		t.Error("the other customer's words are gone too, or the search finds nothing")
	}
	if rows, err := s.ConversationList(t.Context(), store.ListQuery{Search: "ordinarysaid", Limit: 10}); err != nil || len(rows) != 1 || rows[0].ID != keep {
		t.Errorf("search: %v, %v", rows, err)
	}
	metaRepeats(t, s)
	if where := filesWith(t, dir, wamid(erasedPhone, 1001)); where != "" {
		t.Errorf("the late report is in %s", where)
	}
	if _, err := s.Erase(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("erasing twice: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	metaRepeats(t, storetest.Open(t, dir, nil)) // a new program knows it too
}

// metaRepeats sends an old message of the erased customer once more, and reports on
// an old reply.
func metaRepeats(t *testing.T, s *store.Store) {
	t.Helper()
	again := store.Inbox{MessageID: wamid(erasedPhone, 1), Kind: "text", Treatment: "answer", Payload: []byte(`{}`)}
	late := store.Report{MessageID: wamid(erasedPhone, 1001), OutboxID: "out-x", Delivery: "read", Rank: 4}
	if fresh, err := s.Accept([]store.Inbox{again}, []store.Report{late}); err != nil || fresh != 0 {
		t.Errorf("a repetition counts as %d new messages, %v", fresh, err)
	}
}

// filesWith names the files of a folder that hold a text.
func filesWith(t *testing.T, dir, text string) (names string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(text)) {
			names += " " + e.Name()
		}
	}
	return names
}

func TestExportHoldsEverything(t *testing.T) {
	s := storetest.New(t)
	id := talk(t, s, store.Identity{Phone: erasedPhone, Name: "Evangelina"}, 1, "xylograph")
	talk(t, s, store.Identity{Phone: "34611111111", Name: "Ana"}, 1, "ordinary")
	c, err := s.Customer(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{erasedPhone, "Evangelina", "xylographsaid", "xylographanswered", "xylographtrace", "xylographmemory", "xylographsummary", "xylographkept", "xylographdetail", "xylographnoted", "xylographevent", wamid(erasedPhone, 1), wamid(erasedPhone, 1001), `"entity":"EMAIL"`, `"delivery":"sent"`} {
		if !bytes.Contains(b, []byte(word)) {
			t.Errorf("%s is missing in %s", word, b)
		}
	}
	if bytes.Contains(b, []byte("ordinary")) {
		t.Error("another customer's words are in it")
	}
	if _, err := s.Customer(t.Context(), 99); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("export of nobody: %v", err)
	}
}

// Another customer has written the number: the proof says that it is still there.
func TestEraseSaysWhatOthersWrote(t *testing.T) {
	s := storetest.New(t)
	id := talk(t, s, store.Identity{Phone: erasedPhone, Name: "Evangelina"}, 1, "xylograph")
	talk(t, s, store.Identity{Phone: "34611111111", Name: "Ana"}, 1, "call "+erasedPhone+" ")
	proof, err := s.Erase(t.Context(), id)
	if err != nil || proof.Clean() || proof.Found[0].What != "number" || proof.Found[0].Times == 0 {
		t.Errorf("proof %+v, %v", proof, err)
	}
	for _, r := range proof.Rows {
		if r.Left > 0 {
			t.Errorf("%d rows left in %s", r.Left, r.Table)
		}
	}
}
