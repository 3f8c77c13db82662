package tool

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
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
