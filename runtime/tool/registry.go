package tool

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"astromesh/runtime/model"
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
