package emulator

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	ana  = User{Phone: "4915112345678", Name: "Ana Müller"}
	hide = User{Phone: "51987654321", UserID: "PE.967744529547245", Username: "lucho", Name: "Lucho", HidePhone: true}
)

// business is the callback of a test: it keeps what it gets and answers what
// it is told.
type business struct {
	mu     sync.Mutex
	got    []delivered
	answer func(attempt int) int // HTTP status; nil: always 200
}

type delivered struct {
	header http.Header
	body   []byte
}

func (b *business) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		_, _ = io.WriteString(w, r.URL.Query().Get("hub.challenge"))
		return
	}
	body, _ := io.ReadAll(r.Body)
	b.mu.Lock()
	b.got = append(b.got, delivered{r.Header.Clone(), body})
	attempt, answer := len(b.got), b.answer
	b.mu.Unlock()
	if answer != nil {
		w.WriteHeader(answer(attempt))
	}
}

func (b *business) all() []delivered {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]delivered(nil), b.got...)
}

func (b *business) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = nil
}

// bench is an emulator on a virtual clock with a business behind it.
type bench struct {
	*Emulator
	t     *testing.T
	clock *VirtualClock
	biz   *business
	ctx   context.Context

	background sync.WaitGroup
}

func newBench(t *testing.T, cfg Config) *bench {
	t.Helper()
	clock := NewVirtualClock(time.Unix(1778750000, 0))
	cfg.Clock, cfg.AppSecret, cfg.VerifyToken = clock, "s3cret", "verify me"
	cfg.OldAppSecret, cfg.AccessTokens = "0ld", append(cfg.AccessTokens, "EAAtoken")
	cfg.Seed = 7
	b := &bench{Emulator: New(cfg), t: t, clock: clock, biz: &business{}}
	b.SetCallbackHandler(b.biz)
	t.Cleanup(b.Close)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	b.ctx = ctx
	t.Cleanup(b.background.Wait) // before the context ends
	return b
}

func (b *bench) settle() {
	b.t.Helper()
	if err := b.Settle(b.ctx); err != nil {
		b.t.Fatal("settle:", err)
	}
}

func (b *bench) advance(d time.Duration) {
	b.t.Helper()
	b.clock.Advance(d)
	b.settle()
}

// wrote posts a text of u and drops what the business got so far.
func (b *bench) wrote(u User) Item {
	b.t.Helper()
	it := b.Text(u, "hello")
	if status, err := b.Post(b.ctx, it); status != 200 || err != nil {
		b.t.Fatalf("post: %d %v", status, err)
	}
	b.biz.forget()
	return it
}

// graph makes a call with the good token and decodes the answer.
func (b *bench) graph(method, path, body string) (int, map[string]any) {
	b.t.Helper()
	resp, err := b.call(method, path, body, "Bearer EAAtoken")
	if err != nil {
		b.t.Errorf("%s %s: %v", method, path, err) // not Fatal: it may run in the background
		return 0, nil
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Errorf("%s %s: %v", method, path, err)
	}
	var decoded map[string]any
	if err := json.Unmarshal(raw, &decoded); err != nil {
		b.t.Errorf("%s %s: %v in %q", method, path, err, raw)
	}
	return resp.StatusCode, decoded
}

func (b *bench) call(method, path, body, authorization string) (*http.Response, error) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.ctx, method, path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if r.URL.Host == "" {
		r.URL.Scheme, r.URL.Host = "https", "graph.facebook.com"
	}
	r.Header.Set("Authorization", authorization)
	r.Header.Set("User-Agent", "test")
	return b.Client().Do(r)
}

const messagesPath = "/v25.0/3000000000000003/messages"

// sendText sends a text and returns the answer.
func (b *bench) sendText(to, text string) (int, map[string]any) {
	b.t.Helper()
	return b.graph(http.MethodPost, messagesPath, textBody("to", to, text))
}

func textBody(key, to, text string) string {
	raw, _ := json.Marshal(map[string]any{"messaging_product": "whatsapp", key: to, "type": "text",
		"text": map[string]any{"body": text}, "biz_opaque_callback_data": "row-1"})
	return string(raw)
}

// dig reads a value by its path out of decoded JSON: keys and indexes.
func dig(t *testing.T, v any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, ok := v.(map[string]any)
			if !ok {
				return nil
			}
			v = m[step]
		case int:
			list, ok := v.([]any)
			if !ok || step >= len(list) {
				return nil
			}
			v = list[step]
		}
	}
	return v
}

func decode(t *testing.T, raw []byte) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return v
}
