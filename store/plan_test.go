package store

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// statements remembers what is run on the database.
type statements struct {
	logger.Interface
	mu   sync.Mutex
	list []string
}

// Trace is gorm's: it is called after each statement.
func (s *statements) Trace(_ context.Context, _ time.Time, fc func() (string, int64), _ error) {
	sql, _ := fc()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, sql)
}

// LogMode is gorm's: there is one level only.
func (s *statements) LogMode(logger.LogLevel) logger.Interface { return s }

// growing are the tables that have a million rows after a few years. They may be
// read whole by an index that holds open rows only.
var growing = regexp.MustCompile(`^(SCAN (inbox|outbox|message|event|delivery|turn|memory|guardrail|o|p|m|d)\b|SEARCH \w+$)`)
var openOnly = regexp.MustCompile(`USING (COVERING )?INDEX (inbox_open|outbox_open|outbox_order)\b`)

// No statement of the message path walks through what is long done: its time
// must not grow with the years. SQLite takes a partial index only where the
// statement repeats the index's condition.
func TestNoStatementWalksThroughWhatIsDone(t *testing.T) {
	s, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	seen := &statements{Interface: logger.Discard}
	s.writer.db = s.writer.db.Session(&gorm.Session{Logger: seen})
	s.reader = s.reader.Session(&gorm.Session{Logger: seen})
	walkThePath(t, s)
	seen.mu.Lock()
	list := seen.list
	seen.mu.Unlock()
	if len(list) < 40 {
		t.Fatalf("only %d statements were seen", len(list))
	}
	for _, sql := range list {
		for _, step := range planOf(t, s, sql) {
			if growing.MatchString(step) && !openOnly.MatchString(step) {
				t.Errorf("%s\n\t%s", step, strings.Join(strings.Fields(sql), " "))
			}
		}
	}
}

func planOf(t *testing.T, s *Store, sql string) (steps []string) {
	t.Helper()
	if verb, _, _ := strings.Cut(strings.TrimSpace(sql), " "); verb != "SELECT" && verb != "UPDATE" && verb != "DELETE" {
		return nil
	}
	var rows []struct{ Detail string }
	if err := s.reader.Raw("EXPLAIN QUERY PLAN " + sql).Scan(&rows).Error; err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	for _, r := range rows {
		steps = append(steps, r.Detail)
	}
	return steps
}

// walkThePath runs every statement of the message path once, two customers that
// turn out to be one included.
func walkThePath(t *testing.T, s *Store) {
	t.Helper()
	w := walk{t, s}
	w.commit("t1", w.put("m1", Identity{UserID: "US.1"}))
	w.must(s.Requeue([]int64{w.put("m2", Identity{Phone: "346"}).ID}))
	w.commit("t2", w.put("m3", Identity{Phone: "346", UserID: "US.1"}))
	w.must(second(s.Mute(1, 5, "why")))
	for range 2 {
		w.must(s.MarkDue(w.send(), s.now(), true, Failure{}))
	}
	seq := w.send()
	w.must(s.MarkUnsure(seq, Failure{}))
	w.must(s.MarkSent(seq, "w1"))
	w.must(s.MarkFailed(seq, Failure{Reason: "no"}))
	w.must(second(s.Accept(nil, []Report{
		{MessageID: "w1", Delivery: "sent", Rank: 1}, {MessageID: "w1", OutboxID: "ot1", Delivery: "delivered", Rank: 3},
		{MessageID: "w2", Delivery: "failed", Rank: 2, Error: "no", Again: true},
	})))
	for _, resend := range []bool{true, false} {
		w.must(second(s.SettleUnsure(s.now(), resend)))
	}
	w.must(second(s.RecoverInbox()))
	w.must(second(s.RecoverOutbox()))
	w.must(second(s.Prune(DefaultRetention)))
	w.look(context.Background())
}

type walk struct {
	*testing.T
	s *Store
}

func (w walk) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func second[T any](_ T, err error) error { return err }

// put takes in a message and claims it.
func (w walk) put(id string, who Identity) Claimed {
	w.Helper()
	payload, err := json.Marshal(who)
	w.must(err)
	w.must(second(w.s.Accept([]Inbox{{MessageID: id, Kind: "text", Treatment: "answer", Payload: payload, At: 1000}}, nil)))
	rows, _, err := w.s.ClaimInbox(10, func(p []byte) (string, Identity, error) {
		var who Identity
		err := json.Unmarshal(p, &who)
		return "5", who, err
	})
	if err != nil || len(rows) == 0 {
		w.Fatalf("claim: %v, %d rows", err, len(rows))
	}
	return rows[len(rows)-1]
}

func (w walk) commit(turn string, row Claimed) {
	w.Helper()
	w.must(w.s.CommitTurn(TurnCommit{
		Turn: Turn{ID: turn, ConversationID: row.Conversation.ID, Agent: "a"}, InboxIDs: []int64{row.ID}, NeedsPerson: "why",
		Memory: []MemoryEntry{{Agent: "a", SessionID: row.Conversation.SessionID, Role: "user", Content: "q"}},
		Outbox: []Outbox{{ID: "o" + turn, ConversationID: row.Conversation.ID, Text: "hi"}},
		Hits:   []GuardrailHit{{TurnID: turn}},
	}))
}

// send claims one reply.
func (w walk) send() int64 {
	w.Helper()
	rows, err := w.s.ClaimOutbox(1)
	w.must(err)
	if len(rows) != 1 {
		w.Fatalf("%d replies are due", len(rows))
	}
	return rows[0].Seq
}

// look asks what the runtime and the pages ask often.
func (w walk) look(ctx context.Context) {
	w.Helper()
	w.must(second(w.s.SentSince(ctx, w.s.now())))
	w.must(second(w.s.OutboxWaiting(ctx)))
	w.must(second(w.s.Transcript(ctx, 1, 0, 10)))
	w.must(second(w.s.Events(ctx, EventModel, 0, 10)))
	w.must(second(w.s.MemoryHistory(ctx, "a", "wa_346", 10)))
	w.must(second(w.s.Remembered(ctx, "a", "wa_346", 10)))
	w.must(second(w.s.Pending(ctx, 1)))
	w.must(second(w.s.Hits(ctx, []string{"t1", "t2"})))
	_, _, err := w.s.NextDue(ctx)
	w.must(err)
	_, _, err = w.s.InboxWaiting(ctx)
	w.must(err)
}
