package model_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"

	"github.com/ollama/ollama/api"
)

// What is sent: parameters under Ollama's names, keep_alive, an explicit num_ctx.
func TestWhatIsSent(t *testing.T) {
	fake, servers := setUp()
	fake.Set("m", modeltest.Says("hello", "thinking"))
	no, hour := false, time.Hour
	plain := ollama(t, servers, model.OllamaConfig{Model: "m"})
	full := ollama(t, servers, model.OllamaConfig{Model: "m", Think: &no, KeepAlive: &hour, Parameters: map[string]any{
		"temperature": 0.5, "top_p": 0.9, "top_k": uint64(40), "min_p": 0.05, "seed": 7, "stop": []any{"END"}, "max_tokens": 99, "num_ctx": 2048,
		"typical_p": 0.7, "repeat_penalty": 1.1, "repeat_last_n": 64, "num_keep": 5}})
	if err := plain.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	chat(t, plain, hi())
	chat(t, full, hi())
	sent := fake.Requests()
	if warm, first := fmt.Sprint(sent[0].Options["num_ctx"]), fmt.Sprint(sent[1].Options["num_ctx"]); warm != "8192" || first != warm {
		t.Errorf("num_ctx %s when warming, %s when chatting", warm, first)
	}
	if sent[0].KeepAlive.Duration < 1000*hour || len(sent[0].Messages) != 0 || fmt.Sprint(sent[1].Options["num_predict"]) != "1024" || sent[1].Think != nil {
		t.Errorf("plain: %+v", sent[:2])
	}
	want := "map[min_p:0.05 num_ctx:8192 num_keep:5 num_predict:99 repeat_last_n:64 repeat_penalty:1.1 seed:7 stop:[END] temperature:0.5 top_k:40 top_p:0.9 typical_p:0.7]"
	// num_ctx is that of the other agent on the same model: 2048 would reload it.
	if got := fmt.Sprint(sent[2].Options); got != want || sent[2].KeepAlive.Duration != hour || sent[2].Think == nil || sent[2].Think.Bool() {
		t.Errorf("full: %s, keep_alive %v, think %v", got, sent[2].KeepAlive, sent[2].Think)
	}
}

func TestNumCtxStepsAndLimits(t *testing.T) {
	fake, servers := setUp()
	fake.Set("m", modeltest.FakeModel{ContextLength: 20_000})
	llm := ollama(t, servers, model.OllamaConfig{Model: "m"})
	size := func(bytes int) int {
		return chat(t, llm, model.Request{Messages: []model.Message{user(strings.Repeat("x", bytes))}}).Usage.NumCtx
	}
	for _, step := range []struct{ bytes, want int }{{10, 8192}, {24_000, 16384}, {10, 16384}, {90_000, 20_000}, {10, 20_000}} {
		if got := size(step.bytes); got != step.want {
			t.Errorf("%d bytes: num_ctx %d, want %d", step.bytes, got, step.want)
		}
	}
}

// A size that the computer has no memory for is given up for good.
func TestNumCtxThatDoesNotFitIntoMemory(t *testing.T) {
	fake, servers := setUp()
	fake.Set("m", modeltest.FakeModel{ContextLength: 100_000, Answer: func(r api.ChatRequest) modeltest.Reply {
		switch numCtx := r.Options["num_ctx"].(float64); {
		case numCtx > 8192:
			return modeltest.Reply{Status: 500, Error: "model requires more system memory than is available"}
		case r.Truncate != nil && !*r.Truncate && len(r.Messages[0].Content) > 8192*3:
			return modeltest.Reply{Status: 400, Error: "the input length exceeds the context length"}
		}
		return modeltest.Text("ok")
	}})
	llm := ollama(t, servers, model.OllamaConfig{Model: "m"})
	chat(t, llm, hi())
	got := chat(t, llm, model.Request{Messages: []model.Message{user(strings.Repeat("x", 50_000))}})
	if got.Usage.NumCtx != 8192 || !got.Usage.PromptWasCut {
		t.Errorf("%+v", got.Usage)
	}
	before := len(fake.Requests())
	chat(t, llm, hi())
	if n := len(fake.Requests()) - before; n != 1 {
		t.Errorf("%d requests for the next answer", n)
	}
}

// An old server does not know truncate=false: it cuts, and only its count tells.
func TestOldServerThatCutsSilently(t *testing.T) {
	var notices []model.Notice
	fake := modeltest.NewFake()
	servers := model.NewServers(model.Options{DefaultOllama: fake.URL, Transport: fake.Transport(), Notify: func(n model.Notice) { notices = append(notices, n) }})
	fake.Set("m", modeltest.FakeModel{ContextLength: 8192, Answer: func(api.ChatRequest) modeltest.Reply {
		return modeltest.Reply{Pieces: []string{"ok"}, Metrics: api.Metrics{PromptEvalCount: 8000}}
	}})
	got := chat(t, ollama(t, servers, model.OllamaConfig{Model: "m"}), model.Request{Messages: []model.Message{user(strings.Repeat("x", 60_000))}})
	if !got.Usage.PromptWasCut || len(notices) != 1 || notices[0].Kind != "prompt_cut" {
		t.Errorf("%+v, %+v", got.Usage, notices)
	}
}

func TestBadConfigurationsInWords(t *testing.T) {
	tests := []struct {
		config model.OllamaConfig
		want   string
	}{
		{model.OllamaConfig{}, "no model is named"},
		{model.OllamaConfig{Model: "m", Endpoint: "ftp://x"}, "scheme must be http or https"},
		{model.OllamaConfig{Model: "m", Endpoint: "http://x:port"}, `"port" is not a port`},
		{model.OllamaConfig{Model: "m", Timeout: -1}, "must not be negative"},
		{model.OllamaConfig{Model: "m", Parameters: map[string]any{"temperatur": 1}}, "temperatur is not a parameter of Ollama"},
		{model.OllamaConfig{Model: "m", Parameters: map[string]any{"temperature": "hot", "top_p": 2, "top_k": 1.5, "stop": 3}}, "stop must be a text or a list of texts, not 3; temperature must be a number from 0 to 10, not hot; top_k must be a whole number from 0 to 1048576, not 1.5; top_p must be a number from 0 to 1, not 2"},
	}
	for _, test := range tests {
		_, err := model.NewServers(model.Options{}).Ollama(test.config)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v", test.config, err)
		}
	}
}

func TestPull(t *testing.T) {
	fake := modeltest.NewFake()
	servers := model.NewServers(model.Options{Transport: fake.Transport()})
	err := servers.Pull(t.Context(), "", "llava:7b", func(model.PullProgress) {})
	if err == nil || !strings.Contains(err.Error(), "download llava:7b") {
		t.Errorf("a server that cannot: %v", err)
	}
	if err := servers.Pull(t.Context(), "gopher://x", "m", nil); err == nil {
		t.Error("a bad endpoint was accepted")
	}
}

// The fake behaves over a real connection as it does without one.
func TestFakeOverTheNetwork(t *testing.T) {
	fake := modeltest.NewFake()
	fake.Listen(t)
	fake.Set("m", modeltest.FakeModel{Answer: func(r api.ChatRequest) modeltest.Reply {
		return modeltest.Reply{Pieces: []string{"He", "llo"}, Cut: r.Messages[0].Content == "cut"}
	}})
	servers := model.NewServers(model.Options{DefaultOllama: fake.URL})
	llm := ollama(t, servers, model.OllamaConfig{Model: "m"})
	if got := chat(t, llm, hi()); got.Content != "Hello" {
		t.Errorf("%q", got.Content)
	}
	if _, err := llm.Chat(t.Context(), model.Request{Messages: []model.Message{user("cut")}}); err == nil || !strings.Contains(err.Error(), "stopped in the middle") {
		t.Errorf("cut: %v", err)
	}
	if h := servers.Health(t.Context()); !h[0].Reachable || !h[0].Models[0].Present {
		t.Errorf("health %+v", h)
	}
}

// Ollama crashes on a picture that it cannot decode: only its description goes.
func TestBrokenPictureIsNotSent(t *testing.T) {
	fake, servers := setUp()
	fake.Set("m", modeltest.Says("hello", "vision"))
	png := picture(t)
	chat(t, ollama(t, servers, model.OllamaConfig{Model: "m"}), model.Request{Messages: []model.Message{
		{Role: model.RoleUser, Content: "look", Images: [][]byte{png, png[:len(png)/2]}, Attached: []model.Attachment{{MIME: "image/png", Bytes: len(png)}, {MIME: "image/png", Bytes: 77}}},
	}})
	sent := last(fake).Messages[0]
	if len(sent.Images) != 1 || sent.Content != "look\n[Attached image: image/png, 77 bytes]" {
		t.Errorf("%d images, %q", len(sent.Images), sent.Content)
	}
}

func TestNumCtxBeyondTheModelIsTold(t *testing.T) {
	fake := modeltest.NewFake()
	fake.Set("m", modeltest.FakeModel{ContextLength: 4096})
	var notices []model.Notice
	servers := model.NewServers(model.Options{DefaultOllama: fake.URL, Transport: fake.Transport(), Notify: func(n model.Notice) { notices = append(notices, n) }})
	llm := ollama(t, servers, model.OllamaConfig{Model: "m", Parameters: map[string]any{"num_ctx": 100_000}})
	for range 2 {
		if got := chat(t, llm, hi()); got.Usage.NumCtx != 4096 {
			t.Errorf("%+v", got.Usage)
		}
	}
	if len(notices) != 1 || notices[0].Kind != "context_capped" || !strings.Contains(notices[0].Text, "4096 is used") {
		t.Errorf("%+v", notices)
	}
}
