// Package outbox sends what turns have written: in order within a conversation,
// within the rate limit, never the same message twice without knowing. It does
// not know how a reply is made.
package outbox

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"astromesh/runtime/channel"
	"astromesh/store"
)

const (
	// inFlight bounds sends under way at once: Graph takes 80 messages a second
	// and answers in about a third of one.
	inFlight = 64
	// lookAgain bounds the wait while rows are held up by an older one.
	lookAgain = time.Second
	// probeEvery is how often one message tries a refused token again: Meta
	// refuses good ones too, at times.
	probeEvery = 5 * time.Minute
	// sendTimeout bounds one send.
	sendTimeout = 30 * time.Second
)

// Settings are the channel's settings that apply to sending.
type Settings struct {
	Window      time.Duration // of the rate limit
	MaxMessages int           // in the window; 0 = no limit
	UnsureWait  time.Duration
	Resend      bool   // unsure rows are sent again; else a person is asked
	Token       string // tells one token from another; sending resumes when it changes
}

// Parts are what the relay works with.
type Parts struct {
	Store    *store.Store
	Sender   channel.Sender
	Settings func() Settings
	Log      *slog.Logger
	// StopWithin is how long sends in hand may go on once Run's context has ended.
	StopWithin time.Duration
}

// Relay claims due rows, paces, sends, and marks what became of them.
type Relay struct {
	Parts
	wake    chan struct{}
	rate    window
	pairs   pairs
	running sync.WaitGroup
	done    chan struct{} // one for each send that ended

	// Owned by Run's goroutine:
	free     int
	settleAt time.Time // when the oldest unsure row is to be decided about; zero = none

	mu     sync.Mutex
	paused *Pause
}

// Pause is why nothing is sent.
type Pause struct {
	Since  time.Time
	Reason string // one sentence for the owner
	token  string
	probed time.Time // when a message last tried the token
}

// New makes a relay; Run starts it.
func New(p Parts) *Relay {
	return &Relay{Parts: p, wake: make(chan struct{}, 1), done: make(chan struct{}, inFlight), free: inFlight, pairs: newPairs()}
}

// Wake says that there may be rows to send, or that a setting changed. It never blocks.
func (r *Relay) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Paused says why nothing is sent, or nil.
func (r *Relay) Paused() *Pause {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.paused == nil {
		return nil
	}
	now := *r.paused // the relay goes on changing its own
	return &now
}

// Probe lets one waiting reply try a refused token at once instead of after a
// while: for an owner who mended it at Meta.
func (r *Relay) Probe() {
	r.mu.Lock()
	if r.paused != nil {
		r.paused.probed = time.Time{}
	}
	r.mu.Unlock()
	r.Wake()
}

// Run works until ctx ends and the sends in hand are answered, or StopWithin has
// passed: what is not answered by then is unsure.
func (r *Relay) Run(ctx context.Context) error {
	if n, err := r.Store.RecoverOutbox(); err != nil {
		return fmt.Errorf("recover outbox: %w", err)
	} else if n > 0 {
		r.Log.Warn("it is not known whether replies were accepted before the interruption; waiting for Meta's reports", "stage", "outbox", "replies", n)
	}
	// work outlives ctx by StopWithin: it is what a send in hand listens to.
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	sent, err := r.Store.SentSince(work, time.Now().Add(-r.Settings().Window))
	if err != nil {
		return fmt.Errorf("read rate limit: %w", err)
	}
	r.rate.fill(sent, time.Now())
	for ctx.Err() == nil {
		claimed, err := r.runOnce(work)
		if err != nil {
			r.Log.Error("outbox cannot be read", "stage", "outbox", "error", err)
		}
		r.rest(ctx, claimed)
	}
	limit := time.AfterFunc(r.StopWithin, cancel)
	defer limit.Stop()
	r.running.Wait()
	return nil
}

// runOnce settles what is unsure and sends what may be sent now.
func (r *Relay) runOnce(work context.Context) (claimed int, err error) {
	s := r.Settings()
	if !r.settleAt.IsZero() && !time.Now().Before(r.settleAt) {
		if err := r.settle(s); err != nil {
			return 0, err
		}
	}
	room := min(r.free, r.rate.room(time.Now(), s.Window, s.MaxMessages))
	if room <= 0 {
		return 0, nil
	}
	if room = min(room, r.allowed(s)); room == 0 { // asked last: it may be the one probe
		return 0, nil
	}
	rows, err := r.Store.ClaimOutbox(room)
	if err != nil {
		return 0, err
	}
	for _, row := range rows {
		if wait := r.pairs.wait(row.ConversationID, time.Now()); wait > 0 {
			r.mark(work, row, func() error { return r.Store.MarkDue(row.Seq, time.Now().Add(wait), false, store.Failure{}) })
			continue
		}
		r.rate.take(time.Now())
		r.free--
		r.running.Go(func() {
			defer func() { r.done <- struct{}{} }()
			r.send(work, row, s)
		})
	}
	return len(rows), nil
}

// rest waits until there may be something to do.
func (r *Relay) rest(ctx context.Context, claimed int) {
	timer := time.NewTimer(r.pause(ctx, claimed))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-r.wake:
	case <-timer.C:
	case <-r.done:
		r.free++
	}
	for {
		select {
		case <-r.done:
			r.free++
		default:
			return
		}
	}
}

// pause is how long nothing can happen unless somebody wakes the relay.
func (r *Relay) pause(ctx context.Context, claimed int) time.Duration {
	s, now := r.Settings(), time.Now()
	due, unsure, err := r.Store.NextDue(ctx)
	if err != nil {
		return lookAgain
	}
	wait := time.Minute
	if !due.IsZero() {
		wait = max(due.Sub(now), r.rate.free(now, s.Window, s.MaxMessages))
	}
	r.settleAt = time.Time{}
	if !unsure.IsZero() {
		r.settleAt = unsure.Add(s.UnsureWait)
		wait = min(wait, r.settleAt.Sub(now))
	}
	if wait <= 0 && claimed == 0 { // held up by an older row, by a pause or by what is in hand
		return lookAgain
	}
	return min(max(wait, 0), time.Minute)
}

// settle decides about rows that no report has named for long enough.
func (r *Relay) settle(s Settings) error {
	rows, err := r.Store.SettleUnsure(time.Now().Add(-s.UnsureWait), s.Resend)
	if err != nil {
		return err
	}
	for _, row := range rows {
		text := "Meta has not reported on a reply that may have gone out: it is sent again."
		if !s.Resend {
			text = "Meta has not reported on a reply that may have gone out: a person must look whether it arrived."
		}
		r.Log.Warn("unsure reply settled", "stage", "outbox", "conversation", row.ConversationID, "resend", s.Resend)
		r.Store.Log(store.Event{Kind: store.EventMessage, Level: "warn", ConversationID: row.ConversationID, Stage: "outbox", Text: text}.With(map[string]string{"outbox": row.ID}))
	}
	return nil
}

// allowed is how many sends the pause leaves: none, or one that tries the token
// again after a while.
func (r *Relay) allowed(s Settings) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.paused == nil:
		return inFlight
	case r.paused.token != s.Token:
		r.paused = nil
		r.Log.Info("there is a new token: sending goes on", "stage", "send")
		r.Store.Log(store.Event{Kind: store.EventSystem, Stage: "send", Text: "There is a new access token: sending goes on."})
		return inFlight
	case time.Since(r.paused.probed) >= probeEvery:
		r.paused.probed = time.Now() // one probe a while; r.resume clears the pause if it passes
		return 1
	default:
		return 0
	}
}
