package tool

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func hook(t *testing.T, h http.HandlerFunc, rest map[string]any) (*Registry, *httptest.Server) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	if rest["url"] == nil {
		rest["url"] = s.URL + "/orders"
	}
	return registryFor(t, Declared{Type: "webhook", Name: "order", Rest: rest, Parameters: map[string]any{"item": map[string]any{"type": "string", "required": true}, "count": "integer"}}, Sources{}), s
}

// The whole of a call: what the owner's service gets.
func TestWebhook(t *testing.T) {
	var seen []told
	r, _ := hook(t, tell(&seen, "ordered with {key}"), map[string]any{
		"headers": map[string]any{"X-Api-Key": "sesame-42", "Authorization": "Bearer abcdef123"}, "secret": "shared-secret",
	})
	spec := r.Specs()[0]
	if spec.Name != "order" || !strings.Contains(string(spec.Parameters), `"required":["item"]`) || spec.Description == "" {
		t.Errorf("spec %+v %s", spec, spec.Parameters)
	}
	got, err := r.Call(t.Context(), "order", Call{TurnID: "turn-7", Arguments: map[string]any{"item": "bread", "count": "2"}})
	if err != nil || got != "ordered with ***" || len(seen) != 1 {
		t.Fatalf("%q, %v, %v", got, err, seen)
	}
	one := seen[0]
	mac := hmac.New(sha256.New, []byte("shared-secret"))
	mac.Write([]byte(one.body))
	for name, want := range map[string]string{
		"Idempotency-Key": "turn-7-1", "Content-Type": "application/json", "Authorization": "Bearer abcdef123",
		"X-Astromesh-Signature-256": "sha256=" + hex.EncodeToString(mac.Sum(nil)),
	} {
		if one.header.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, one.header.Get(name), want)
		}
	}
	if one.method != "POST" || one.body != `{"count":2,"item":"bread"}` {
		t.Errorf("got %s %s", one.method, one.body)
	}
	if _, err := r.Call(t.Context(), "order", Call{}); err == nil || !strings.Contains(err.Error(), "item") || len(seen) != 1 {
		t.Errorf("without what is required: %v", err)
	}
}

// The keys stand in the tool, under config, or under webhook, as files have them.
func TestWebhookByQuery(t *testing.T) {
	for place, d := range map[string]func(map[string]any) Declared{
		"in the tool": func(m map[string]any) Declared { return Declared{Rest: m} },
		"config":      func(m map[string]any) Declared { return Declared{Config: m} },
		"webhook":     func(m map[string]any) Declared { return Declared{Rest: map[string]any{"webhook": m}} },
	} {
		var seen []told
		s := httptest.NewServer(tell(&seen, "7 left"))
		t.Cleanup(s.Close)
		one := d(map[string]any{"url": s.URL + "/stock?shop=1", "method": "get", "allow": []any{s.URL}, "secret": "k"})
		one.Type, one.Name = "webhook", "stock"
		got, err := registryFor(t, one, Sources{}).Call(t.Context(), "stock", Call{Arguments: map[string]any{"item": "a b", "n": 2.0}})
		if err != nil || got != "7 left" || len(seen) != 1 || !strings.HasSuffix(seen[0].url, "/stock?item=a+b&n=2&shop=1") || seen[0].body != "" || seen[0].header.Get(signatureHeader) == "" {
			t.Errorf("%s: %q, %v, %v", place, got, err, seen)
		}
	}
}

// One more try, with the same key, where the first did nothing; an answer without
// words is one too.
func TestWebhookIsTriedAgain(t *testing.T) {
	var keys []string
	r, s := hook(t, func(w http.ResponseWriter, r *http.Request) {
		keys = append(keys, r.Header.Get("Idempotency-Key"))
		if len(keys) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "done")
	}, map[string]any{})
	got, err := r.Call(t.Context(), "order", Call{TurnID: "t", Arguments: map[string]any{"item": "x"}})
	if err != nil || got != "done" || len(keys) != 2 || keys[0] != keys[1] || keys[0] == "" {
		t.Errorf("%q, %v, keys %q", got, err, keys)
	}
	quiet, _ := hook(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, map[string]any{})
	if got, err := quiet.Call(t.Context(), "order", Call{Arguments: map[string]any{"item": "x"}}); err != nil || got != "The service answered 204 No Content." {
		t.Errorf("no words: %q, %v", got, err)
	}
	s.Close()
	a := r.Answer(t.Context(), "order", Call{Arguments: map[string]any{"item": "x"}})
	if a.Err == nil || a.Fault != "The webhook order could not be called: nothing answers at 127.0.0.1" {
		t.Errorf("nobody there: %+v", a)
	}
}

// What a service says no with, and what the owner should hear of.
func TestWebhookRefused(t *testing.T) {
	status, calls := 0, 0
	r, _ := hook(t, func(w http.ResponseWriter, _ *http.Request) {
		calls++
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "no bread today")
	}, map[string]any{})
	for _, c := range []struct {
		status, calls int
		owner         bool
	}{{404, 1, false}, {422, 1, false}, {401, 1, true}, {500, 1, true}, {503, 2, true}} {
		status, calls = c.status, 0
		a := r.Answer(t.Context(), "order", Call{Arguments: map[string]any{"item": "x"}})
		if a.Err == nil || !strings.Contains(a.Err.Error(), "no bread today") || (a.Fault != "") != c.owner || calls != c.calls {
			t.Errorf("%d: %+v after %d calls", c.status, a, calls)
		}
	}
}

// A service that never answers costs its limit; one that leads elsewhere, 50 MB
// and a picture cost nothing else.
func TestWebhookThatMisbehaves(t *testing.T) {
	elsewhere := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	t.Cleanup(other.Close)
	misbehave := func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		switch {
		case strings.Contains(string(b), "never"):
			<-r.Context().Done()
		case strings.Contains(string(b), "away"):
			http.Redirect(w, r, other.URL, http.StatusFound)
		case strings.Contains(string(b), "picture"):
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write([]byte("\x89PNG"))
		default:
			_, _ = io.WriteString(w, strings.Repeat("0123456789", 5<<20))
		}
	}
	patient, _ := hook(t, misbehave, map[string]any{})
	hasty, _ := hook(t, misbehave, map[string]any{"timeout": "300ms"})
	for item, want := range map[string]string{"never": "!in time", "away": "!not be asked", "picture": "not text", "big": "[cut: "} {
		began, r := time.Now(), patient
		if item == "never" {
			r = hasty
		}
		a := r.Answer(t.Context(), "order", Call{Arguments: map[string]any{"item": item}})
		want, fails := strings.CutPrefix(want, "!")
		if fails != (a.Err != nil) || fails && !strings.Contains(a.Err.Error(), want) || !fails && !strings.Contains(a.Text, want) || time.Since(began) > 10*time.Second {
			t.Errorf("%s: %d bytes, %v", item, len(a.Text), a.Err)
		}
		told := map[string]string{"never": "within 300ms", "away": "could not be called", "picture": "gave 4 bytes that are not text", "big": "the model was shown the first 8192"}[item]
		if !strings.Contains(a.Fault, told) {
			t.Errorf("%s: the owner hears %q, want %q", item, a.Fault, told)
		}
	}
	if elsewhere > 0 {
		t.Error("what was sent went to another address")
	}
}

func TestWebhookThatCannotWork(t *testing.T) {
	for _, c := range []struct {
		rest map[string]any
		want string
	}{
		{nil, "it has no url"},
		{map[string]any{"url": "shop"}, ""},
		{map[string]any{"url": "ftp://shop.example"}, "its url cannot be used"},
		{map[string]any{"url": []any{"a"}}, "url must be text"},
		{map[string]any{"url": "https://a.example", "method": "FETCH"}, "is not a method"},
		{map[string]any{"url": "https://a.example", "headers": "X: y"}, "headers must be a map"},
		{map[string]any{"url": "https://a.example", "headers": map[string]any{"X": []any{}}}, "headers.X must be text"},
		{map[string]any{"url": "https://a.example", "timeout": 0}, "timeout must be more than 0"},
		{map[string]any{"url": "https://a.example", "allow": "b.example"}, "not in its list allow"},
		{map[string]any{"url": "https://a.example", "webhook": map[string]any{"url": "https://b.example"}}, "url is written twice"},
	} {
		_, problems := New([]Declared{{Type: "webhook", Name: "w", Rest: c.rest}}, Sources{})
		if (len(problems) == 0) != (c.want == "") || len(problems) > 0 && !strings.Contains(problems[0], c.want) {
			t.Errorf("%v: %q, want %q", c.rest, problems, c.want)
		}
	}
	if _, problems := New([]Declared{{Type: "webhook", Rest: map[string]any{"url": "https://a.example"}}}, Sources{}); len(problems) != 1 {
		t.Errorf("no name: %q", problems)
	}
}
