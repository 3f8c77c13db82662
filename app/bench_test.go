package app

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"astromesh/config"
	"astromesh/runtime/channel/whatsapp"
)

const benchAgent = `apiVersion: astromesh/v1
kind: Agent
metadata: {name: shop}
spec:
  model: {primary: {provider: builtin, model: faq, parameters: {default: "Thank you, we are open until eight.", faq: []}}}
  memory: {conversational: {backend: sqlite, strategy: sliding_window, max_turns: 20, ttl: 86400}}
  guardrails: {input: [{type: pii_detection, action: redact}, {type: max_length, max_chars: 2000}], output: [{type: pii_detection, action: redact}]}
`

// benchApp builds the program with an instant model and no limits.
func benchApp(b *testing.B, graph string) *App {
	b.Helper()
	return debounced(b, graph, 0)
}

// debounced is benchApp that waits some seconds for the end of a burst.
func debounced(b *testing.B, graph string, quiet int) *App {
	b.Helper()
	t := &testing.T{}
	dir := b.TempDir()
	write(t, dir, "channels.yaml", testChannels+fmt.Sprintf("    debounce: {quiet_seconds: %d, max_seconds: 5}\n", quiet)+"    loop_guard: {window_seconds: 60, max_messages: 1000000}\n    mark_as_read: false\n")
	write(t, dir, "channels.yaml", string(bytes.Replace(read(b, dir), []byte("max_messages: 1000}"), []byte("max_messages: 100000000}"), 1)))
	write(t, dir, "agents/shop.agent.yaml", benchAgent)
	env := map[string]string{"WHATSAPP_VERIFY_TOKEN": testVerify, "WHATSAPP_ACCESS_TOKEN": testToken, "WHATSAPP_PHONE_NUMBER_ID": testPhone, "WHATSAPP_APP_SECRET": testSecret}
	a, err := New(b.Context(), Options{
		Source: config.Dir(dir), DataDir: b.TempDir(), WebhookAddr: "127.0.0.1:0", AdminAddr: "127.0.0.1:0", GraphURL: graph,
		Log: slog.New(slog.DiscardHandler), Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
	})
	if err != nil {
		b.Fatal(err)
	}
	return a
}

var benchID atomic.Int64

// signedText is one webhook as Meta sends it, from one of 500 customers.
func signedText() (body []byte, signature string) {
	n := benchID.Add(1)
	body = fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"%s"},"contacts":[{"profile":{"name":"Ana"},"wa_id":"346001%05d"}],"messages":[{"from":"346001%05d","id":"wamid.HBgLMzQ2MDAxMTEyMjIVAgASGBQz%012d","timestamp":"%d","type":"text","text":{"body":"Do you have a table for two tonight? N\u00ba %d"}}]},"field":"messages"}]}]}`,
		testPhone, n%500, n%500, n, time.Now().Unix(), n)
	return body, sign(body)
}

func sign(body []byte) string {
	mac := hmac.New(sha256.New, []byte(testSecret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

func read(b *testing.B, dir string) []byte {
	b.Helper()
	data, err := readLimited(dir + "/channels.yaml")
	if err != nil {
		b.Fatal(err)
	}
	return data
}

// hammer posts n webhooks over many connections, and says how long that took.
func hammer(b *testing.B, url string, n int) time.Duration {
	b.Helper()
	const callers = 128
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers, MaxConnsPerHost: callers}}
	defer client.CloseIdleConnections()
	var left atomic.Int64
	left.Store(int64(n))
	began := time.Now()
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for left.Add(-1) >= 0 {
				if err := postSigned(b.Context(), client, url); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	return time.Since(began)
}

func postSigned(ctx context.Context, client *http.Client, url string) error {
	body, signature := signedText()
	return post(ctx, client, url, body, signature)
}

func post(ctx context.Context, client *http.Client, url string, body []byte, signature string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Hub-Signature-256", signature)
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %d", res.StatusCode)
	}
	return nil
}

// BenchmarkAcknowledge compares the acknowledge path, where every message is on
// disk before the answer, with a handler that only reads and verifies. Aim: half.
// The two take turns: a machine that others use too is as slow for the one as for
// the other. An operation is one webhook to each.
func BenchmarkAcknowledge(b *testing.B) {
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || !whatsapp.VerifySignature([]string{testSecret}, body, r.Header.Get("X-Hub-Signature-256")) {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"status":"ok"}`)
	}))
	defer bare.Close()
	a := benchApp(b, "http://127.0.0.1:9")
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.web.Run(ctx) }()
	webhook, _ := a.Addrs()
	const round = 4000
	var took struct{ bare, durable time.Duration }
	b.ResetTimer()
	for done := 0; done < b.N; done += round {
		n := min(round, b.N-done)
		took.bare += hammer(b, bare.URL, n)
		took.durable += hammer(b, "http://"+webhook+"/v1/channels/whatsapp/webhook", n)
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/took.bare.Seconds(), "bare/s")
	b.ReportMetric(float64(b.N)/took.durable.Seconds(), "durable/s")
	b.ReportMetric(took.bare.Seconds()/took.durable.Seconds(), "durable/bare")
	cancel()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
	if err := a.Close(); err != nil {
		b.Fatal(err)
	}
}

// graphSink is a Graph that takes everything at once and tells when.
func graphSink(b *testing.B, arrived chan<- time.Time) *httptest.Server {
	b.Helper()
	var n atomic.Int64
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- time.Now()
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = fmt.Fprintf(w, `{"messaging_product":"whatsapp","contacts":[{"input":"1","wa_id":"1"}],"messages":[{"id":"wamid.out%d"}]}`, n.Add(1))
	}))
	b.Cleanup(sink.Close)
	return sink
}

func runBench(b *testing.B, a *App) (webhook string) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	b.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	})
	addr, _ := a.Addrs()
	return "http://" + addr + "/v1/channels/whatsapp/webhook"
}

// BenchmarkReplyLatency is the time from the POST of a webhook to the POST at
// Graph with an instant model, one message at a time. Aim: p50 under 5 ms.
func BenchmarkReplyLatency(b *testing.B) {
	arrived := make(chan time.Time, 1)
	url := runBench(b, benchApp(b, graphSink(b, arrived).URL))
	var took []time.Duration
	for b.Loop() {
		body, signature := signedText()
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("X-Hub-Signature-256", signature)
		began := time.Now()
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		took = append(took, (<-arrived).Sub(began))
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
	b.ReportMetric(took[len(took)*99/100].Seconds()*1000, "p99-ms")
}

// BenchmarkReplies is how many customers' messages are answered in a second,
// from the webhook to Graph, with an instant model. Two of one customer that lie
// there together have one reply.
func BenchmarkReplies(b *testing.B) {
	arrived := make(chan time.Time, 1024)
	go func() {
		for range arrived { // the end is when nothing waits any more
			continue
		}
	}()
	b.Cleanup(func() { close(arrived) }) // after the program has stopped
	a := benchApp(b, graphSink(b, arrived).URL)
	url := runBench(b, a)
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	b.ResetTimer()
	hammer(b, url, b.N)
	for waiting := int64(1); waiting > 0; <-look.C {
		in, _, err := a.store.InboxWaiting(b.Context())
		out, err2 := a.store.OutboxWaiting(b.Context())
		if err != nil || err2 != nil {
			b.Fatal(err, err2)
		}
		waiting = in + out
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "replies/s")
}
