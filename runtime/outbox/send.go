package outbox

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

	"astromesh/runtime/channel"
	"astromesh/store"
)

// send hands one row to the channel and marks what became of it.
func (r *Relay) send(work context.Context, row store.Due, s Settings) {
	receipt, err := r.call(work, row)
	if err == nil {
		r.resume()
		r.mark(work, row, func() error { return r.Store.MarkSent(row.Seq, receipt.MessageID) })
		r.tell(row, "info", "sent", "A reply was accepted by WhatsApp.", nil)
		return
	}
	var fault *channel.SendError
	if !errors.As(err, &fault) { // every Sender promises one: not knowing is the safe reading
		fault = &channel.SendError{Outcome: channel.Unknown, Reason: "The reply could not be sent.", Err: err}
	}
	r.failed(work, row, s, fault)
}

// call keeps a panic over one reply from ending the program, which would send it
// again at the next start and end again.
func (r *Relay) call(work context.Context, row store.Due) (receipt channel.Receipt, err error) {
	defer func() {
		if p := recover(); p != nil {
			r.Log.Error("send panicked", "stage", "send", "conversation", row.ConversationID, "panic", p, "stack", string(debug.Stack()))
			err = &channel.SendError{Outcome: channel.Unknown, Reason: "The program made a mistake while it sent this reply: please report it with the log."}
		}
	}()
	ctx, cancel := context.WithTimeout(work, sendTimeout)
	defer cancel()
	return r.Sender.Send(ctx, channel.Outbound{
		ID: row.ID, Account: row.Account, Text: row.Text, LastInboundAt: row.LastInboundAt.Time(),
		To: channel.Customer{Phone: row.Phone, UserID: row.UserID},
	})
}

func (r *Relay) failed(work context.Context, row store.Due, s Settings, fault *channel.SendError) {
	why := store.Failure{Code: fault.Code, Reason: fault.Reason}
	later := func(wait time.Duration) {
		counted := work.Err() == nil // the stop cut it off: that was no attempt
		r.mark(work, row, func() error { return r.Store.MarkDue(row.Seq, time.Now().Add(wait), counted, why) })
	}
	switch fault.Outcome {
	case channel.Rejected:
		later(max(fault.RetryAfter, backoff(row.Attempts)))
		r.tell(row, "warn", "rejected, will be tried again", fault.Reason, fault)
	case channel.PairLimited:
		later(max(fault.RetryAfter, pairBackoff(row.Attempts)))
		r.tell(row, "warn", "too many to one customer, will be tried again", fault.Reason, fault)
	case channel.TokenRefused:
		r.pauseSending(s.Token, fault.Reason)
		r.mark(work, row, func() error { return r.Store.MarkDue(row.Seq, time.Now(), false, why) })
		r.tell(row, "error", "token refused", fault.Reason, fault)
	case channel.Unknown:
		r.mark(work, row, func() error { return r.Store.MarkUnsure(row.Seq, why) })
		r.tell(row, "warn", "unsure", fault.Reason, fault)
	default: // Refused, WindowClosed
		r.mark(work, row, func() error { return r.Store.MarkFailed(row.Seq, why) })
		r.tell(row, "error", "failed", fault.Reason, fault)
	}
}

// mark writes what became of a send. A disk that refuses is tried again until the
// program has to end: a row that stays in sending is unsure at the next start, and
// waits for a report.
func (r *Relay) mark(work context.Context, row store.Due, write func() error) {
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 10*time.Second) {
		err := write()
		if err == nil || errors.Is(err, store.ErrClosed) {
			return
		}
		r.Log.Error("the result of a send cannot be saved; trying again", "stage", "outbox", "conversation", row.ConversationID, "error", err)
		select {
		case <-time.After(wait):
		case <-work.Done():
			return
		}
	}
}

func (r *Relay) tell(row store.Due, level, what, text string, fault *channel.SendError) {
	data := map[string]any{"outbox": row.ID, "turn": row.TurnID, "attempt": row.Attempts + 1, "result": what}
	if fault != nil {
		data["code"], data["status"], data["detail"] = fault.Code, fault.Status, fault.Detail
		r.Log.Warn("reply was not sent", "stage", "send", "conversation", row.ConversationID, "result", what, "attempt", row.Attempts+1, "code", fault.Code, "status", fault.Status, "detail", fault.Detail)
	}
	r.Store.Log(store.Event{Kind: store.EventMessage, Level: level, ConversationID: row.ConversationID, Stage: "send", Text: text}.With(data))
}

func (r *Relay) pauseSending(token, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.paused != nil {
		return
	}
	now := time.Now()
	r.paused = &Pause{Since: now, Reason: reason, token: token, probed: now}
	r.Log.Error("all sending is paused: Meta refused the access token", "stage", "send")
	r.Store.Log(store.Event{Kind: store.EventSystem, Level: "error", Stage: "send", Text: "All sending is paused: " + reason})
}

func (r *Relay) resume() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.paused == nil {
		return
	}
	r.paused = nil
	r.Log.Info("Meta accepts the access token again: sending goes on", "stage", "send")
	r.Store.Log(store.Event{Kind: store.EventSystem, Stage: "send", Text: "Meta accepts the access token again: sending goes on."})
	r.Wake()
}
