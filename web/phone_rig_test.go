package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/channel/whatsapp/emulator"
	"astromesh/store"
	"astromesh/store/storetest"
)

// phonePatience bounds waits that end in milliseconds; only a failing test
// reaches it.
const phonePatience = 30 * time.Second

const phoneFrom = "34600111222"

// phoneRig is the page between a real store and Meta's side, whose webhooks a
// business answers with its status.
type phoneRig struct {
	t      *testing.T
	ctx    context.Context
	meta   *emulator.Emulator
	store  *store.Store
	server *httptest.Server
	status chan int // answers of the business, 200 once closed
}

func newPhoneRig(t *testing.T) *phoneRig {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), phonePatience)
	t.Cleanup(cancel)
	r := &phoneRig{t: t, ctx: ctx, store: storetest.New(t), status: make(chan int, 10)}
	r.meta = emulator.New(emulator.Config{VerifiedName: "Crumb & Ember", AccessTokens: []string{"token"}, PhoneNumberID: "1065", Retry: emulator.RetryPolicy{Base: time.Millisecond}})
	t.Cleanup(r.meta.Close)
	r.meta.SetCallbackHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		select {
		case status := <-r.status:
			w.WriteHeader(status)
		default:
		}
	}))
	phone := NewPhone(PhoneOptions{Meta: r.meta, From: phoneFrom, Store: func() *store.Store { return r.store }})
	r.server = httptest.NewServer(http.NewCrossOriginProtection().Handler(phone))
	t.Cleanup(r.server.Close)
	return r
}

func (r *phoneRig) do(method, path string, body io.Reader, header ...string) (*http.Response, string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.ctx, method, r.server.URL+path, body)
	if err != nil {
		r.t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
	}
	client := *r.server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp, string(b)
}

func (r *phoneRig) page() string {
	r.t.Helper()
	resp, body := r.do(http.MethodGet, "/phone", nil)
	if resp.StatusCode != http.StatusOK {
		r.t.Fatalf("GET /: %d %s", resp.StatusCode, body)
	}
	return body
}

func (r *phoneRig) send(text string) {
	r.t.Helper()
	resp, body := r.do(http.MethodPost, "/phone/send", strings.NewReader(url.Values{"text": {text}}.Encode()), "HX-Request", "true")
	if resp.StatusCode != http.StatusNoContent {
		r.t.Fatalf("send: %d %s", resp.StatusCode, body)
	}
}

// graph makes a call of the business, as its client would.
func (r *phoneRig) graph(body string) {
	r.t.Helper()
	req := httptest.NewRequestWithContext(r.ctx, http.MethodPost, "/v25.0/1065/messages", strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer token")
	req.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	r.meta.Handler().ServeHTTP(w, req)
	if w.Code != http.StatusOK {
		r.t.Fatalf("graph: %d %s", w.Code, w.Body)
	}
}

func (r *phoneRig) reply(text string) {
	r.t.Helper()
	r.graph(fmt.Sprintf(`{"messaging_product":"whatsapp","to":%q,"type":"text","text":{"body":%q}}`, phoneFrom, text))
}

func (r *phoneRig) typing() {
	r.t.Helper()
	chat := r.meta.Conversation(emulator.User{Phone: phoneFrom})
	r.graph(fmt.Sprintf(`{"messaging_product":"whatsapp","status":"read","message_id":%q,"typing_indicator":{"type":"text"}}`, chat[len(chat)-1].WAMID))
}

// sse is one server-sent event.
type sse struct{ event, id, data string }

// stream opens the page's stream. next waits until everything that is wanted has
// come, beginning with the event it gave last: several changes may come as one
// event, or one by one. It gives the last event, with the data of all.
func (r *phoneRig) stream() (next func(want ...string) sse) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.ctx, http.MethodGet, r.server.URL+"/phone/stream", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	resp, err := r.server.Client().Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = resp.Body.Close() })
	if got := resp.Header.Get("Content-Type"); got != "text/event-stream" {
		r.t.Fatalf("stream is %q", got)
	}
	lines := bufio.NewReader(resp.Body)
	var e sse
	return func(want ...string) sse {
		r.t.Helper()
		seen := e.data
		missing := func(part string) bool { return !strings.Contains(seen, part) }
		for e.event == "" || slices.ContainsFunc(want, missing) {
			if e, err = readSSE(lines); err != nil {
				r.t.Fatalf("stream ended before %q: %v", want, err)
			}
			seen += e.data
		}
		return sse{e.event, e.id, seen}
	}
}

// until waits for what Meta's side does by itself.
func (r *phoneRig) until(what string, ready func() bool) {
	r.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ready() {
		select {
		case <-tick.C:
		case <-r.ctx.Done():
			r.t.Fatalf("%s did not happen", what)
		}
	}
}

func readSSE(lines *bufio.Reader) (e sse, err error) {
	for {
		line, err := lines.ReadString('\n')
		line = strings.TrimSuffix(line, "\n")
		field, value, _ := strings.Cut(line, ": ")
		switch {
		case err != nil:
			return e, err
		case strings.Contains(line, "\r"):
			return e, fmt.Errorf("a browser ends the line at the carriage return in %q", line)
		case line == "" && e.event != "":
			return e, nil
		case field == "event":
			e.event = value
		case field == "id":
			e.id = value
		case field == "data":
			e.data += value + "\n"
		case line != "" && field != "":
			return e, fmt.Errorf("a line without a field: %q", line)
		}
	}
}
