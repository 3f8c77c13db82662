package mcp

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"astromesh/runtime/tool/outside"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// Tool is what a server offers.
type Tool struct {
	Name, Description string
	Schema            []byte // JSON Schema of the arguments
}

// Server is one server, connected to when it is needed and again when it was
// lost. It is safe for use by many turns.
type Server struct {
	setup Setup
	log   *slog.Logger
	dial  outside.Dial

	// Of the set it belongs to, under its lock.
	pool  *Servers
	key   string
	users int
	idle  *time.Timer

	mu       sync.Mutex
	now      func() time.Time
	link     *link         // nil while there is no connection
	trying   chan struct{} // closed when the attempt that runs is over; nil = none runs
	failure  error         // of the last attempt
	failures int           // in a row
	next     time.Time     // before which no new attempt is made
	stopped  bool
	changed  int                // rises with each list of tools that may differ from the last
	abort    context.CancelFunc // ends the attempt that runs
	running  sync.WaitGroup
}

func newServer(setup Setup, log *slog.Logger, dial outside.Dial) *Server {
	return &Server{setup: setup, log: log.With("stage", "tool", "server", setup.Name), dial: dial, now: time.Now}
}

// Changed rises whenever the server's tools may have changed.
func (s *Server) Changed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// Tools connects if there is no connection, and asks what the server offers,
// sorted by name.
func (s *Server) Tools(ctx context.Context) ([]Tool, error) {
	l, err := s.connected(ctx)
	if err != nil {
		return nil, err
	}
	tools, err := l.tools(ctx)
	if err != nil {
		return nil, s.failed(ctx, l, "list its tools", err)
	}
	return tools, nil
}

// Call has the server do something. key goes with it, so that a server can tell
// a repeated turn. Nothing is sent twice: a server that was lost while it worked
// may have done it.
func (s *Server) Call(ctx context.Context, name string, arguments map[string]any, key string) (string, error) {
	l, err := s.connected(ctx)
	if err != nil {
		return "", err
	}
	text, err := l.call(ctx, name, arguments, key)
	if errors.Is(err, sdk.ErrSessionMissing) && ctx.Err() == nil { // it was started anew and has done nothing
		s.lose(l)
		if l, err = s.connected(ctx); err != nil {
			return "", err
		}
		text, err = l.call(ctx, name, arguments, key)
	}
	var said *toolError
	switch {
	case errors.As(err, &said):
		return "", said
	case err != nil:
		return "", s.failed(ctx, l, "answer", err)
	}
	s.mu.Lock()
	s.failures = 0
	s.mu.Unlock()
	return text, nil
}

// failed finds the words for a call that came to nothing.
func (s *Server) failed(ctx context.Context, l *link, what string, err error) error {
	if ctx.Err() != nil {
		s.beside(l.probe)
		return tooSlow(s.setup.Name, what)
	}
	if answered(err) {
		s.log.Debug("an MCP server refused", "error", err)
		return refused(s.setup.Name, err)
	}
	s.lose(l)
	switch {
	case l.flood.Load():
		return tooMuch(s.setup.Name)
	case untaken(err):
		return unreachable(s.setup, err)
	}
	return brokeOff(s.setup.Name)
}

// lose gives up a connection that is of no use any more; watch sees to the rest.
func (s *Server) lose(l *link) {
	s.mu.Lock()
	if s.link == l {
		s.link = nil
		if s.now().Sub(l.began) > time.Minute {
			s.failures = 0
		}
		s.delay()
		s.log.Debug("an MCP server was lost", "in_a_row", s.failures)
	}
	s.mu.Unlock()
	l.dismiss()
}

// connected gives the connection, and waits for it as long as ctx allows. The
// attempt itself goes on without whoever waits: a server that takes a minute to
// be ready is there for the next customer.
func (s *Server) connected(ctx context.Context) (*link, error) {
	s.mu.Lock()
	switch {
	case s.stopped:
		s.mu.Unlock()
		return nil, errors.New(s.setup.Name + " is not running any more")
	case s.link != nil:
		defer s.mu.Unlock()
		return s.link, nil
	case s.trying == nil && s.now().Before(s.next):
		defer s.mu.Unlock()
		if s.failure != nil {
			return nil, s.failure
		}
		return nil, errors.New(s.setup.Name + " is being started anew; do without it for now")
	case s.trying == nil:
		s.trying = make(chan struct{})
		var attempt context.Context
		attempt, s.abort = context.WithTimeout(context.Background(), connectLimit)
		s.running.Go(func() { s.try(attempt) })
	}
	trying := s.trying
	s.mu.Unlock()
	select {
	case <-trying:
	case <-ctx.Done():
		return nil, notReady(s.setup.Name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.link == nil {
		if s.failure == nil {
			return nil, errors.New(s.setup.Name + " is not running any more")
		}
		return nil, s.failure
	}
	return s.link, nil
}

// try makes one attempt to connect.
func (s *Server) try(ctx context.Context) {
	l, err := connect(ctx, s)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.abort()
	close(s.trying)
	s.trying = nil
	switch {
	case err != nil:
		s.log.Debug("an MCP server cannot be reached", "error", err)
		s.failure = unreachable(s.setup, err)
		s.delay()
	case s.stopped:
		s.running.Go(l.close)
	default:
		l.began = s.now()
		s.link, s.failure = l, nil
		s.changed++
		s.running.Go(func() { s.watch(l) })
	}
}

// watch waits for the end of a connection.
func (s *Server) watch(l *link) {
	l.wait()
	s.lose(l)
	l.close()
}

// delay keeps a server that fails again and again from being started without
// end: at once the first time, then after 1, 2, 4 … seconds, at most a minute.
func (s *Server) delay() {
	s.next = s.now()
	if s.failures > 0 {
		s.next = s.next.Add(min(time.Second<<min(s.failures-1, 6), time.Minute))
	}
	s.failures++
}

func (s *Server) toolsChanged() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed++
}

// beside runs f, which stop waits for.
func (s *Server) beside(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopped {
		s.running.Go(f)
	}
}

// stop ends the connection and waits for it.
func (s *Server) stop() {
	s.mu.Lock()
	s.stopped = true
	l := s.link
	if s.trying != nil {
		s.abort()
	}
	s.mu.Unlock()
	if l != nil {
		l.close()
	}
	s.running.Wait()
}
