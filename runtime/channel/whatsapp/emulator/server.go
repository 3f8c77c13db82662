package emulator

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// offlineURL stands for the Graph host while no socket is open.
const offlineURL = "http://graph.emulator.test"

type server struct {
	http *http.Server
	url  string
	done chan struct{}
}

// Handler is the Graph side, to be mounted on any server.
func (e *Emulator) Handler() http.Handler { return http.HandlerFunc(e.serveHTTP) }

// Client reaches the Graph side without any network, whatever host a URL
// names. It works inside a testing/synctest bubble.
func (e *Emulator) Client() *http.Client {
	return &http.Client{Transport: &handlerTransport{handler: e.Handler(), track: e.tasks.track}}
}

// Start serves the Graph side on addr, "127.0.0.1:0" if empty. It may be called
// once.
func (e *Emulator) Start(addr string) error {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("start emulator: %w", err)
	}
	s := &server{
		http: &http.Server{
			Handler:           e.Handler(),
			ReadHeaderTimeout: 10 * time.Second,
			ErrorLog:          log.New(io.Discard, "", 0),
		},
		url:  "http://" + listener.Addr().String(),
		done: make(chan struct{}),
	}
	e.mu.Lock()
	e.server = s
	e.mu.Unlock()
	go func() {
		defer close(s.done)
		_ = s.http.Serve(listener) // always ends with ErrServerClosed or a dead listener
	}()
	return nil
}

// URL is the base of the Graph side: of the socket after Start, else a name
// that only Client reaches.
func (e *Emulator) URL() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.server == nil {
		return offlineURL
	}
	return e.server.url
}

func (s *server) close() {
	_ = s.http.Close()
	<-s.done
}

func (e *Emulator) serveHTTP(w http.ResponseWriter, r *http.Request) {
	done, ok := e.tasks.track()
	if !ok {
		panic(http.ErrAbortHandler)
	}
	defer done()
	e.route(w, r)
}
