package tool

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// internet is a real server that every name leads to.
func internet(t *testing.T, h http.HandlerFunc) Sources {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	var d net.Dialer
	return Sources{Outside: Outside{Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return d.DialContext(ctx, network, s.Listener.Addr().String())
	}}}
}

// registryFor makes one tool, and closes it with the test.
func registryFor(t *testing.T, d Declared, src Sources) *Registry {
	t.Helper()
	r, problems := New([]Declared{d}, src)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	t.Cleanup(r.Close)
	return r
}

// told is a request as a test sees it.
type told struct {
	method, url, body string
	header            http.Header
}

func tell(into *[]told, answer string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		*into = append(*into, told{r.Method, "http://" + r.Host + r.URL.String(), string(b), r.Header.Clone()})
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, strings.ReplaceAll(answer, "{key}", r.Header.Get("X-Api-Key")))
	}
}

func TestHTTPRequest(t *testing.T) {
	var seen []told
	src := internet(t, tell(&seen, "stock 7, key {key}"))
	r := registryFor(t, Declared{Name: "http_request", Config: map[string]any{
		"allow":   []any{"http://api.shop.example/v1", "http://*.parts.example"},
		"methods": []any{"GET", "post"}, "headers": map[string]any{"X-Api-Key": "sesame-42"},
	}}, src)
	for _, c := range []struct {
		name string
		args map[string]any
		want told
		fail string
	}{
		{"plain", map[string]any{"url": "http://api.shop.example/v1/stock"}, told{method: "GET", url: "http://api.shop.example/v1/stock"}, ""},
		{"query", map[string]any{"url": "http://eu.parts.example/?a=1", "query": map[string]any{"b": 2.0, "c": []any{"x"}}}, told{method: "GET", url: `http://eu.parts.example/?a=1&b=2&c=%5B%22x%22%5D`}, ""},
		{"post", map[string]any{"url": "http://api.shop.example/v1/x", "method": "post", "body": map[string]any{"n": 1.0}}, told{method: "POST", url: "http://api.shop.example/v1/x", body: `{"n":1}`}, ""},
		{"text", map[string]any{"url": "http://api.shop.example/v1/x", "method": "POST", "body": "plain words"}, told{method: "POST", url: "http://api.shop.example/v1/x", body: "plain words"}, ""},
		{"not allowed", map[string]any{"url": "http://evil.example/"}, told{}, "the host evil.example is not allowed"},
		{"another path", map[string]any{"url": "http://api.shop.example/admin"}, told{}, "begins with /v1"},
		{"local", map[string]any{"url": "http://127.0.0.1:8080/"}, told{}, "not allowed"},
		{"another method", map[string]any{"url": "http://api.shop.example/v1/x", "method": "DELETE"}, told{}, "method"},
		{"no address", map[string]any{"url": "the shop's page"}, told{}, "not a web address"},
		{"nothing", nil, told{}, "url"},
	} {
		t.Run(c.name, func(t *testing.T) {
			seen = nil
			got, err := r.Call(t.Context(), "http_request", Call{TurnID: "t1", Arguments: c.args})
			if c.fail != "" {
				if err == nil || !strings.Contains(err.Error(), c.fail) || len(seen) > 0 {
					t.Errorf("%q, %v, asked %v", got, err, seen)
				}
				return
			}
			if err != nil || got != "HTTP 200 OK\n\nstock 7, key ***" || len(seen) != 1 {
				t.Fatalf("%q, %v, asked %v", got, err, seen)
			}
			one := seen[0]
			if one.method != c.want.method || one.url != c.want.url || one.body != c.want.body || one.header.Get("X-Api-Key") != "sesame-42" {
				t.Errorf("asked %+v, want %+v", one, c.want)
			}
			if key := one.header.Get("Idempotency-Key"); (key == "t1-1") != (one.method == "POST") {
				t.Errorf("key %q of a %s", key, one.method)
			}
		})
	}
}

func TestHTTPRequestOffersOnlyWhatIsAllowed(t *testing.T) {
	r := registryFor(t, Declared{Name: "http_request", Config: map[string]any{"allow": "shop.example"}}, Sources{})
	var schema struct {
		Properties map[string]any
		Required   []string
	}
	if err := json.Unmarshal(r.Specs()[0].Parameters, &schema); err != nil || schema.Properties["method"] != nil || schema.Properties["body"] != nil || len(schema.Required) != 1 {
		t.Errorf("schema %s, %v", r.Specs()[0].Parameters, err)
	}
	r = registryFor(t, Declared{Name: "http_request", Config: map[string]any{"allow": "*", "methods": []any{"GET", "PUT"}, "timeout": 3}}, Sources{})
	if s := string(r.Specs()[0].Parameters); !strings.Contains(s, `"enum":["GET","PUT"]`) || !strings.Contains(s, `"body"`) {
		t.Errorf("schema %s", s)
	}
	if r.tools["http_request"].within != 3*time.Second {
		t.Errorf("limit %s", r.tools["http_request"].within)
	}
	for _, c := range []struct {
		config map[string]any
		want   string
	}{
		{nil, "config.allow names no host"},
		{map[string]any{"allow": []any{}}, "config.allow names no host"},
		{map[string]any{"allow": []any{"ftp://x.example"}}, "list of allowed hosts"},
		{map[string]any{"allow": "*", "headers": map[string]any{"X-Api-Key": "k"}}, "would be sent to every host"},
		{map[string]any{"allow": "x.example", "headers": map[string]any{"X": "a\nb"}}, "one line"},
		{map[string]any{"allow": "x.example", "methods": "FETCH"}, `"FETCH" is not a method`},
		{map[string]any{"allow": "x.example", "timeout": "soon"}, "timeout must be seconds"},
	} {
		if _, problems := New([]Declared{{Name: "http_request", Config: c.config}}, Sources{}); len(problems) != 1 || !strings.Contains(problems[0], c.want) {
			t.Errorf("%v: %q, want %q", c.config, problems, c.want)
		}
	}
}

// A service that does not answer, or not with text, costs its call, and the owner
// hears of it; of an address that is not allowed only the model does.
func TestHTTPRequestThatGoesWrong(t *testing.T) {
	src := internet(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/broken" {
			w.Header().Set("Content-Length", "100")
		}
		w.Header().Set("Content-Type", "image/png")
		_, _ = io.WriteString(w, "\x89PNG")
	})
	r := registryFor(t, Declared{Name: "http_request", Config: map[string]any{"allow": "http://*.shop.example"}}, src)
	for _, c := range []struct{ url, text, err, fault string }{
		{"http://secret.shop.example/broken", "", "the connection broke", "http_request could not reach the address"},
		{"http://secret.shop.example/picture", "this is not text", "", "gave 4 bytes that are not text"},
		{"http://other.example/", "", "is not allowed", ""},
	} {
		a := r.Answer(t.Context(), "http_request", Call{Arguments: map[string]any{"url": c.url}})
		if (a.Err == nil) != (c.err == "") || a.Err != nil && !strings.Contains(a.Err.Error(), c.err) || !strings.Contains(a.Text, c.text) {
			t.Errorf("%s: %q, %v", c.url, a.Text, a.Err)
		}
		if (a.Fault == "") != (c.fault == "") || !strings.Contains(a.Fault, c.fault) || strings.Contains(a.Fault, "secret") {
			t.Errorf("%s: the owner hears %q, want %q", c.url, a.Fault, c.fault)
		}
	}
}
