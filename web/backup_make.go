package web

import (
	"context"
	"errors"
	"sync"
	"time"

	"astromesh/store"
	"astromesh/web/view"
)

const (
	// backupAtOnce is how long a page waits for a backup before it shows how far
	// it is: most are made by then. A file to download is worth a longer wait: it
	// then comes without one more click.
	backupAtOnce, movingAtOnce = 2 * time.Second, 8 * time.Second
	// backupTold is how long the page says how the last one ended.
	backupTold = 10 * time.Minute
	// backupWaits is how long a file for moving house waits to be fetched.
	backupWaits = time.Hour
)

// maker makes one backup at a time, behind the pages: who leaves the page finds
// it going on when they come back.
type maker struct {
	failed func(error) // told why one was not made
	soon   func(moving bool) time.Duration

	mu      sync.Mutex
	state   string // "", running, done, failed, full, cancelled
	moving  bool   // one with a passphrase, to be handed out
	began   time.Time
	over    time.Time
	done    int64
	total   int64
	cancel  context.CancelFunc
	ended   chan struct{} // closed at the end of the one under way
	changed chan struct{}

	path   string // of what waits to be handed out; "" = nothing does
	remove func()
	expire *time.Timer
}

func newMaker(failed func(error)) *maker {
	return &maker{failed: failed, soon: atOnce, changed: make(chan struct{})}
}

func atOnce(moving bool) time.Duration {
	if moving {
		return movingAtOnce
	}
	return backupAtOnce
}

// start begins one; false while another is under way. work gives the file that
// is to be handed out, if one is, and what removes it.
func (m *maker) start(ctx context.Context, moving bool, work func(ctx context.Context, progress func(done, total int64)) (path string, remove func(), err error)) (ended <-chan struct{}, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state == "running" {
		return nil, false
	}
	m.drop()
	ctx, m.cancel = context.WithCancel(ctx)
	m.state, m.moving, m.began, m.done, m.total = "running", moving, time.Now(), 0, 0
	m.ended = make(chan struct{})
	m.tell()
	go func(ended chan struct{}) {
		defer close(ended)
		path, remove, err := work(ctx, m.progress)
		m.end(ctx, path, remove, err)
	}(m.ended)
	return m.ended, true
}

func (m *maker) end(ctx context.Context, path string, remove func(), err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.over = time.Now()
	switch {
	case err == nil:
		m.state = "done"
	case ctx.Err() != nil:
		m.state = "cancelled"
	case errors.Is(err, store.ErrFull):
		m.state = "full"
	default:
		m.state = "failed"
		go m.failed(err)
	}
	if err == nil && path != "" {
		m.path, m.remove = path, remove
		m.expire = time.AfterFunc(backupWaits, func() { m.give(path)() })
	}
	m.cancel()
	m.tell()
}

func (m *maker) progress(done, total int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done, m.total = done, total
	m.tell()
}

// stop gives up the one under way. Nothing of it stays.
func (m *maker) stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state == "running" {
		m.cancel()
	}
}

// take is what waits to be handed out, once: "" = nothing does. remove it after.
func (m *maker) take() (path string, remove func()) {
	m.mu.Lock()
	path = m.path
	m.mu.Unlock()
	return path, m.give(path)
}

// give takes a file out of what waits, and gives what removes it.
func (m *maker) give(path string) (remove func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if path == "" || m.path != path {
		return func() {}
	}
	remove = m.remove
	m.expire.Stop()
	m.path, m.remove, m.state = "", nil, ""
	m.tell()
	return remove
}

// drop removes what nobody fetched; the caller holds mu.
func (m *maker) drop() {
	if m.path == "" {
		return
	}
	m.expire.Stop()
	go m.remove()
	m.path, m.remove = "", nil
}

// tell wakes who waits; the caller holds mu.
func (m *maker) tell() {
	close(m.changed)
	m.changed = make(chan struct{})
}

// outcome is how the last one ended. Who asks says so: the page need not.
func (m *maker) outcome() (state string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if state = m.state; state == "full" || state == "done" && m.path == "" {
		m.state = ""
	}
	return state
}

// look gives how far it is, and a channel that is closed when that changes.
func (m *maker) look(now time.Time) (view.BackupProgress, <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v := view.BackupProgress{State: m.state, Moving: m.moving, Ready: m.path != "", Done: m.done, Total: m.total}
	if m.state != "running" && !v.Ready && now.Sub(m.over) > backupTold {
		v.State = ""
	}
	if spent := now.Sub(m.began).Seconds(); spent > 1 && m.done > 0 {
		if v.Rate = int64(float64(m.done) / spent); v.Rate > 0 {
			v.Left = time.Duration(float64(m.total-m.done) / float64(v.Rate) * float64(time.Second))
		}
	}
	return v, m.changed
}
