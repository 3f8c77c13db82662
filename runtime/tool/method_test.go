package tool

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
)

// Each method carries the arguments where services look for them, and an
// http_request may use each that the file names.
func TestMethods(t *testing.T) {
	for method, inBody := range map[string]bool{"GET": false, "HEAD": false, "DELETE": false, "POST": true, "PUT": true, "PATCH": true} {
		var seen []told
		s := httptest.NewServer(tell(&seen, "done"))
		t.Cleanup(s.Close)
		r := registryFor(t, Declared{Type: "webhook", Name: "stock", Config: map[string]any{"url": s.URL, "method": method}}, Sources{})
		if _, err := r.Call(t.Context(), "stock", Call{Arguments: map[string]any{"item": "bread"}}); err != nil || len(seen) != 1 {
			t.Fatalf("%s: %v %v", method, err, seen)
		}
		if one := seen[0]; one.method != method || strings.Contains(one.body, "bread") != inBody || strings.Contains(one.url, "bread") == inBody {
			t.Errorf("%s: the webhook got %+v", method, one)
		}
		seen = nil
		src := internet(t, tell(&seen, "done"))
		r = registryFor(t, Declared{Name: "http_request", Config: map[string]any{"allow": "http://shop.example", "methods": method}}, src)
		got, err := r.Call(t.Context(), "http_request", Call{Arguments: map[string]any{"url": "http://shop.example/stock", "method": strings.ToLower(method)}})
		if err != nil || !strings.HasPrefix(got, "HTTP 200") || len(seen) != 1 || seen[0].method != method {
			t.Errorf("%s: %q, %v, the service got %s", method, got, err, fmt.Sprint(seen))
		}
	}
}
