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

	"astromesh/runtime/model"
)

const (
	// maxTools is how many tools one entry of the file may bring: a server that
	// lists thousands would fill every prompt.
	maxTools = 64
	// maxName is the longest name that every model server takes, in bytes.
	maxName = 64
	// reopenAfter is how long a source that could not be opened is left alone.
	reopenAfter = 30 * time.Second
	// openLimit is how long opening may hold up a turn.
	openLimit = 10 * time.Second
)

// Registry holds one agent's tools. It is safe for use by many turns at once.
type Registry struct {
	now     func() time.Time
	sources []*source // in the order of the file: the prompt's bytes depend on it
	allowed *[]string // nil = all

	mu    sync.RWMutex
	names []string
	tools map[string]*limited
}

// source is one entry of the file with the tools it has brought.
type source struct {
	declared Declared
	made     Made
	limit    *rate

	tools   []*limited // guarded by the registry's mu
	opening sync.Mutex // held while it is opened: one at a time
	opened  bool
	failed  time.Time // when opening last failed
}

// New gathers the tools of an agent. What it cannot provide is left out, and
// named in a problem that an owner can read and that begins with its place.
func New(declared []Declared, src Sources) (r *Registry, problems []string) {
	if src.Now == nil {
		src.Now = time.Now
	}
	r = &Registry{now: src.Now, tools: map[string]*limited{}}
	for i, d := range declared {
		s, err := build(d, src)
		if err == nil && s.made.Open == nil && r.offers(s) {
			err = fmt.Errorf("tool %q is listed twice: the first one counts", d.Name)
		}
		if err != nil {
			problems = append(problems, fmt.Sprintf("spec.tools[%d]: %v", i, err))
			continue
		}
		r.sources = append(r.sources, s)
		r.index()
	}
	return r, problems
}

// offers says whether a tool of this source's names is there already.
func (r *Registry) offers(s *source) bool {
	return slices.ContainsFunc(s.tools, func(t *limited) bool { return r.tools[t.spec.Name] != nil })
}

func build(d Declared, src Sources) (*source, error) {
	make, ok := makers()[d.Type]
	switch {
	case d.Type == "rag":
		return nil, fmt.Errorf("tool %q has type rag, which is not acted on in this release: it is not offered to the model", d.Name)
	case !ok:
		return nil, fmt.Errorf("tool %q has type %q, which this version does not run: it is not offered to the model", d.Name, d.Type)
	}
	made, err := make(d, src)
	if err != nil {
		return nil, fmt.Errorf("tool %q is not offered to the model: %w", d.Name, err)
	}
	s := &source{declared: d, made: made, limit: newRate(d, src.Now)}
	for _, t := range made.Tools {
		l, err := s.limited(t)
		if err != nil {
			return nil, fmt.Errorf("tool %q is not offered to the model: %w", d.Name, err)
		}
		s.tools = append(s.tools, l)
	}
	s.opened = made.Open == nil
	return s, nil
}

// limited makes a tool callable: with its check, its bounds and its rate limit,
// which all tools of one entry share.
func (s *source) limited(t Tool) (*limited, error) {
	l := &limited{tool: t, spec: t.Spec(), rate: s.limit, within: s.made.Limit}
	if s.declared.Description != "" && len(s.made.Tools) == 1 {
		l.spec.Description = s.declared.Description
	}
	var err error
	l.check, err = newChecker(l.spec.Parameters)
	return l, err
}

// Open asks what has to be asked which tools it has, and was not yet. The faults
// say in words what could not be opened: the turn goes on without it.
func (r *Registry) Open(ctx context.Context) (faults []Fault) {
	found := make([]string, len(r.sources))
	var each sync.WaitGroup
	for i, s := range r.sources {
		if s.made.Open != nil { // beside each other: a customer may be waiting
			each.Go(func() { found[i] = r.open(ctx, s) })
		}
	}
	each.Wait()
	for i, s := range r.sources {
		if found[i] != "" {
			faults = append(faults, Fault{Tool: s.declared.Name, Text: found[i]})
		}
	}
	return faults
}

func (r *Registry) open(ctx context.Context, s *source) (fault string) {
	s.opening.Lock()
	defer s.opening.Unlock()
	if s.opened && (s.made.Stale == nil || !s.made.Stale()) || r.now().Sub(s.failed) < reopenAfter {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, openLimit)
	defer cancel()
	listed, err := opened(ctx, s.made.Open)
	if err != nil {
		s.failed = r.now()
		return notOpened(s.declared.Name, err)
	}
	if len(listed) > maxTools {
		listed, fault = listed[:maxTools], tooMany(s.declared.Name)
	}
	var tools []*limited
	for _, t := range listed {
		l, err := s.limited(t)
		if err != nil { // whoever wrote that schema checks the arguments too
			l.check = nil
		}
		tools = append(tools, l)
	}
	s.opened, s.failed = true, time.Time{}
	r.mu.Lock()
	s.tools = tools
	r.mu.Unlock()
	r.index()
	return fault
}

// opened survives an Open that panics.
func opened(ctx context.Context, open func(context.Context) ([]Tool, error)) (tools []Tool, err error) {
	defer func() {
		if recover() != nil {
			slog.Error("a source of tools panicked", "stage", "tool", "stack", string(debug.Stack()))
			err = errors.New("it failed inside")
		}
	}()
	return open(ctx)
}

// Close ends what was opened. The registry can be opened again: a turn that has
// kept an agent which was replaced since still finds its tools.
func (r *Registry) Close() {
	for _, s := range r.sources {
		s.opening.Lock()
		if s.made.Close != nil {
			s.made.Close()
		}
		s.opened = s.made.Open == nil
		s.opening.Unlock()
	}
}

// index lists the tools anew, in the order of the file; the first of a name counts.
func (r *Registry) index() {
	r.mu.Lock()
	defer r.mu.Unlock()
	names, tools := []string{}, map[string]*limited{}
	for _, s := range r.sources {
		for _, t := range s.tools {
			name := t.spec.Name
			if tools[name] != nil && s.made.Prefix != "" {
				name = clip(s.made.Prefix+"_"+name, maxName)
			}
			if tools[name] != nil || !r.allows(s, name) {
				continue
			}
			names, tools[name] = append(names, name), t
		}
	}
	r.names, r.tools = names, tools
}

// allows tells whether the agent may call a tool: by its own name or, where a
// server brought it, by the name of the server's entry.
func (r *Registry) allows(s *source, name string) bool {
	return r.allowed == nil || slices.Contains(*r.allowed, name) || s.made.Open != nil && slices.Contains(*r.allowed, s.declared.Name)
}

// Keep drops every tool that is not allowed, also of those that a server lists
// later. It must be called before the first turn.
func (r *Registry) Keep(allowed []string) {
	r.allowed = &allowed
	r.index()
}

// Names of the tools, in the order of the file.
func (r *Registry) Names() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Clone(r.names)
}

// Has says whether there is such a tool.
func (r *Registry) Has(name string) bool { return r.get(name) != nil }

func (r *Registry) get(name string) *limited {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.tools[name]
}

// Specs are the tools as offered to a model, always in the same order.
func (r *Registry) Specs() []model.ToolSpec {
	r.mu.RLock()
	defer r.mu.RUnlock()
	specs := make([]model.ToolSpec, 0, len(r.names))
	for _, name := range r.names {
		spec := r.tools[name].spec
		spec.Name = name
		specs = append(specs, spec)
	}
	return specs
}

// list writes words for a sentence: "a, b and c".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
