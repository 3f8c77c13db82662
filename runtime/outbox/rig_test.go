package outbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/runtime/channel"
	"astromesh/store"
	"astromesh/store/storetest"
)

// channelSide is the channel: it takes everything, unless a test says otherwise.
type channelSide struct {
	mu    sync.Mutex
	taken []string // texts that were accepted, in order
	at    []time.Time
	tries int
	say   func(ctx context.Context, try int, out channel.Outbound) error // nil = accepted; try counts from 1
}

// Send is a channel.Sender's.
func (c *channelSide) Send(ctx context.Context, out channel.Outbound) (channel.Receipt, error) {
	c.mu.Lock()
	c.tries++
	try, say := c.tries, c.say
	c.mu.Unlock()
	if say != nil {
		if err := say(ctx, try, out); err != nil {
			return channel.Receipt{}, err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.taken, c.at = append(c.taken, out.Text), append(c.at, time.Now())
	return channel.Receipt{MessageID: fmt.Sprint("wamid.", try)}, nil
}

// MarkRead is not the relay's business.
func (*channelSide) MarkRead(context.Context, string, string, bool) error {
	return errors.ErrUnsupported
}

// Fetch is not the relay's business.
func (*channelSide) Fetch(context.Context, string, channel.Media) (channel.File, error) {
	return channel.File{}, errors.ErrUnsupported
}

func (c *channelSide) texts() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.taken)
}

func (c *channelSide) tried() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tries
}

// once makes the first send fail.
func once(outcome channel.Outcome) func(context.Context, int, channel.Outbound) error {
	return func(_ context.Context, try int, _ channel.Outbound) error {
		if try > 1 {
			return nil
		}
		return &channel.SendError{Outcome: outcome, Code: 1, Reason: "Because."}
	}
}

// rig is a relay on a real store in a bubble with time of its own.
type rig struct {
	*testing.T
	store   *store.Store
	channel *channelSide
	mu      sync.Mutex
	set     Settings
	relay   *Relay
	log     *bytes.Buffer
	turns   int
	halt    func()
}

func inBubble(t *testing.T, body func(r *rig)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{T: t, channel: &channelSide{}, log: &bytes.Buffer{}, store: storetest.Open(t, dir, nil)}
		r.set = Settings{Window: time.Minute, MaxMessages: 1000, UnsureWait: 2 * time.Minute, Resend: true, Token: "one"}
		r.start()
		body(r)
		r.halt()
		if t.Failed() {
			t.Log(r.log.String())
		}
	})
}

func (r *rig) start() {
	r.relay = New(Parts{Store: r.store, Sender: r.channel, Log: slog.New(slog.NewTextHandler(r.log, nil)), StopWithin: 4 * time.Second,
		Settings: func() Settings {
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.set
		}})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.relay.Run(ctx) }()
	r.halt = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			r.Errorf("relay: %v", err)
		}
	})
}

// change is a file that is read again.
func (r *rig) change(do func(s *Settings)) {
	r.mu.Lock()
	do(&r.set)
	r.mu.Unlock()
	r.relay.Wake()
}

// turn commits a turn with these replies for a customer who has just written, and
// wakes the relay.
func (r *rig) turn(phone string, replies ...string) (ids []string) {
	r.Helper()
	r.turns++
	payload, err := json.Marshal(store.Identity{Phone: phone})
	if err != nil {
		r.Fatal(err)
	}
	id := fmt.Sprint("t", r.turns)
	if _, err := r.store.Accept([]store.Inbox{{MessageID: "m" + id, Kind: "text", Treatment: "answer", Payload: payload, At: store.At(time.Now())}}, nil); err != nil {
		r.Fatal(err)
	}
	rows, _, err := r.store.ClaimInbox(10, func(p []byte) (string, store.Identity, error) {
		var who store.Identity
		err := json.Unmarshal(p, &who)
		return "555", who, err
	})
	if err != nil || len(rows) != 1 {
		r.Fatalf("claimed %d, %v", len(rows), err)
	}
	conv := rows[0].Conversation.ID
	c := store.TurnCommit{Turn: store.Turn{ID: id, ConversationID: conv, StartedAt: store.At(time.Now())}, InboxIDs: []int64{rows[0].ID}}
	for i, text := range replies {
		o := store.Outbox{ID: fmt.Sprint("o-", id, "-", i), ConversationID: conv, TurnID: id, Text: text, DueAt: store.At(time.Now()), CreatedAt: store.At(time.Now())}
		ids = append(ids, o.ID)
		c.Outbox = append(c.Outbox, o)
		c.Messages = append(c.Messages, store.Message{ConversationID: conv, Author: store.AuthorAgent, Kind: "text", Text: text, OutboxID: o.ID})
	}
	if err := r.store.CommitTurn(c); err != nil {
		r.Fatal(err)
	}
	r.relay.Wake()
	return ids
}

// report is a delivery report as the webhook takes it.
func (r *rig) report(outbox string, d channel.Delivery) {
	r.Helper()
	if _, err := r.store.Accept(nil, []store.Report{{MessageID: "w-" + outbox, OutboxID: outbox, Delivery: string(d), Rank: d.Rank()}}); err != nil {
		r.Fatal(err)
	}
	r.relay.Wake()
}

func (r *rig) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (r *rig) wants(texts ...string) {
	r.Helper()
	if got := r.channel.texts(); !slices.Equal(got, texts) {
		r.Errorf("accepted %q, want %q", got, texts)
	}
}

// state is how the first conversation's last reply stands, and whether a person
// is asked.
func (r *rig) state() (state, person string) {
	r.Helper()
	lines, err := r.store.Transcript(r.Context(), 1, 0, 100)
	if err != nil || len(lines) == 0 {
		r.Fatalf("%d lines, %v", len(lines), err)
	}
	c, err := r.store.Conversation(r.Context(), 1)
	if err != nil {
		r.Fatal(err)
	}
	return lines[len(lines)-1].State, c.NeedsPerson
}
