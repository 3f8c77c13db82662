package modeltest

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/ollama/ollama/api"
)

func (f *Fake) chat(w http.ResponseWriter, r *http.Request) {
	var request api.ChatRequest
	if !readJSON(w, r, &request) {
		return
	}
	m, ok := f.find(w, request.Model)
	if !ok {
		return
	}
	f.mu.Lock()
	f.requests = append(f.requests, request)
	f.mu.Unlock()
	if len(request.Messages) == 0 {
		writeJSON(w, http.StatusOK, api.ChatResponse{Model: request.Model, Done: true, DoneReason: "load"})
		return
	}
	reply := Text("ok")
	if m.Answer != nil {
		reply = m.Answer(request)
	}
	s := &fakeStream{w: w, ctx: r.Context(), model: request.Model}
	s.send(reply, promptTokens(request))
}

// promptTokens is a guess as good as any: a third of the bytes.
func promptTokens(request api.ChatRequest) int {
	n := 0
	for _, m := range request.Messages {
		n += len(m.Content)
	}
	return n/3 + 1
}

// fakeStream writes one answer line by line.
type fakeStream struct {
	w     http.ResponseWriter
	ctx   context.Context
	model string
}

func (s *fakeStream) send(reply Reply, promptTokens int) {
	if !s.pause(reply.Before) {
		return
	}
	switch {
	case reply.Raw != "":
		_, _ = io.WriteString(s.w, reply.Raw)
		return
	case reply.Status != 0:
		writeJSON(s.w, reply.Status, map[string]string{"error": reply.Error})
		return
	}
	s.w.Header().Set("Content-Type", "application/x-ndjson")
	if !s.body(reply) {
		return
	}
	switch {
	case reply.Hang:
		<-s.ctx.Done()
	case reply.Cut:
		// The server's way to drop a connection in the middle of an answer.
		panic(http.ErrAbortHandler)
	case reply.Error != "":
		s.line(map[string]string{"error": reply.Error})
	default:
		s.done(reply, promptTokens)
	}
}

func (s *fakeStream) body(reply Reply) bool {
	if reply.Thinking != "" {
		s.message(api.Message{Role: "assistant", Thinking: reply.Thinking})
	}
	for i, piece := range reply.Pieces {
		if i > 0 && !s.pause(reply.Between) {
			return false
		}
		s.message(api.Message{Role: "assistant", Content: piece})
	}
	if len(reply.ToolCalls) > 0 {
		s.message(api.Message{Role: "assistant", ToolCalls: reply.ToolCalls})
	}
	return true
}

func (s *fakeStream) done(reply Reply, promptTokens int) {
	last := api.ChatResponse{Model: s.model, Done: true, DoneReason: reply.Done, Metrics: reply.Metrics}
	if last.DoneReason == "" {
		last.DoneReason = "stop"
	}
	if last.PromptEvalCount == 0 {
		last.PromptEvalCount = promptTokens
	}
	if last.EvalCount == 0 {
		last.EvalCount = len(reply.Pieces)
	}
	s.line(last)
}

func (s *fakeStream) message(m api.Message) {
	s.line(api.ChatResponse{Model: s.model, Message: m})
}

func (s *fakeStream) line(v any) {
	_ = json.NewEncoder(s.w).Encode(v)
	if flusher, ok := s.w.(http.Flusher); ok {
		flusher.Flush()
	}
}

func (s *fakeStream) pause(d time.Duration) bool {
	if d == 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.ctx.Done():
		return false
	}
}

// Transport reaches the fake without a network: every wait in it is one that a
// synctest bubble knows.
func (f *Fake) Transport() http.RoundTripper { return memory{f} }

type memory struct{ fake *Fake }

func (m memory) RoundTrip(r *http.Request) (*http.Response, error) {
	m.fake.mu.Lock()
	down := m.fake.down
	m.fake.mu.Unlock()
	if down {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	reader, writer := io.Pipe()
	w := &memoryWriter{header: http.Header{}, body: writer, begun: make(chan int, 1)}
	// As in net/http, the end of the request's context ends reading the answer.
	stop := context.AfterFunc(r.Context(), func() { _ = writer.CloseWithError(r.Context().Err()) })
	go func() {
		defer stop()
		defer func() {
			w.WriteHeader(http.StatusOK)
			if recover() != nil { // http.ErrAbortHandler
				_ = writer.CloseWithError(io.ErrUnexpectedEOF)
				return
			}
			_ = writer.Close()
		}()
		m.fake.ServeHTTP(w, r)
	}()
	select {
	case status := <-w.begun:
		return &http.Response{StatusCode: status, Header: w.header, Body: reader, Request: r, ProtoMajor: 1, ProtoMinor: 1, ContentLength: -1}, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// memoryWriter is the handler's side of an answer. Only its goroutine uses it.
type memoryWriter struct {
	header http.Header
	body   *io.PipeWriter
	begun  chan int
	sent   bool
}

func (w *memoryWriter) Header() http.Header { return w.header }

func (w *memoryWriter) WriteHeader(status int) {
	if !w.sent {
		w.sent = true
		w.begun <- status
	}
}

func (w *memoryWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}

func (w *memoryWriter) Flush() {}
