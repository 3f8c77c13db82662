package tool

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Whatever a tool does costs one call: the model reads words, the owner hears of
// what a tool should not have done, and nothing of a call that failed is kept.
func TestCallSurvivesATool(t *testing.T) {
	for _, c := range []struct {
		name              string
		tool              scripted
		text, err, faults string
	}{
		{"panics", func(context.Context, Call) (string, error) { panic("boom") }, "", "failed inside", "please report it with the log"},
		{"no map", func(_ context.Context, c Call) (string, error) { c.Arguments["x"] = 1; return "", nil }, "", "failed inside", "failed inside"},
		{"sends and panics", func(_ context.Context, c Call) (string, error) {
			return "", errors.Join(c.Effects.Send("hello"), c.Effects.HandOver("why"), c.Effects.Record("x", nil), panicking())
		}, "", "failed inside", "failed inside"},
		{"sends and fails", func(_ context.Context, c Call) (string, error) {
			return "", errors.Join(c.Effects.Send("hello"), errors.New("no stock list"))
		}, "", "no stock list", ""},
		{"a server that is gone", func(context.Context, Call) (string, error) {
			return "", &FaultError{Model: "the shop is closed", Owner: "The shop does not answer."}
		}, "", "the shop is closed", "The shop does not answer."},
		{"broken bytes", func(context.Context, Call) (string, error) { return "a\xffb", nil }, "ab", "", ""},
		{"50 MB", func(context.Context, Call) (string, error) { return strings.Repeat("é", 25<<20), nil }, "bytes more]", "", "gave 52428800 bytes: the model was shown the first 8192"},
		{"a picture", func(context.Context, Call) (string, error) {
			return "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + strings.Repeat("\xfe\x01", 300), nil
		}, "", "not text", "bytes that are not text"},
		{"50 MB of noise", func(context.Context, Call) (string, error) { return strings.Repeat("\x80\xfe\x02", 17<<20), nil }, "", "not text", "53477376 bytes that are not text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := NewEffects(nil)
			a := registryOf(c.tool, 0).Answer(t.Context(), "scripted", Call{Effects: e})
			if (a.Err == nil) != (c.err == "") || a.Err != nil && !strings.Contains(a.Err.Error(), c.err) {
				t.Errorf("error %v, want %q", a.Err, c.err)
			}
			if !strings.HasSuffix(a.Text, c.text) || len(a.Text) > maxResult+60 {
				t.Errorf("%d bytes, ending %q", len(a.Text), a.Text[max(0, len(a.Text)-30):])
			}
			if (a.Fault == "") != (c.faults == "") || !strings.Contains(a.Fault, c.faults) {
				t.Errorf("the owner hears %q, want %q", a.Fault, c.faults)
			}
			if len(e.Sends())+len(e.Records()) > 0 || e.Handover() != "" {
				t.Errorf("of a call that failed is kept: %q %q", e.Sends(), e.Handover())
			}
		})
	}
}

func panicking() error { panic("boom") }

// A tool that heeds no deadline must not hold the turn, and what it does when the
// turn is over is lost.
func TestCallDoesNotWaitForADeafTool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		r := registryOf(func(_ context.Context, c Call) (string, error) { <-release; return "late", c.Effects.Send("late") }, 0)
		e, began := NewEffects(nil), time.Now()
		a := r.Answer(t.Context(), "scripted", Call{Effects: e})
		if a.Err == nil || !strings.Contains(a.Err.Error(), "in time") || time.Since(began) != callLimit ||
			a.Fault != "The tool scripted did not answer within 15s: the agent answered without it." {
			t.Errorf("after %s: %+v", time.Since(began), a)
		}
		close(release)
		synctest.Wait()
		if len(e.Sends()) > 0 {
			t.Error("a message was sent when the turn was over")
		}
		// The turn's own end is not the tool's fault.
		over, cancel := context.WithCancel(t.Context())
		cancel()
		if a := registryOf(func(ctx context.Context, _ Call) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		}, 0).Answer(over, "scripted", Call{}); a.Err == nil || a.Fault != "" {
			t.Errorf("%+v", a)
		}
	})
}

// The key counts the calls of a turn that were made, and begins anew with it.
func TestCallsHaveKeys(t *testing.T) {
	var keys []string
	r := registryOf(func(_ context.Context, c Call) (string, error) { keys = append(keys, c.Key); return "", nil }, 0)
	for range 2 {
		e := NewEffects(nil)
		for range 2 {
			if _, err := r.Call(t.Context(), "scripted", Call{TurnID: "turn", Effects: e}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := strings.Join(keys, " "); got != "turn-1 turn-2 turn-1 turn-2" {
		t.Errorf("keys %s", got)
	}
}
