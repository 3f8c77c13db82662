package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"astromesh/runtime/health"
	"astromesh/store"
)

const (
	// pulseAge is how old the state word on a page may be before it is asked anew.
	pulseAge = 20 * time.Second
	// beatEvery is how often health is looked at while nobody looks at a page, so
	// that "since" is true. Meta counts how often it is asked.
	beatEvery = 5 * time.Minute
	// beatFirst is when it is first looked at after a start: right then the model
	// server and the network may be only on their way.
	beatFirst = 15 * time.Second
	// pulseWithin bounds one look.
	pulseWithin  = 15 * time.Second
	sinceSetting = "health_since"
)

// pulse is the last known health, and since when each check is as it is. A page
// never waits for it: asking Graph and the model server takes seconds when they
// are down.
type pulse struct {
	ask   func(context.Context) []health.Check
	store *store.Store
	log   *slog.Logger

	look sync.Mutex // one look at a time

	mu     sync.Mutex
	checks []health.Check
	since  map[string]since // by the check's name; nil until it was read
	at     time.Time
	asking bool
}

// since is when a check last changed its state.
type since struct {
	Status health.Status `json:"status"`
	At     time.Time     `json:"at"`
}

func newPulse(p Parts) *pulse { return &pulse{ask: p.Health, store: p.Store, log: p.Log} }

// now gives what is known, and has it asked anew behind the page if it is old.
func (p *pulse) now() []health.Check {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.at) > pulseAge && !p.asking {
		p.asking = true
		go p.refresh(context.Background())
	}
	return p.checks
}

// known gives the checks with the moment of the look, and since when each name
// is as it is.
func (p *pulse) known() (checks []health.Check, sinceWhen map[string]time.Time, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	sinceWhen = make(map[string]time.Time, len(p.since))
	for name, s := range p.since {
		sinceWhen[name] = s.At
	}
	return p.checks, sinceWhen, p.at
}

// refresh looks now, and returns when it is known.
func (p *pulse) refresh(ctx context.Context) {
	p.look.Lock()
	defer p.look.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pulseWithin)
	defer cancel()
	checks := p.ask(ctx)
	p.mu.Lock()
	old, now := p.since, time.Now()
	p.mu.Unlock()
	if old == nil {
		old = p.read(ctx)
	}
	next, changed := sinceOf(old, checks, now)
	p.mu.Lock()
	p.checks, p.since, p.at, p.asking = checks, next, now, false
	p.mu.Unlock()
	if changed {
		p.save(next)
	}
}

// sinceOf carries on what did not change. Several rows of one name count as the
// worst of them.
func sinceOf(old map[string]since, checks []health.Check, now time.Time) (next map[string]since, changed bool) {
	next = make(map[string]since, len(checks))
	for _, c := range checks {
		if have, ok := next[c.Name]; !ok || rank(c.Status) > rank(have.Status) {
			next[c.Name] = since{Status: c.Status, At: now}
		}
	}
	for name, s := range next {
		if was, ok := old[name]; ok && was.Status == s.Status {
			next[name] = was
		} else {
			changed = true
		}
	}
	return next, changed || len(old) != len(next)
}

// rank orders states from well to broken.
func rank(s health.Status) int {
	return slices.Index([]health.Status{health.OK, health.Warn, health.Fail}, s)
}

func (p *pulse) read(ctx context.Context) map[string]since {
	kept := map[string]since{}
	text, err := p.store.Setting(ctx, sinceSetting)
	if err == nil {
		err = json.Unmarshal([]byte(text), &kept)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		p.log.Warn("since when things are as they are could not be read", "error", err)
		return map[string]since{}
	}
	return kept
}

func (p *pulse) save(s map[string]since) {
	b, err := json.Marshal(s)
	if err == nil {
		err = p.store.SetSetting(sinceSetting, string(b))
	}
	if err != nil && !errors.Is(err, store.ErrClosed) {
		p.log.Warn("since when things are as they are could not be saved", "error", err)
	}
}

// lookPatience is how long a change waits for the look that follows it.
const lookPatience = time.Second

// reloadAndLook puts a change in service, and has health looked at: the next page
// is not to complain of what was just mended.
func (s *Server) reloadAndLook(ctx context.Context) error {
	if err := s.Reload(ctx); err != nil {
		return err
	}
	s.lookAgain(ctx)
	return nil
}

// lookAgain asks anew, for lookPatience at most; a slower look ends behind the page.
func (s *Server) lookAgain(ctx context.Context) {
	if s.AskAnew != nil {
		s.AskAnew()
	}
	looked := make(chan struct{})
	go func() {
		defer close(looked)
		s.pulse.refresh(ctx)
	}()
	select {
	case <-looked:
	case <-time.After(lookPatience):
	}
}

// beat looks from time to time until ctx ends.
func (p *pulse) beat(ctx context.Context) {
	next := time.NewTimer(beatFirst)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
			p.refresh(ctx)
			next.Reset(beatEvery)
		}
	}
}
