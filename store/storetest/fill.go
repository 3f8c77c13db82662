package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"astromesh/store"
)

// Fill says how much a made-up shop has behind it.
type Fill struct {
	Conversations int
	Messages      int // in all; half of them are answers of the agent
	Newest        time.Time
}

var (
	fillNames = []string{"Ana", "Luis", "María José", "João", "Chloë", "مريم", "Bartholomew Featherstonehaugh", "Ira", "Núria", "Tomé", "Ольга", "Wanjiru"}
	fillWords = strings.Fields("two pizzas without onion please when do you open tomorrow is the shop far from station my order has not come yet " +
		"thank you can I pay by card how much for eight people gracias hasta luego quiero cambiar la hora obrigado até amanhã entrega em casa hay mesa para cuatro")
)

// Make opens a store that holds conversations, their turns and replies, written
// past the store's own way for speed. The same numbers make the same texts.
func Make(t testing.TB, dir string, f Fill) *store.Store {
	t.Helper()
	s, err := store.Open(dir, store.Options{}) // makes the tables
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := fill(t.Context(), filepath.Join(dir, store.FileName), f); err != nil {
		t.Fatalf("fill the store: %v", err)
	}
	return Open(t, dir, nil)
}

func fill(ctx context.Context, path string, f Fill) (err error) {
	db, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=WAL&_synchronous=OFF&_secure_delete=on&_cache_size=-200000")
	if err != nil {
		return err
	}
	defer func() {
		if e := db.Close(); err == nil {
			err = e
		}
	}()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	w := &filler{ctx: ctx, tx: tx, r: rand.New(rand.NewPCG(1, 2)), f: f, prepared: map[string]*sql.Stmt{}}
	w.contacts()
	for i := range f.Messages / 2 {
		w.exchange(i)
	}
	w.do(`UPDATE conversation SET last_inbound_at = (SELECT max(at) FROM message m WHERE m.conversation_id = conversation.id AND author = 'customer'),
		last_outbound_at = (SELECT max(at) FROM message m WHERE m.conversation_id = conversation.id AND author = 'agent')
		WHERE id IN (SELECT conversation_id FROM message)`)
	if w.err != nil {
		return w.err
	}
	return tx.Commit()
}

// filler writes rows until the first error.
type filler struct {
	ctx      context.Context
	tx       *sql.Tx
	r        *rand.Rand
	f        Fill
	prepared map[string]*sql.Stmt
	err      error
}

func (w *filler) do(query string, args ...any) {
	if w.err != nil {
		return
	}
	stmt, ok := w.prepared[query]
	if !ok {
		if stmt, w.err = w.tx.PrepareContext(w.ctx, query); w.err != nil {
			return
		}
		w.prepared[query] = stmt
	}
	if _, err := stmt.ExecContext(w.ctx, args...); err != nil {
		w.err = fmt.Errorf("%s: %w", query, err)
	}
}

func (w *filler) contacts() {
	for i := range w.f.Conversations {
		phone := fmt.Sprintf("34600%06d", i)
		name := fillNames[i%len(fillNames)]
		needs := ""
		if i%50 == 7 {
			needs = "A reply was not delivered: the customer's phone cannot be reached."
		}
		var taken int64
		if i%60 == 9 {
			taken = w.f.Newest.Add(6 * time.Hour).UnixMilli()
		}
		w.do("INSERT INTO contact (id, phone, name, created_at) VALUES (?, ?, ?, 1)", i+1, phone, name)
		w.do("INSERT INTO conversation (id, account, contact_id, session_id, agent, needs_person, taken_until, taken_by, created_at) VALUES (?, '5', ?, ?, 'shop', ?, ?, ?, 1)",
			i+1, i+1, "wa_"+phone, needs, taken, map[bool]string{true: "Olga"}[taken > 0])
	}
}

// exchange is one question and its answer, somewhere.
func (w *filler) exchange(i int) {
	// Some customers write a lot: the cube leans towards the first ones.
	u := w.r.Float64()
	conv := int64(u*u*u*float64(w.f.Conversations)) + 1
	at := w.f.Newest.Add(-time.Duration(w.f.Messages/2-i) * 40 * time.Second).UnixMilli()
	turn, out := fmt.Sprintf("turn-%d", i), fmt.Sprintf("out-%d", i)
	question, answer := w.text(3+w.r.IntN(12)), w.text(5+w.r.IntN(25))
	w.do("INSERT INTO turn (id, conversation_id, agent, agent_version, outcome, model, tokens_in, tokens_out, trace, received_at, started_at, ended_at) VALUES (?, ?, 'shop', 1, 'answered', 'llama3.1:8b', 420, 60, '{}', ?, ?, ?)",
		turn, conv, at, at+300, at+2400)
	w.do("INSERT INTO message (conversation_id, turn_id, author, kind, text, message_id, at) VALUES (?, ?, 'customer', 'text', ?, ?, ?)", conv, turn, question, fmt.Sprintf("wamid.in%d", i), at)
	w.do("INSERT INTO message (conversation_id, turn_id, author, kind, text, outbox_id, at) VALUES (?, ?, 'agent', 'text', ?, ?, ?)", conv, turn, answer, out, at+2400)
	state, delivery, reason, code := "sent", []string{"sent", "delivered", "read"}[i%3], "", 0
	if i%500 == 13 {
		state, delivery, reason, code = "failed", "failed", "WhatsApp could not reach the customer's phone.", 131026
	}
	w.do("INSERT INTO outbox (id, conversation_id, turn_id, text, state, due_at, sent_at, message_id, delivery, delivery_rank, error, error_code, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)",
		out, conv, turn, answer, state, at, at+2500, fmt.Sprintf("wamid.out%d", i), delivery, reason, code, at+2400)
	if i%20 == 3 {
		w.do("INSERT INTO guardrail (turn_id, conversation_id, agent, direction, rule, entity, action, at) VALUES (?, ?, 'shop', 'input', 'pii_detection', 'EMAIL', 'rewrite', ?)", turn, conv, at)
	}
}

// text is words at random, with one that no other text has in a thousand.
func (w *filler) text(n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = fillWords[w.r.IntN(len(fillWords))]
	}
	if w.r.IntN(1000) == 0 {
		words[0] = fmt.Sprintf("rareword%d", w.r.IntN(1_000_000))
	}
	return strings.Join(words, " ")
}
