// Package mcp reaches the servers of the Model Context Protocol that an owner
// named in an agent's file: a program that is started here and spoken to over its
// standard input and output, or an address. A server may die, hang, say too much
// or change its mind; each of that costs a call, never a turn.
package mcp

import (
	"log/slog"
	"strings"
	"sync"
	"time"

	"astromesh/runtime/tool/outside"
)

const (
	// maxMessage bounds one message of a server, in bytes: a model is shown a few
	// thousand.
	maxMessage = 4 << 20
	// connectLimit is how long a server may take to be ready. Some fetch themselves
	// from a package registry at the first start. Nobody waits for all of it.
	connectLimit = 90 * time.Second
	// linger is how long a server that nobody needs is kept: agents are compiled
	// anew at each reload, and a draft is tried several times.
	linger = 10 * time.Second
)

// Setup is how a server is reached: by Command or by URL.
type Setup struct {
	Name    string // for sentences
	Command string
	Args    []string
	Env     map[string]string // besides PATH and HOME, and nothing else of ours
	Dir     string            // where the command runs; "" = where we do
	URL     string
	Headers map[string]string
	SSE     bool // the transport of before 2025: server-sent events at URL
}

// Secrets are the values that no text may repeat.
func (s Setup) Secrets() []string {
	var list []string
	for _, m := range []map[string]string{s.Env, s.Headers} {
		for _, v := range m {
			list = append(list, v)
		}
	}
	return list
}

// Servers are all the servers that are in use. Agents that name the same one
// share it. A nil *Servers gives each of them its own.
type Servers struct {
	log    *slog.Logger
	dial   outside.Dial
	linger time.Duration

	mu     sync.Mutex
	closed bool
	shared map[string]*Server // by setup
}

// New makes an empty set. dial is for tests; nil = the network.
func New(log *slog.Logger, dial outside.Dial) *Servers {
	return &Servers{log: log, dial: dial, linger: linger, shared: map[string]*Server{}}
}

// Use gives the server of a setup; it is not connected to yet. Release must
// follow.
func (p *Servers) Use(setup Setup) *Server {
	if p == nil {
		return newServer(setup, slog.New(slog.DiscardHandler), nil)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	key := keyOf(setup)
	s := p.shared[key]
	if s == nil || p.closed {
		s = newServer(setup, p.log, p.dial)
		s.pool, s.key = p, key
		p.shared[key] = s
		if p.closed { // the program ends
			s.stop()
		}
	}
	s.users++
	if s.idle != nil {
		s.idle.Stop()
		s.idle = nil
	}
	return s
}

// Release says that the server is not needed any more by who called Use.
func (s *Server) Release() {
	p := s.pool
	if p == nil {
		s.stop()
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.users--; s.users > 0 {
		return
	}
	s.idle = time.AfterFunc(p.linger, func() {
		p.mu.Lock()
		unused := s.users == 0
		if unused && p.shared[s.key] == s {
			delete(p.shared, s.key)
		}
		p.mu.Unlock()
		if unused {
			s.stop()
		}
	})
}

// Close ends every server and waits for it. What is used later is not connected.
func (p *Servers) Close() {
	if p == nil {
		return
	}
	p.mu.Lock()
	p.closed = true
	var wait sync.WaitGroup
	for _, s := range p.shared {
		wait.Go(s.stop)
	}
	p.mu.Unlock()
	wait.Wait()
}

// keyOf is the same for setups that lead to the same server.
func keyOf(s Setup) string {
	var b strings.Builder
	part := func(words ...string) {
		for _, w := range words {
			b.WriteString(w)
			b.WriteByte(0)
		}
		b.WriteByte(1)
	}
	part(s.Command, s.Dir, s.URL)
	part(s.Args...)
	for _, m := range []map[string]string{s.Env, s.Headers} {
		part(sorted(m)...)
	}
	if s.SSE {
		part("sse")
	}
	return b.String()
}
