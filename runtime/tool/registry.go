package tool

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
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

// Declared is a tool as an agent's file names it.
type Declared struct {
	Type        string // "builtin", or empty for the same
	Name        string
	Description string         // replaces the tool's own words, if set
	Config      map[string]any // the tool's own settings
	Window      time.Duration  // with MaxCalls: at most so many calls in so long
	MaxCalls    int            // 0 = no limit
}

// Sources are where the builtin tools take their facts from.
type Sources struct {
	Now func() time.Time
	// UserContext tells what is known of a session's customer. nil = only the name.
	UserContext func(ctx context.Context, sessionID string) (map[string]any, error)
}

// Registry holds one agent's tools. It is safe for use by many turns at once.
type Registry struct {
	names []string // in the order of the file: the prompt's bytes depend on it
	tools map[string]*limited
}

// limited is a tool with its rate limit.
type limited struct {
	Tool
	spec   model.ToolSpec
	now    func() time.Time
	window time.Duration
	max    int

	mu    sync.Mutex
	calls []time.Time // of the last window
}

// New gathers the tools of an agent. What it cannot provide is left out, and
// named in a problem that an owner can read.
func New(declared []Declared, src Sources) (r *Registry, problems []string) {
	if src.Now == nil {
		src.Now = time.Now
	}
	r = &Registry{tools: map[string]*limited{}}
	for _, d := range declared {
		t, err := build(d, src)
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		if _, twice := r.tools[d.Name]; twice {
			problems = append(problems, fmt.Sprintf("tool %q is listed twice: the first one counts", d.Name))
			continue
		}
		r.names = append(r.names, d.Name)
		r.tools[d.Name] = t
	}
	return r, problems
}

func build(d Declared, src Sources) (*limited, error) {
	if d.Type != "" && d.Type != "builtin" {
		return nil, fmt.Errorf("tool %q has type %q, which this version does not run: it is not offered to the model", d.Name, d.Type)
	}
	makers := map[string]func(map[string]any, Sources) (Tool, error){
		"datetime_now":     newDatetimeNow,
		"get_user_context": newGetUserContext,
	}
	maker, ok := makers[d.Name]
	if !ok {
		return nil, fmt.Errorf("there is no builtin tool %q (there are datetime_now and get_user_context): it is not offered to the model", d.Name)
	}
	t, err := maker(d.Config, src)
	if err != nil {
		return nil, fmt.Errorf("tool %q is not offered to the model: %w", d.Name, err)
	}
	l := &limited{Tool: t, spec: t.Spec(), now: src.Now, window: d.Window, max: d.MaxCalls}
	if d.Description != "" {
		l.spec.Description = d.Description
	}
	if l.max > 0 && l.window <= 0 {
		l.window = time.Minute
	}
	return l, nil
}

// Names of the tools, in the order of the file.
func (r *Registry) Names() []string { return slices.Clone(r.names) }

// Keep drops every tool that is not allowed.
func (r *Registry) Keep(allowed []string) {
	r.names = slices.DeleteFunc(r.names, func(name string) bool {
		if slices.Contains(allowed, name) {
			return false
		}
		delete(r.tools, name)
		return true
	})
}

// Has says whether there is such a tool.
func (r *Registry) Has(name string) bool { return r.tools[name] != nil }

// Specs are the tools as offered to a model, always in the same order.
func (r *Registry) Specs() []model.ToolSpec {
	specs := make([]model.ToolSpec, 0, len(r.names))
	for _, name := range r.names {
		specs = append(specs, r.tools[name].spec)
	}
	return specs
}

// Call runs a tool. Whatever happens inside it comes back as a text or as an
// error in words that a model can be shown: a panic, a limit, no answer in time.
func (r *Registry) Call(ctx context.Context, name string, c Call) (string, error) {
	t := r.tools[name]
	if t == nil {
		return "", fmt.Errorf("there is no tool %q", clip(name, 60))
	}
	if !t.take() {
		return "", fmt.Errorf("tool %s was called too often, at most %d times in %s are allowed: answer without it", name, t.max, t.window)
	}
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	type answer struct {
		text string
		err  error
	}
	done := make(chan answer, 1) // buffered: a tool that comes too late must not wait for ever
	go func() {
		text, err := guarded(ctx, t, name, c)
		done <- answer{text, err}
	}()
	select {
	case a := <-done:
		return bounded(a.text), a.err
	case <-ctx.Done():
		return "", fmt.Errorf("tool %s did not answer in time", name)
	}
}

// guarded turns a panic of a tool into an error: it must cost one call, not the
// whole program and every conversation in it.
func guarded(ctx context.Context, t Tool, name string, c Call) (text string, err error) {
	defer func() {
		if recover() != nil {
			// The value may hold a customer's words; the stack holds none.
			slog.Error("a tool panicked", "stage", "tool", "tool", name, "stack", string(debug.Stack()))
			text, err = "", errors.New("tool "+name+" failed inside")
		}
	}()
	return t.Call(ctx, c)
}

// take counts a call against the tool's rate limit.
func (l *limited) take() bool {
	if l.max <= 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.calls = slices.DeleteFunc(l.calls, func(at time.Time) bool { return now.Sub(at) >= l.window })
	if len(l.calls) >= l.max {
		return false
	}
	l.calls = append(l.calls, now)
	return true
}

func bounded(s string) string {
	s = strings.ToValidUTF8(s, "")
	if len(s) <= maxResult {
		return s
	}
	cut := clip(s, maxResult)
	return fmt.Sprintf("%s\n[cut: %d bytes more]", cut, len(s)-len(cut))
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
