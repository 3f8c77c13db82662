// Package inbox hands each inbound event to its conversation and sees its turn
// through to the commit. One goroutine owns one conversation, so that order,
// debounce and idle exit are plain code.
package inbox

import (
	"context"
	"log/slog"
	"time"

	"astromesh/runtime/agent"
	"astromesh/runtime/channel"
	"astromesh/store"
)

// Settings are the channel's settings that apply to a turn. They are asked for
// each time, since a file may change while the program runs.
type Settings struct {
	DefaultAgent string
	Quiet        time.Duration // a burst is over after so much silence; 0 = each message by itself
	MaxQuiet     time.Duration // and at the latest after so long
	LoopWindow   time.Duration
	LoopMax      int
	Typing       bool
	MarkRead     bool
	RetryFor     time.Duration // how long a turn waits while no model can be reached
	Texts        Texts
}

// Texts are the sentences that the program itself says, by language; "" is the
// key of a text for all languages.
type Texts struct{ Error, TooLong, Blocked, Unsupported map[string]string }

// Parts are what the dispatcher works with.
type Parts struct {
	Store    *store.Store
	Agents   *agent.Registry
	Sender   channel.Sender
	Settings func() Settings
	// Split makes the messages of a reply: the channel's formatting and length.
	Split func(reply string) []string
	// Replied is called after a commit that has something to send.
	Replied func()
	Log     *slog.Logger
	// StopWithin is how long turns may go on once Run's context has ended.
	StopWithin time.Duration
}

func (p Parts) event(e store.Event) { p.Store.Log(e) }

// sleep waits, or ends early with the context's error.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
