package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"astromesh/runtime/channel"
	"astromesh/store"
)

const (
	claimSize = 256
	// mostClaimed bounds what lies in memory between claim and commit; the rest
	// waits on disk. 10,000 customers who write at once fit.
	mostClaimed = 20_000
	// failedPause is the wait after the store could not be read.
	failedPause = time.Second
)

// Dispatcher claims inbox rows and hands them to their conversations.
type Dispatcher struct {
	Parts
	wake chan struct{}
	// idle and finished are how conversations speak to the dispatcher.
	idle     chan *conversation
	finished chan int // rows that are not in memory any more
	gone     chan struct{}

	live    map[int64]*conversation // owned by Run's goroutine
	claimed int
	running sync.WaitGroup
	turns   turns
	signs   chan struct{} // holds one for each read receipt under way
}

// turns are the running ones by conversation, for Interrupt; waiting are those
// of them that found no model, with the end of their patience.
type turns struct {
	sync.Mutex
	running map[int64]context.CancelCauseFunc
	waiting map[int64]time.Time
}

// New makes a dispatcher; Run starts it.
func New(p Parts) *Dispatcher {
	return &Dispatcher{
		Parts: p, wake: make(chan struct{}, 1),
		idle: make(chan *conversation), finished: make(chan int), gone: make(chan struct{}),
		live: map[int64]*conversation{}, turns: turns{running: map[int64]context.CancelCauseFunc{}, waiting: map[int64]time.Time{}},
		signs: make(chan struct{}, signsAtOnce),
	}
}

// Wake says that there may be new rows. It never blocks.
func (d *Dispatcher) Wake() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends; then turns may finish within StopWithin, and what
// did not is given back to the inbox. It returns when nothing runs any more.
func (d *Dispatcher) Run(ctx context.Context) error {
	if n, err := d.Store.RecoverInbox(); err != nil {
		return fmt.Errorf("recover inbox: %w", err)
	} else if n > 0 {
		d.Log.Info("messages are taken up again after an interruption", "stage", "inbox", "messages", n)
	}
	// work outlives ctx by StopWithin: it is what a running turn listens to.
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	d.loop(ctx, work)
	limit := time.AfterFunc(d.StopWithin, cancel)
	defer limit.Stop()
	d.drain()
	return nil
}

// loop claims when there may be something to claim: after a wake-up, after a
// failure, and when room was made again. Not each time that a row is finished:
// every look is a transaction.
func (d *Dispatcher) loop(ctx, work context.Context) {
	retry := make(<-chan time.Time)
	look := true
	for ctx.Err() == nil {
		if look {
			more, err := d.runOnce(ctx, work)
			if err != nil {
				d.Log.Error("inbox cannot be read", "stage", "inbox", "error", err)
				retry = time.After(failedPause)
			}
			look = more && err == nil && d.claimed < mostClaimed
			if look {
				continue
			}
		}
		select {
		case <-ctx.Done():
		case <-d.wake:
			look = true
		case <-retry:
			look = true
		case c := <-d.idle:
			d.release(c)
		case n := <-d.finished:
			look = d.claimed >= mostClaimed
			d.claimed -= n
		}
	}
}

// runOnce claims one batch and hands it out; more says that there may be another.
func (d *Dispatcher) runOnce(ctx, work context.Context) (more bool, err error) {
	d.settle()
	room := min(claimSize, mostClaimed-d.claimed)
	if room <= 0 || ctx.Err() != nil {
		return false, nil //nolint:nilerr // the program stops: there is nothing to claim, and nothing is wrong
	}
	rows, broken, err := d.Store.ClaimInbox(room, sender)
	if err != nil {
		return false, err
	}
	for _, b := range broken {
		d.event(store.Event{Kind: store.EventSystem, Level: "error", Stage: "inbox", Text: "a stored message could not be read and was set aside"}.With(map[string]any{"row": b.ID, "kind": b.Kind}))
	}
	d.claimed += len(rows)
	for _, row := range rows {
		if row.Kind == string(channel.KindEcho) {
			d.Interrupt(row.Conversation.ID) // the claim has taken the conversation over
		}
		d.event(store.Event{Kind: store.EventMessage, ConversationID: row.Conversation.ID, Stage: "dispatch", Text: "message arrived: " + row.Kind})
		d.conversation(ctx, work, row.Conversation).put(row)
	}
	return len(rows)+len(broken) == room, nil
}

// settle takes what conversations have to say without waiting for it.
func (d *Dispatcher) settle() {
	for {
		select {
		case c := <-d.idle:
			d.release(c)
		case n := <-d.finished:
			d.claimed -= n
		default:
			return
		}
	}
}

func (d *Dispatcher) conversation(ctx, work context.Context, row store.Conversation) *conversation {
	c, ok := d.live[row.ID]
	if !ok {
		c = newConversation(d, row.ID)
		d.live[row.ID] = c
		d.running.Go(func() { c.run(ctx, work) })
	}
	return c
}

// release lets an idle conversation go, unless a row was handed to it since.
func (d *Dispatcher) release(c *conversation) {
	if !c.empty() {
		return
	}
	delete(d.live, c.id)
	close(c.quit)
}

// drain waits for the conversations to end, still hearing them.
func (d *Dispatcher) drain() {
	ended := make(chan struct{})
	go func() { d.running.Wait(); close(ended) }()
	close(d.gone) // an idle conversation need not wait to be released
	for {
		select {
		case <-ended:
			return
		case <-d.idle:
		case <-d.finished:
		}
	}
}

// sender tells the store whose event a payload is.
func sender(payload []byte) (string, store.Identity, error) {
	var in channel.Inbound
	if err := json.Unmarshal(payload, &in); err != nil {
		return "", store.Identity{}, fmt.Errorf("read payload: %w", err)
	}
	if in.From.Phone == "" && in.From.UserID == "" {
		return "", store.Identity{}, fmt.Errorf("payload of %s names no sender", in.Kind)
	}
	return in.Account, store.Identity{Phone: in.From.Phone, UserID: in.From.UserID, Name: in.From.Name, Username: in.From.Username}, nil
}
