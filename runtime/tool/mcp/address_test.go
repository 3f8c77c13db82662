//go:build unix

package mcp

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"astromesh/runtime/tool/mcp/mcptest"
)

// A server at an address is started anew between two calls: it knows nothing of
// the connection any more, and what it was asked is asked once more.
func TestAServerAtAnAddressIsStartedAnew(t *testing.T) {
	at := httptest.NewServer(mcptest.Handler(false))
	address := at.Listener.Addr().String()
	s := use(t, Setup{URL: at.URL})
	if _, err := call(t, s, "order_status", map[string]any{"order": "7"}); err != nil {
		t.Fatal(err)
	}
	at.CloseClientConnections()
	at.Close()
	_, err := call(t, s, "order_status", nil)
	ownerHears(t, err, "orders is not available", "does not answer at its address")
	again := httptest.NewUnstartedServer(mcptest.Handler(false))
	_ = again.Listener.Close()
	if again.Listener, err = net.Listen("tcp", address); err != nil {
		t.Fatal(err)
	}
	again.Start()
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
