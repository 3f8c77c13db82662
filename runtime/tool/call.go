package tool

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"astromesh/runtime/model"
)

const (
	// maxResult is how much of a tool's answer a model is shown, in bytes: more
	// would push the conversation out of a small context.
	maxResult = 8 << 10
	// callLimit is how long one call may take; the turn has its own limit too.
	callLimit = 15 * time.Second
)

// limited is a tool with its bounds.
type limited struct {
	tool   Tool
	spec   model.ToolSpec
	check  *checker      // nil = the arguments go through as they are
	rate   *rate         // nil = as often as the model likes
	within time.Duration // how long a call may take; 0 = callLimit
}

// Answer is what became of a call.
type Answer struct {
	Text string
	Err  error // in words that a model can be shown; nil when it went well
	// Fault is for the owner: what the tool did that it should not, "" where it
	// behaved. A tool that says no in words behaves.
	Fault string
}

// Call runs a tool. Whatever happens inside it comes back as a text or as an
// error in words that a model can be shown: a panic, a limit, no answer in time.
func (r *Registry) Call(ctx context.Context, name string, c Call) (string, error) {
	a := r.Answer(ctx, name, c)
	return a.Text, a.Err
}

// Answer is Call, with what the owner should know.
func (r *Registry) Answer(ctx context.Context, name string, c Call) Answer {
	t := r.get(name)
	if t == nil {
		return Answer{Err: fmt.Errorf("there is no tool %q", clip(name, 60))}
	}
	if t.check != nil {
		args, err := t.check.check(c.Arguments)
		if err != nil {
			return Answer{Err: &MisfitError{err}}
		}
		c.Arguments = args
	}
	if !t.rate.take() {
		err := fmt.Errorf("tool %s was called too often, at most %d times in %s are allowed: answer without it", name, t.rate.max, t.rate.window)
		return Answer{Err: err, Fault: calledTooOften(name, t.rate)}
	}
	turn := c.Effects
	if turn == nil {
		turn = NewEffects(nil)
	}
	own, number := turn.begin()
	c.Effects, c.Key = own, c.TurnID+"-"+cmp.Or(c.Key, strconv.Itoa(number))
	a := t.run(ctx, name, c)
	if a.Err == nil {
		turn.join(own)
	} else {
		turn.forgo(own)
	}
	return a
}

// run waits for the tool, but not for ever.
func (l *limited) run(ctx context.Context, name string, c Call) Answer {
	within := l.within
	if within <= 0 {
		within = callLimit
	}
	call, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	done := make(chan Answer, 1) // buffered: a tool that comes too late must not wait for ever
	go func() { done <- guarded(call, l.tool, name, c) }()
	select {
	case a := <-done:
		return shown(name, a)
	case <-call.Done():
		a := Answer{Err: fmt.Errorf("tool %s did not answer in time", name)}
		if ctx.Err() == nil { // else the turn itself was ended
			a.Fault = tooLate(name, within)
		}
		return a
	}
}

// guarded turns a panic of a tool into an error: it must cost one call, not the
// whole program and every conversation in it.
func guarded(ctx context.Context, t Tool, name string, c Call) (a Answer) {
	defer func() {
		if recover() != nil {
			// The value may hold a customer's words; the stack holds none.
			slog.Error("a tool panicked", "stage", "tool", "tool", name, "stack", string(debug.Stack()))
			a = Answer{Err: errors.New("tool " + name + " failed inside"),
				Fault: failedInside(name)}
		}
	}()
	text, err := t.Call(ctx, c)
	var faulty *FaultError
	if errors.As(err, &faulty) && faulty.Model == "" {
		return Answer{Text: text, Fault: faulty.Owner}
	}
	if errors.As(err, &faulty) {
		return Answer{Text: text, Err: err, Fault: faulty.Owner}
	}
	return Answer{Text: text, Err: err}
}

// shown bounds what a model reads of an answer.
func shown(name string, a Answer) Answer {
	if isBinary(a.Text) {
		return Answer{Err: fmt.Errorf("tool %s gave something that is not text", name),
			Fault: notText(name, len(a.Text))}
	}
	text := strings.ToValidUTF8(a.Text, "")
	if len(text) <= maxResult {
		a.Text = text
		return a
	}
	cut := clip(text, maxResult)
	a.Text = fmt.Sprintf("%s\n[cut: %d bytes more]", cut, len(text)-len(cut))
	if a.Fault == "" {
		a.Fault = tooLong(name, len(text), len(cut))
	}
	return a
}

// isBinary looks at the beginning only: a picture shows itself at once, and a
// stray byte in a long text does not make it one.
func isBinary(s string) bool {
	head := s[:min(len(s), 512)]
	if strings.ContainsRune(head, 0) {
		return true
	}
	broken := 0
	for i := 0; i < len(head); {
		r, n := utf8.DecodeRuneInString(head[i:])
		if r == utf8.RuneError && n == 1 || r < ' ' && !strings.ContainsRune("\t\n\r\f\b\x1b", r) {
			broken++
		}
		i += n
	}
	return broken > 4 && broken*10 > len(head)
}

// clip shortens s to at most n bytes, between characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
