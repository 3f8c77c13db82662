package app

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/channel/whatsapp/emulator"
	"astromesh/runtime/model/modeltest"
)

const serverKey = "sk-the-shop-s-own-key-4471"

// serverAgent reaches the real Ollama's /v1 by a server of providers.yaml.
const serverAgent = `apiVersion: astromesh/v1
kind: Agent
metadata: {name: shop}
spec:
  model:
    primary: {providerRef: rented, api_key_env: SHOP_KEY, parameters: {temperature: 0, top_k: 40}}
  prompts: {system: "You are the shop's assistant."}
  tools: [{type: builtin, name: datetime_now}]
`

const serverProviders = `apiVersion: astromesh/v1
kind: ProviderConfig
metadata: {name: providers}
spec:
  providers:
    rented: {type: openai_compat, endpoint: "${FAKE_OLLAMA}/v1", models: [seer], parallel: 2, health_check_interval: 1}
`

// A server that speaks OpenAI's API, the real Ollama's /v1, answers customers:
// words, a picture, a tool. Its key is in no log, event, page, answer or file.
func TestAServerWithOpenAIsAPIAnswers(t *testing.T) {
	server := modeltest.Start(t)
	server.Create(t, "seer", modeltest.Script{
		Default: "How can I help?", Replies: map[string]string{"opening-hours?": "We are open until **eight**."}, Image: "That is a grey square.",
		ToolCalls: map[string]modeltest.Call{"what-time?": {Name: "datetime_now", Arguments: map[string]any{"timezone": "Europe/Madrid"}}},
		AfterTool: map[string]string{"datetime_now": "It is time for tea."},
	})
	r := newRig(t, rigOptions{})
	r.env["FAKE_OLLAMA"], r.env["SHOP_KEY"] = server.URL, serverKey
	r.write("providers.yaml", serverProviders)
	r.write("agents/shop.agent.yaml", serverAgent)
	r.restart()
	for _, c := range [][2]string{{"Hello, opening-hours?", "We are open until *eight*."}, {"so, what-time?", "It is time for tea."}} {
		r.post(r.meta.Text(ana, c[0]))
		r.reads(ana, c[1])
	}
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 32, 32))); err != nil {
		t.Fatal(err)
	}
	r.post(r.meta.Image(ana, emulator.Media{MIME: "image/png", Data: b.Bytes()}))
	r.reads(ana, "That is a grey square.")
	use, err := r.app.store.ModelUsage(r.ctx, time.Now().Add(-2*time.Hour))
	if err != nil || len(use) != 1 || !strings.HasPrefix(use[0].Candidate, "openai_compat/seer@127.0.0.1:") || use[0].Calls != 4 || use[0].TokensIn == 0 || use[0].TokensOut == 0 {
		t.Errorf("usage %+v, %v", use, err)
	}
	// The server is stopped: it is noticed while nobody writes, and so is its return.
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	r.until("the event", func() bool { return strings.Contains(events(r, "model"), "The server does not answer at "+server.URL) })
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	r.until("its return", func() bool { return strings.Contains(events(r, "model"), "can be reached again") })
	r.post(r.meta.Text(ana, "opening-hours?"))
	r.until("another answer", func() bool { return count(r.read(ana), "We are open until *eight*.") == 2 })
	r.keeps(serverKey)
}

// keeps looks for a secret everywhere but in the environment.
func (r *rig) keeps(secret string) {
	r.t.Helper()
	var all strings.Builder
	for _, path := range []string{"/v1/health", "/v1/agents", "/v1/agents/shop", "/v1/events?limit=1000", "/v1/conversations", "/v1/conversations/1"} {
		var raw json.RawMessage
		if status := r.api("GET", path, "", &raw); status != http.StatusOK {
			r.t.Errorf("%s: %d", path, status)
		}
		all.Write(raw)
	}
	all.WriteString(r.logText.String())
	err := filepath.WalkDir(r.data, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return gone(err)
		}
		data, err := os.ReadFile(path)
		all.Write(data)
		return gone(err)
	})
	if err != nil {
		r.t.Error(err)
	}
	if strings.Contains(all.String(), secret) {
		r.t.Error("the key is told")
	}
}

// A key that is wrong, or whose variable is not set, is said in words: by check,
// by the health page, in the log; the key never.
func TestAServersKeyIsMissingOrWrong(t *testing.T) {
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error":{"message":"Incorrect API key provided: ` + strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ") + `"}}`))
	}))
	t.Cleanup(refusing.Close)
	r := newRig(t, rigOptions{channels: "    debounce: {quiet_seconds: 0, max_seconds: 5}\n    messages: {error: \"Sorry, a person will answer.\"}\n"})
	r.env["FAKE_OLLAMA"] = refusing.URL
	r.write("providers.yaml", serverProviders)
	r.write("agents/shop.agent.yaml", serverAgent)
	r.restart()
	if _, out := r.command("check"); !strings.Contains(out, "Not set, and so empty: SHOP_KEY") || !strings.Contains(out, "wants a key, and the environment variable SHOP_KEY is not set") {
		t.Errorf("check without the variable: %s", out)
	}
	r.env["SHOP_KEY"] = serverKey
	r.restart()
	_, out := r.command("check")
	if strings.Contains(out, "so empty: SHOP_KEY") || !strings.Contains(out, "does not accept the key in SHOP_KEY") {
		t.Errorf("check with a wrong key: %s", out)
	}
	r.post(r.meta.Text(ana, "hello?"))
	r.reads(ana, "Sorry, a person will answer.")
	r.until("the event", func() bool { return strings.Contains(events(r, "message"), "does not accept the key in SHOP_KEY") })
	r.keeps(serverKey)
	if strings.Contains(out, serverKey) {
		t.Error("check tells the key")
	}
}
