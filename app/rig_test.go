package app

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"astromesh/config"
	"astromesh/runtime/channel/whatsapp/emulator"
	"astromesh/runtime/model/modeltest"
	"astromesh/runtime/reach"

	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/types/model"
)

const (
	testSecret = "flow-app-secret"
	testVerify = "flow-verify-token"
	testToken  = "EAAflowtoken"
	testPhone  = "106540352242922"
	testAPI    = "flow-api-token"
	// patience bounds a wait for something that happens in milliseconds, and on a
	// machine that has other things to do in seconds. It is reached only by a test
	// that fails, and before the time of a turn (60 s) is used up.
	patience = 45 * time.Second
	// rigLife bounds what a rig is asked and told, of which each has its own patience.
	rigLife = 10 * time.Minute
)

var ana = emulator.User{Phone: "34600111222", Name: "Ana"}

// rig is the built App between Meta's side and a model server, on a store and a
// configuration folder of its own.
type rig struct {
	t       *testing.T
	ctx     context.Context
	meta    *emulator.Emulator
	ollama  *modeltest.Fake
	env     map[string]string
	config  string
	data    string
	app     *App
	stop    func() // ends the program in order
	logText *syncBuffer
	outside reach.Outside
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
}

// rigOptions change what the files say.
type rigOptions struct {
	channels string // more keys of channels.whatsapp
	agent    string // more keys of the agent's spec
	meta     emulator.Config
	outside  reach.Outside
}

const testChannels = `channels:
  whatsapp:
    verify_token: "${WHATSAPP_VERIFY_TOKEN}"
    access_token: "${WHATSAPP_ACCESS_TOKEN}"
    phone_number_id: "${WHATSAPP_PHONE_NUMBER_ID}"
    app_secret: "${WHATSAPP_APP_SECRET}"
    default_agent: shop
    rate_limit: {window_seconds: 60, max_messages: 1000}
`

const testAgent = `apiVersion: astromesh/v1
kind: Agent
metadata: {name: shop, version: "1.0.0"}
spec:
  identity: {display_name: Shop}
  model:
    primary: {provider: ollama, model: "seer", endpoint: "${FAKE_OLLAMA}"}
    fallback: {provider: ollama, model: "talker", endpoint: "${FAKE_OLLAMA}"}
    routing: {strategy: capability_match}
  prompts: {system: "You are the shop's assistant."}
  memory: {conversational: {backend: sqlite, strategy: sliding_window, max_turns: 6, ttl: 86400}}
  guardrails:
    input: [{type: pii_detection, action: redact}, {type: max_length, max_chars: 2000}]
    output: [{type: pii_detection, action: redact}]
`

// newRig starts the program. A model says "re: " and the last message.
func newRig(t *testing.T, o rigOptions) *rig {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), rigLife)
	t.Cleanup(cancel)
	r := &rig{t: t, ctx: ctx, config: t.TempDir(), data: t.TempDir(), ollama: modeltest.NewFake(), logText: &syncBuffer{}, outside: o.outside}
	r.ollama.Set("seer", modeltest.FakeModel{Capabilities: []model.Capability{"completion", "vision"}, Answer: echoLast})
	r.ollama.Set("talker", modeltest.FakeModel{Capabilities: []model.Capability{"completion", "tools"}, Answer: echoLast})
	r.ollama.Listen(t)
	o.meta.AppSecret, o.meta.VerifyToken, o.meta.PhoneNumberID = testSecret, testVerify, testPhone
	if o.meta.AccessTokens == nil {
		o.meta.AccessTokens = []string{testToken}
	}
	if o.meta.Retry.Base == 0 {
		o.meta.Retry.Base = 20 * time.Millisecond
	}
	r.meta = emulator.New(o.meta)
	t.Cleanup(r.meta.Close)
	if err := r.meta.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if o.channels == "" {
		o.channels = "    debounce: {quiet_seconds: 0, max_seconds: 5}\n"
	}
	r.env = map[string]string{
		"WHATSAPP_VERIFY_TOKEN": testVerify, "WHATSAPP_ACCESS_TOKEN": testToken,
		"WHATSAPP_PHONE_NUMBER_ID": testPhone, "WHATSAPP_APP_SECRET": testSecret, "FAKE_OLLAMA": r.ollama.URL,
	}
	r.write("channels.yaml", testChannels+o.channels)
	r.write("agents/shop.agent.yaml", testAgent+o.agent)
	r.write("runtime.yaml", "apiVersion: astromesh/v1\nkind: RuntimeConfig\nspec: {retry_for: 2m}\n")
	r.start()
	return r
}

func echoLast(req api.ChatRequest) modeltest.Reply {
	return modeltest.Text("re: " + req.Messages[len(req.Messages)-1].Content)
}

// write puts a file in its place as a whole: one that is written where it stands
// may be read while it is empty.
func (r *rig) write(name, text string) {
	r.t.Helper()
	path := filepath.Join(r.config, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path+"~", []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	if err := os.Rename(path+"~", path); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) remove(name string) {
	r.t.Helper()
	if err := os.Remove(filepath.Join(r.config, name)); err != nil {
		r.t.Fatal(err)
	}
}

// start runs the program; end stops it in order.
func (r *rig) start() {
	r.t.Helper()
	log := slog.New(slog.NewTextHandler(r.logText, nil))
	a, err := New(r.ctx, Options{
		Source: config.Dir(r.config), DataDir: r.data, WebhookAddr: "127.0.0.1:0", AdminAddr: "127.0.0.1:0",
		GraphURL: r.meta.URL(), APIToken: testAPI, Log: log, Outside: r.outside, Dial: r.dial,
		Env: func(name string) (string, bool) { v, ok := r.env[name]; return v, ok },
	})
	if err != nil {
		r.t.Fatalf("start: %v", err)
	}
	r.app = a
	webhook, _ := a.Addrs()
	r.meta.SetCallback("http://" + webhook + "/v1/channels/whatsapp/webhook")
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.ctx))
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			r.t.Errorf("stop: %v", err)
		}
	})
	r.t.Cleanup(func() {
		r.stop()
		if r.t.Failed() {
			r.t.Log(r.logText.String())
		}
	})
}

func (r *rig) restart() {
	r.t.Helper()
	r.stop()
	r.start()
}

// post sends items in one POST and wants it acknowledged.
func (r *rig) post(items ...emulator.Item) {
	r.t.Helper()
	status, err := r.meta.Post(r.ctx, items...)
	if err != nil || status != http.StatusOK {
		r.t.Fatalf("webhook: %d, %v", status, err)
	}
}

// reads waits until a customer reads a text.
func (r *rig) reads(u emulator.User, text string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	defer cancel()
	if _, err := r.meta.WaitText(ctx, u.Address(), func(s string) bool { return s == text }); err != nil {
		r.t.Fatalf("%q was not read: %v; read: %q", text, err, r.read(u))
	}
}

// read is what a customer has read so far.
func (r *rig) read(u emulator.User) []string {
	var texts []string
	for _, l := range r.meta.Phone(u).Reads() {
		texts = append(texts, l.Text)
	}
	return texts
}

// until waits for a condition that nothing announces.
func (r *rig) until(what string, ok func() bool) {
	r.t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	limit := time.After(patience)
	for !ok() {
		select {
		case <-look.C:
		case <-limit:
			r.t.Fatalf("%s did not come", what)
		}
	}
}

// idle waits until nothing is on its way.
func (r *rig) idle() {
	r.t.Helper()
	r.until("rest", func() bool {
		in, _, err := r.app.store.InboxWaiting(r.ctx)
		out, err2 := r.app.store.OutboxWaiting(r.ctx)
		return err == nil && err2 == nil && in == 0 && out == 0
	})
}

// api calls the JSON API and decodes the answer.
func (r *rig) api(method, path, body string, into any) int {
	r.t.Helper()
	_, admin := r.app.Addrs()
	req, err := http.NewRequestWithContext(r.ctx, method, "http://"+admin+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testAPI)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded") // as curl does, unless it is told otherwise
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(b, into); err != nil {
			r.t.Fatalf("%s %s: %s: %v", method, path, b, err)
		}
	}
	return res.StatusCode
}

// syncBuffer is a log that may be read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
