package whatsapp

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/runtime/channel"
)

// TestSendTransport: what is known depends on whether the request went out.
func TestSendTransport(t *testing.T) {
	hangUp := func(read bool) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if read {
				io.Copy(io.Discard, r.Body)
			}
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				conn.Close()
			}
		}
	}
	for name, handle := range map[string]http.HandlerFunc{
		"hang-up after reading":  hangUp(true),
		"hang-up before reading": hangUp(false),
		"cut body": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "500")
			io.WriteString(w, acceptedAnswer[:40])
		},
	} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int32
			client, _ := graphServer(t, func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				handle(w, r)
			})
			_, err := client.Send(t.Context(), testOutbound())
			if failed := sendError(t, err); failed.Outcome != channel.Unknown || calls.Load() != 1 {
				t.Errorf("%d calls, %+v", calls.Load(), failed)
			}
		})
	}
}

// TestSendBrokenOff: before the request went out, and after.
func TestSendBrokenOff(t *testing.T) {
	t.Run("refused connection", func(t *testing.T) {
		// A port that was listened on and given back is another test's the next moment.
		client := NewClient(Config{GraphURL: "http://127.0.0.1:1", Token: func() string { return testToken }})
		_, err := client.Send(t.Context(), testOutbound())
		if failed := sendError(t, err); failed.Outcome != channel.Rejected || failed.Status != 0 {
			t.Errorf("%+v", failed)
		}
	})
	t.Run("tls handshake", func(t *testing.T) {
		server := httptest.NewTLSServer(http.NotFoundHandler())
		defer server.Close()
		client := NewClient(Config{GraphURL: server.URL, Token: func() string { return testToken }})
		_, err := client.Send(t.Context(), testOutbound())
		if failed := sendError(t, err); failed.Outcome != channel.Rejected {
			t.Errorf("%+v", failed)
		}
	})
	t.Run("cancelled before", func(t *testing.T) {
		client, _ := graphServer(t, func(http.ResponseWriter, *http.Request) { t.Error("was called") })
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := client.Send(ctx, testOutbound())
		if failed := sendError(t, err); failed.Outcome != channel.Rejected || !errors.Is(err, context.Canceled) {
			t.Errorf("%+v", failed)
		}
	})
	t.Run("cancelled while graph works", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		client, _ := graphServer(t, func(_ http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			cancel()
			<-r.Context().Done()
		})
		_, err := client.Send(ctx, testOutbound())
		if failed := sendError(t, err); failed.Outcome != channel.Unknown {
			t.Errorf("%+v", failed)
		}
	})
}

// TestSendTimeout runs on a clock of its own: 30 s without an answer.
func TestSendTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		go io.Copy(io.Discard, far) // reads everything, answers nothing
		transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return near, nil }}
		client := NewClient(Config{GraphURL: "http://graph.example", Token: func() string { return testToken }, HTTP: &http.Client{Transport: transport}})
		begin := time.Now()
		_, err := client.Send(t.Context(), testOutbound())
		failed := sendError(t, err)
		if failed.Outcome != channel.Unknown || time.Since(begin) != callTimeout {
			t.Errorf("after %v: %+v", time.Since(begin), failed)
		}
		far.Close()
		transport.CloseIdleConnections()
	})
}

// TestSendOnClosedConnections: a pooled connection that the server has closed
// may make a send unknown, or rejected if it was not read; it is never doubled.
func TestSendOnClosedConnections(t *testing.T) {
	var calls atomic.Int32
	client, server := graphServer(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		calls.Add(1)
		io.WriteString(w, acceptedAnswer)
	})
	accepted := int32(0)
	for range 40 {
		before := calls.Load()
		_, err := client.Send(t.Context(), testOutbound())
		read := calls.Load() - before
		switch {
		case err == nil && read == 1:
			accepted++
		case err != nil && sendError(t, err).Outcome == channel.Unknown && read <= 1:
		case err != nil && sendError(t, err).Outcome == channel.Rejected && read == 0:
		default:
			t.Fatalf("read %d times, error %v", read, err)
		}
		server.CloseClientConnections()
	}
	if accepted == 0 {
		t.Error("no send passed")
	}
}
