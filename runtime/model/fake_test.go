package model_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"

	"github.com/ollama/ollama/api"
)

// hi is the smallest request.
func hi() model.Request { return model.Request{Messages: []model.Message{user("hi")}} }

// setUp returns a fake and servers that reach it without a network.
func setUp() (*modeltest.Fake, *model.Servers) {
	fake := modeltest.NewFake()
	return fake, model.NewServers(model.Options{DefaultOllama: fake.URL, Transport: fake.Transport()})
}

func answers(reply modeltest.Reply) modeltest.FakeModel {
	return modeltest.FakeModel{Answer: func(api.ChatRequest) modeltest.Reply { return reply }}
}

func TestFailuresAreClear(t *testing.T) {
	tests := []struct {
		name        string
		reply       modeltest.Reply
		unreachable bool
		reason      string // part of the sentence for the owner
	}{
		{"cut stream", modeltest.Reply{Pieces: []string{"We op"}, Cut: true}, false, "stopped in the middle"},
		{"stream without end", modeltest.Reply{Raw: `{"message":{"content":"We op"}}` + "\n"}, false, "stopped in the middle"},
		{"garbage", modeltest.Reply{Raw: "<html>hello</html>\n"}, false, "does not speak as Ollama"},
		{"garbage after a piece", modeltest.Reply{Raw: `{"message":{"content":"x"}}` + "\n\x00\x01\n"}, false, "does not speak as Ollama"},
		{"a list", modeltest.Reply{Raw: "[1,2]\n"}, false, "does not speak as Ollama"},
		{"only null", modeltest.Reply{Raw: "null\n\n"}, false, "stopped in the middle"},
		{"a line without end", modeltest.Reply{Raw: strings.Repeat("x", 2<<20)}, false, "does not speak as Ollama"},
		{"error line", modeltest.Reply{Pieces: []string{"We op"}, Error: "it broke"}, false, "it broke"},
		{"500", modeltest.Reply{Status: 500, Error: "runner has stopped"}, false, "runner has stopped"},
		{"no memory", modeltest.Reply{Status: 500, Error: "model requires more system memory (9 GiB) than is available"}, false, "needs more memory"},
		{"400", modeltest.Reply{Status: 400, Error: "does not support chat"}, false, "does not support chat"},
		{"401", modeltest.Reply{Status: 401, Error: "unauthorized"}, false, "refuses access"},
		{"404 of the model", modeltest.Reply{Status: 404, Error: "model 'm' not found"}, true, "The model m is not on this computer. Open Health and press Download, or run: ollama pull m."},
		{"404 of something else", modeltest.Reply{Status: 404, Error: "no such page"}, false, "is not Ollama"},
		{"503", modeltest.Reply{Status: 503, Error: "server busy"}, true, "busy"},
		{"nothing but space", modeltest.Reply{Pieces: []string{" ", "\n\t"}}, false, "answered with nothing"},
		{"empty", modeltest.Reply{}, false, "answered with nothing"},
		{"reasoned to the end", modeltest.Reply{Thinking: "hm, hm", Done: "length"}, false, "Raise max_tokens"},
		{"endless answer", modeltest.Reply{Pieces: many("never ", 20_000)}, false, "did not come to an end"},
		{"endless reasoning", modeltest.Reply{Thinking: strings.Repeat("hm ", 200_000)}, false, "did not come to an end"},
		{"silence", modeltest.Reply{Hang: true}, false, "has said nothing"},
		{"silence after a piece", modeltest.Reply{Pieces: []string{"We"}, Hang: true}, false, "has said nothing"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake, servers := setUpLocal()
				fake.Set("m", answers(test.reply))
				_, err := ollama(t, servers, model.OllamaConfig{Model: "m", Timeout: time.Minute}).Chat(t.Context(), hi())
				var e *model.Error
				if !errors.As(err, &e) {
					t.Fatalf("error is %T: %v", err, err)
				}
				if e.Unreachable != test.unreachable || !strings.Contains(e.Reason, test.reason) || e.Candidate != "ollama/m" {
					t.Errorf("unreachable %v, reason %q", e.Unreachable, e.Reason)
				}
				if q := servers.Health(t.Context())[0].Queue; q.Active != 0 {
					t.Errorf("the place in the queue was not given back: %+v", q)
				}
				synctest.Wait()
			})
		})
	}
}

// setUpLocal is setUp with an address on this computer.
func setUpLocal() (*modeltest.Fake, *model.Servers) {
	fake := modeltest.NewFake()
	return fake, model.NewServers(model.Options{Transport: fake.Transport()})
}

func many(s string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = s
	}
	return out
}

func TestRefusedConnection(t *testing.T) {
	fake, servers := setUp()
	fake.Set("m", modeltest.Says("hello"))
	llm := ollama(t, servers, model.OllamaConfig{Model: "m"})
	fake.Down(true)
	_, err := llm.Chat(t.Context(), hi())
	var e *model.Error
	if !errors.As(err, &e) || !e.Unreachable || !strings.Contains(e.Reason, "Ollama does not answer at http://ollama.test:80. Start it") {
		t.Fatalf("error %v", err)
	}
	if err := llm.Warm(t.Context()); !errors.As(err, &e) || !e.Unreachable {
		t.Errorf("warming: %v", err)
	}
	fake.Down(false)
	if got := chat(t, llm, hi()); got.Content != "hello" {
		t.Errorf("content %q", got.Content)
	}
}

// A server that stops in the middle of an answer cannot be reached; one that
// goes on after its model crashed can.
func TestServerGoesAwayInTheMiddle(t *testing.T) {
	fake, servers := setUp()
	fake.Set("m", modeltest.FakeModel{Answer: func(api.ChatRequest) modeltest.Reply {
		fake.Down(true)
		return modeltest.Reply{Pieces: []string{"We op"}, Cut: true}
	}})
	_, err := ollama(t, servers, model.OllamaConfig{Model: "m"}).Chat(t.Context(), hi())
	var e *model.Error
	if !errors.As(err, &e) || !e.Unreachable {
		t.Errorf("error %v", err)
	}
}

func TestTimeoutIsSilenceNotLength(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, servers := setUp()
		fake.Set("m", answers(modeltest.Reply{Pieces: many("word ", 30), Before: 9 * time.Second, Between: 9 * time.Second}))
		began := time.Now()
		got := chat(t, ollama(t, servers, model.OllamaConfig{Model: "m", Timeout: 10 * time.Second}), hi())
		if time.Since(began) != 30*9*time.Second || len(got.Content) != 150 {
			t.Errorf("%d bytes after %v", len(got.Content), time.Since(began))
		}
	})
}

func TestCancelledCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, servers := setUp()
		fake.Set("m", answers(modeltest.Reply{Pieces: []string{"a", "b"}, Between: time.Hour}))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		began := time.Now()
		_, err := ollama(t, servers, model.OllamaConfig{Model: "m"}).Chat(ctx, hi())
		if !errors.Is(err, context.Canceled) || time.Since(began) != 3*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		synctest.Wait()
	})
}

// What is sent: parameters under Ollama's names, keep_alive, an explicit num_ctx.
func TestWhatIsSent(t *testing.T) {
	fake, servers := setUp()
	fake.Set("m", modeltest.Says("hello", "thinking"))
	no, hour := false, time.Hour
	plain := ollama(t, servers, model.OllamaConfig{Model: "m"})
	full := ollama(t, servers, model.OllamaConfig{Model: "m", Think: &no, KeepAlive: &hour, Parameters: map[string]any{
		"temperature": 0.5, "top_p": 0.9, "top_k": uint64(40), "min_p": 0.05, "seed": 7, "stop": []any{"END"}, "max_tokens": 99, "num_ctx": 2048}})
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
	want := "map[min_p:0.05 num_ctx:8192 num_predict:99 seed:7 stop:[END] temperature:0.5 top_k:40 top_p:0.9]"
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

// A model that takes longer to load than a turn may take is loaded beside the
// turns: a cancelled request would make Ollama give up loading each time.
func TestColdModelIsLoadedBesideTheTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, servers := setUp()
		fake.Set("m", answers(modeltest.Reply{Hang: true}))
		llm := ollama(t, servers, model.OllamaConfig{Model: "m"})
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if _, err := llm.Chat(ctx, hi()); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		synctest.Wait()
		sent := fake.Requests()
		if len(sent) != 2 || len(sent[1].Messages) != 0 {
			t.Errorf("requests %+v", sent)
		}
	})
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
