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

// Make opens a store that holds conversations, their turns, replies and memory,
// written past the store's own way: a million messages take some fifteen seconds.
// The same numbers make the same texts.
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
	db, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=WAL&_synchronous=OFF&_cache_size=-400000")
	if err != nil {
		return err
	}
	defer func() {
		if e := db.Close(); err == nil {
			err = e
		}
	}()
	db.SetMaxOpenConns(1) // temporary tables are a connection's own
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	w := &filler{ctx: ctx, tx: tx, r: rand.New(rand.NewPCG(1, 2)), f: f, prepared: map[string]*sql.Stmt{}}
	w.contacts()
	w.phrases()
	w.do(exchanges, sql.Named("n", f.Messages/2), sql.Named("conversations", f.Conversations), sql.Named("newest", f.Newest.UnixMilli()))
	led := w.dropTrigger("message_search_add")
	for _, statement := range filled {
		w.do(statement)
	}
	w.do(led)
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
			w.err = fmt.Errorf("%s: %w", query, w.err)
			return
		}
		w.prepared[query] = stmt
	}
	if _, err := stmt.ExecContext(w.ctx, args...); err != nil {
		w.err = fmt.Errorf("%s: %w", query, err)
	}
}

// dropTrigger removes one and gives the statement that makes it again.
func (w *filler) dropTrigger(name string) (made string) {
	if w.err == nil {
		w.err = w.tx.QueryRowContext(w.ctx, "SELECT sql FROM sqlite_master WHERE name = ?", name).Scan(&made)
	}
	w.do("DROP TRIGGER " + name)
	return made
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

// phrases are words at random, from which the texts are put together.
func (w *filler) phrases() {
	w.do("CREATE TEMP TABLE phrase (id INTEGER PRIMARY KEY, text TEXT)")
	for i := range 4096 {
		words := make([]string, 3+w.r.IntN(12))
		for k := range words {
			words[k] = fillWords[w.r.IntN(len(fillWords))]
		}
		w.do("INSERT INTO temp.phrase VALUES (?, ?)", i, strings.Join(words, " "))
	}
}

// exchanges are questions and their answers. h1 and h2 are i's digits well shaken.
// Some customers write a lot: the cube leans towards the first ones. One text in a
// thousand begins with a word that hardly any other has.
const exchanges = `CREATE TEMP TABLE exchange AS
	WITH RECURSIVE k(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM k WHERE i < @n - 1),
	shaken AS (SELECT i, (i * 2654435761 + 12345) % 4294967291 AS h1, (i * 40503 + 7919) * 65599 % 4294967291 AS h2 FROM k)
	SELECT i, CAST(@conversations * (h1 / 4294967291.0) * (h1 / 4294967291.0) * (h1 / 4294967291.0) AS INTEGER) + 1 AS conv,
		@newest - (@n - i) * 40000 AS at, CASE WHEN i % 500 = 13 THEN 'failed' ELSE 'sent' END AS state,
		printf('turn-%07d', i) AS turn, printf('out-%07d', i) AS out,
		CASE WHEN h2 % 1000 = 0 THEN 'rareword' || (h2 / 1000 % 1000000) || ' ' ELSE '' END || (SELECT text FROM temp.phrase WHERE id = h2 % 4096) AS question,
		(SELECT text FROM temp.phrase WHERE id = h1 % 4096) || ' ' || (SELECT text FROM temp.phrase WHERE id = h2 / 4096 % 4096) AS answer
	FROM shaken`

// filled spreads the exchanges over the tables. The search index is made once, at
// the end, in place of being led by a trigger.
var filled = []string{
	`INSERT INTO turn (id, conversation_id, agent, agent_version, outcome, model, tokens_in, tokens_out, trace, received_at, started_at, ended_at)
		SELECT turn, conv, 'shop', 1, 'answered', 'llama3.1:8b', 420, 60, '{}', at, at + 300, at + 2400 FROM temp.exchange`,
	`INSERT INTO outbox (id, conversation_id, turn_id, text, state, due_at, sent_at, message_id, delivery, delivery_rank, error, error_code, created_at)
		SELECT out, conv, turn, answer, state, at, at + 2500, printf('wamid.out%07d', i),
			CASE WHEN state = 'failed' THEN 'failed' WHEN i % 3 = 0 THEN 'sent' WHEN i % 3 = 1 THEN 'delivered' ELSE 'read' END, 1,
			CASE WHEN state = 'failed' THEN 'WhatsApp could not reach the customer''s phone.' ELSE '' END, CASE WHEN state = 'failed' THEN 131026 ELSE 0 END, at + 2400 FROM temp.exchange`,
	`INSERT INTO guardrail (turn_id, conversation_id, agent, direction, rule, entity, action, at)
		SELECT turn, conv, 'shop', 'input', 'pii_detection', 'EMAIL', 'rewrite', at FROM temp.exchange WHERE i % 20 = 3`,
	`INSERT INTO message (id, conversation_id, turn_id, author, kind, text, message_id, outbox_id, at)
		SELECT 2 * i + 1 + side, conv, turn, CASE side WHEN 0 THEN 'customer' ELSE 'agent' END, 'text', CASE side WHEN 0 THEN question ELSE answer END,
			CASE side WHEN 0 THEN printf('wamid.in%07d', i) ELSE '' END, CASE side WHEN 0 THEN '' ELSE out END, at + side * 2400
		FROM temp.exchange, (SELECT 0 AS side UNION ALL SELECT 1)`,
	"INSERT INTO message_search (message_search) VALUES ('rebuild')",
	// What an agent remembers ends somewhere; here, of the talkers, nothing does.
	`INSERT INTO memory (agent, session_id, seq, role, content, turn_id, at)
		SELECT 'shop', session_id, row_number() OVER (PARTITION BY conversation_id ORDER BY m.id) - 1, CASE author WHEN 'agent' THEN 'assistant' ELSE 'user' END, text, turn_id, m.at
		FROM message m JOIN conversation c ON c.id = conversation_id WHERE conversation_id <= 50`,
	`UPDATE conversation SET last_inbound_at = x.at, last_outbound_at = x.at + 2400
		FROM (SELECT conv, max(at) AS at FROM temp.exchange GROUP BY conv) AS x WHERE x.conv = conversation.id`,
	"DROP TABLE temp.exchange",
	"DROP TABLE temp.phrase",
}
