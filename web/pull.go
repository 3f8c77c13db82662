package web

import (
	"context"
	"errors"
	"sync"
	"time"

	"astromesh/runtime/model"
	"astromesh/web/view"
)

// puller downloads one model at a time, behind the pages: who leaves the page
// finds it going on when they come back.
type puller struct {
	pull func(ctx context.Context, model string, progress func(model.PullProgress)) error
	done func() // called after a download that succeeded

	mu      sync.Mutex
	name    string
	layers  map[string]model.PullProgress // by status: a model is several files
	began   time.Time
	had     int64 // bytes that were there at the first progress: not downloaded by us
	cancel  context.CancelFunc
	fault   model.PullFault
	failed  string // "", or the cause for the small print
	checked bool   // all has come; Ollama looks whether it is whole
	state   string // "", running, done, failed, cancelled
	changed chan struct{}
}

func newPuller(pull func(context.Context, string, func(model.PullProgress)) error, done func()) *puller {
	return &puller{pull: pull, done: done, changed: make(chan struct{})}
}

// start begins a download; false while another is under way.
func (p *puller) start(ctx context.Context, name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state == "running" {
		return false
	}
	ctx, p.cancel = context.WithCancel(ctx)
	p.name, p.layers, p.began, p.had, p.failed, p.state = name, map[string]model.PullProgress{}, time.Now(), -1, "", "running"
	p.fault, p.checked = "", false
	p.tell()
	go p.run(ctx)
	return true
}

func (p *puller) run(ctx context.Context) {
	err := p.pull(ctx, p.name, p.progress)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case err == nil:
		p.state = "done"
		if p.done != nil {
			go p.done()
		}
	case errors.Is(ctx.Err(), context.Canceled):
		p.state = "cancelled"
	default:
		p.state, p.fault, p.failed = "failed", model.PullOther, err.Error()
		if e := (*model.PullError)(nil); errors.As(err, &e) {
			p.fault = e.Fault
		}
	}
	p.cancel()
	p.tell()
}

func (p *puller) progress(now model.PullProgress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Total > 0 {
		p.layers[now.Status] = now
	}
	p.checked = now.Total == 0 && len(p.layers) > 0
	if done, _ := p.sum(); p.had < 0 && now.Total > 0 {
		p.had = done
	}
	p.tell()
}

// stop cancels; what was downloaded stays, and the next try goes on from there.
func (p *puller) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state == "running" {
		p.cancel()
	}
}

func (p *puller) sum() (done, total int64) {
	for _, l := range p.layers {
		done, total = done+l.Completed, total+l.Total
	}
	return done, total
}

// tell wakes who waits; the caller holds mu.
func (p *puller) tell() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// look gives how far it is, and a channel that is closed when that changes.
func (p *puller) look(now time.Time) (view.Pull, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v := view.Pull{Model: p.name, State: p.state, Fault: string(p.fault), Cause: p.failed, Checked: p.checked}
	v.Done, v.Total = p.sum()
	if spent := now.Sub(p.began).Seconds(); spent > 2 && p.had >= 0 && v.Done > p.had {
		v.Rate = int64(float64(v.Done-p.had) / spent)
		if v.Rate > 0 {
			v.Left = time.Duration(v.Total-v.Done) * time.Second / time.Duration(v.Rate)
		}
	}
	return v, p.changed
}

// modelArrived loads a model that an agent was waiting for.
func (s *Server) modelArrived() {
	if err := s.Reload(s.stopping); err != nil {
		s.Log.Warn("the agents could not be told of the new model", "stage", "model", "error", err)
	}
}
