//go:build unix

package mcp

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"astromesh/runtime/model/modeltest"
	"astromesh/runtime/tool/mcp/mcptest"
)

// A server at an address is started anew between two calls: it knows nothing of
// the connection any more, and what it was asked is asked once more.
func TestAServerAtAnAddressIsStartedAnew(t *testing.T) {
	address := modeltest.FreeAddress(t)
	at := serveAt(t, address)
	s := use(t, Setup{URL: at.URL})
	if _, err := call(t, s, "order_status", map[string]any{"order": "7"}); err != nil {
		t.Fatal(err)
	}
	at.CloseClientConnections()
	at.Close()
	_, err := call(t, s, "order_status", nil)
	ownerHears(t, err, "orders is not available", "does not answer at its address")
	again := serveAt(t, address)
	t.Cleanup(func() { again.CloseClientConnections(); again.Close() })
	if got, err := call(t, s, "order_status", map[string]any{"order": "8"}); err != nil || got != "Order 8 is on its way." {
		t.Errorf("after its start: %q, %v", got, err)
	}
	// Only its memory is lost, and not the connection.
	swap := &swapped{now: mcptest.Handler(false)}
	stays := httptest.NewServer(swap)
	t.Cleanup(func() { stays.CloseClientConnections(); stays.Close() })
	s = use(t, Setup{URL: stays.URL})
	if _, err := call(t, s, "order_status", nil); err != nil {
		t.Fatal(err)
	}
	swap.set(mcptest.Handler(false))
	if got, err := call(t, s, "order_status", map[string]any{"order": "9"}); err != nil || got != "Order 9 is on its way." {
		t.Errorf("after it forgot: %q, %v", got, err)
	}
}

// serveAt starts a server at an address.
func serveAt(t *testing.T, address string) *httptest.Server {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(mcptest.Handler(false))
	_ = s.Listener.Close() // the one it comes with
	s.Listener = l
	s.Start()
	return s
}

// swapped is a server that is replaced behind its address.
type swapped struct {
	mu  sync.Mutex
	now http.Handler
}

func (s *swapped) set(h http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = h
}

func (s *swapped) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	h := s.now
	s.mu.Unlock()
	h.ServeHTTP(w, r)
}
