package emulator

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
)

var errReset = errors.New("connection reset by peer")

// handlerTransport is an http.RoundTripper that calls a handler directly. The
// response starts with the first byte the handler writes, so slow and broken
// bodies look as they do over a socket: a handler that panics breaks the
// connection.
type handlerTransport struct {
	handler http.Handler
	track   func() (func(), bool)
}

// RoundTrip runs the handler in its own goroutine and returns once it has
// answered, broken off, or the request's context has ended.
func (t *handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := readRequest(r)
	if err != nil {
		return nil, err
	}
	done, ok := t.track()
	if !ok {
		return nil, errReset
	}
	inner := r.Clone(r.Context())
	inner.Body, inner.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	inner.RequestURI, inner.RemoteAddr = r.URL.RequestURI(), "127.0.0.1:1"
	if inner.Host == "" {
		inner.Host = r.URL.Host
	}
	ex := newExchange(r)
	stop := context.AfterFunc(r.Context(), func() { ex.fail(r.Context().Err()) })
	go func() {
		defer done()
		defer stop()
		defer ex.finish()
		t.handler.ServeHTTP(ex, inner)
	}()
	<-ex.started
	return ex.response()
}

func readRequest(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	defer r.Body.Close()
	return io.ReadAll(r.Body)
}

// exchange is both ends of one response: the handler writes, the client reads.
type exchange struct {
	request *http.Request
	header  http.Header
	started chan struct{}

	mu     sync.Mutex
	more   sync.Cond
	status int
	sent   http.Header
	buf    bytes.Buffer
	err    error // io.EOF once complete
}

func newExchange(r *http.Request) *exchange {
	ex := &exchange{request: r, header: http.Header{}, started: make(chan struct{})}
	ex.more.L = &ex.mu
	return ex
}

func (ex *exchange) response() (*http.Response, error) {
	ex.mu.Lock()
	defer ex.mu.Unlock()
	if ex.status == 0 {
		return nil, ex.err
	}
	length, err := strconv.ParseInt(ex.sent.Get("Content-Length"), 10, 64)
	if err != nil {
		length = -1 // unknown
	}
	return &http.Response{
		Status: http.StatusText(ex.status), StatusCode: ex.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: ex.sent, Body: ex, ContentLength: length, Request: ex.request,
	}, nil
}

// Header, WriteHeader, Write and Flush are the handler's side.
func (ex *exchange) Header() http.Header { return ex.header }

func (ex *exchange) WriteHeader(status int) {
	ex.mu.Lock()
	defer ex.mu.Unlock()
	ex.start(status)
}

func (ex *exchange) start(status int) {
	if ex.status != 0 || ex.err != nil {
		return
	}
	// A handler that returns because the client has left must not look as if
	// it had answered.
	if err := ex.request.Context().Err(); err != nil {
		ex.err = err
		close(ex.started)
		return
	}
	ex.status, ex.sent = status, ex.header.Clone()
	close(ex.started)
}

func (ex *exchange) Write(p []byte) (int, error) {
	ex.mu.Lock()
	defer ex.mu.Unlock()
	ex.start(http.StatusOK)
	if ex.err != nil {
		return 0, ex.err
	}
	defer ex.more.Broadcast()
	return ex.buf.Write(p)
}

// Flush makes the headers visible, as on a socket.
func (ex *exchange) Flush() { ex.WriteHeader(http.StatusOK) }

// finish ends the response; a panic of the handler breaks it off instead.
func (ex *exchange) finish() {
	if v := recover(); v != nil {
		if err, ok := v.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
			log.Printf("emulator: handler panicked: %v\n%s", v, debug.Stack())
		}
		ex.fail(errReset)
		return
	}
	ex.WriteHeader(http.StatusOK)
	ex.fail(io.EOF)
}

func (ex *exchange) fail(err error) {
	ex.mu.Lock()
	defer ex.mu.Unlock()
	if ex.err != nil {
		return
	}
	if ex.status == 0 {
		close(ex.started)
	}
	ex.err = err
	ex.more.Broadcast()
}

// Read and Close are the client's side.
func (ex *exchange) Read(p []byte) (int, error) {
	ex.mu.Lock()
	defer ex.mu.Unlock()
	for ex.buf.Len() == 0 && ex.err == nil {
		ex.more.Wait()
	}
	if ex.buf.Len() > 0 {
		return ex.buf.Read(p)
	}
	if errors.Is(ex.err, errReset) {
		return 0, io.ErrUnexpectedEOF
	}
	return 0, ex.err
}

func (ex *exchange) Close() error {
	ex.fail(io.ErrClosedPipe)
	return nil
}
