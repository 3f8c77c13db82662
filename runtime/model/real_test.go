package model_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"
)

// shop is the script of the model that the tests speak to.
var shop = modeltest.Script{
	Default: "I am the shop's assistant.",
	Replies: map[string]string{
		"opening-hours?": "We open at nine and close at six, every day of the week.",
		"price-of-this?": "That one costs twelve euros.",
	},
	ToolCalls: map[string]modeltest.Call{"what-time?": {Name: "datetime_now", Arguments: map[string]any{"zone": "Europe/Madrid", "short": true}}},
	AfterTool: map[string]string{"datetime_now": "My clock has just told me."},
	Image:     "I see a picture.",
}

var clock = model.ToolSpec{
	Name: "datetime_now", Description: "The time now",
	Parameters: json.RawMessage(`{"type":"object","properties":{"zone":{"type":"string"},"short":{"type":"boolean"}},"required":["zone"]}`),
}

func user(text string, images ...[]byte) model.Message {
	return model.Message{Role: model.RoleUser, Content: text, Images: images}
}

func picture(t testing.TB) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for i := range 64 {
		img.Set(i, i%48, color.RGBA{200, 30, 30, 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func ollama(t testing.TB, servers *model.Servers, config model.OllamaConfig) model.LLM {
	t.Helper()
	llm, err := servers.Ollama(config)
	if err != nil {
		t.Fatal(err)
	}
	return llm
}

func chat(t testing.TB, llm interface {
	Chat(context.Context, model.Request) (model.Response, error)
}, req model.Request) model.Response {
	t.Helper()
	response, err := llm.Chat(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func TestRealOllama(t *testing.T) {
	server := modeltest.Start(t)
	server.Create(t, "shop", shop)
	server.Create(t, "plain", modeltest.Script{Default: "Just words from me."})
	server.Create(t, "thinker", modeltest.Script{Default: "<think>Let me see.</think>Here you are.", Thinking: true})
	servers := model.NewServers(model.Options{DefaultOllama: server.URL})
	shopModel := ollama(t, servers, model.OllamaConfig{Model: "shop"})
	plain := ollama(t, servers, model.OllamaConfig{Model: "plain"})

	t.Run("text", func(t *testing.T) {
		got := chat(t, shopModel, model.Request{Messages: []model.Message{
			{Role: model.RoleSystem, Content: "You answer for a shop."}, user("Hello, opening-hours?")}})
		if got.Content != shop.Replies["opening-hours?"] {
			t.Errorf("content %q", got.Content)
		}
		u := got.Usage
		if u.Candidate != "ollama/shop" || u.TokensIn == 0 || u.TokensOut == 0 || u.NumCtx != 8192 || u.PromptWasCut || u.AnswerWasCut {
			t.Errorf("usage %+v", u)
		}
	})
	t.Run("streamed pieces", func(t *testing.T) {
		var pieces []string
		chat(t, shopModel, model.Request{Messages: []model.Message{user("opening-hours?")}, OnToken: func(s string) { pieces = append(pieces, s) }})
		if len(pieces) < 5 || strings.Join(pieces, "") != shop.Replies["opening-hours?"] {
			t.Errorf("pieces %q", pieces)
		}
	})
	t.Run("tool call and its result", func(t *testing.T) {
		messages := []model.Message{user("what-time?")}
		got := chat(t, shopModel, model.Request{Messages: messages, Tools: []model.ToolSpec{clock}})
		if len(got.ToolCalls) != 1 || got.ToolCalls[0].Name != "datetime_now" || got.ToolCalls[0].ID == "" {
			t.Fatalf("calls %+v, content %q", got.ToolCalls, got.Content)
		}
		if a := got.ToolCalls[0].Arguments; a["zone"] != "Europe/Madrid" || a["short"] != true {
			t.Errorf("arguments %v", a)
		}
		messages = append(messages,
			model.Message{Role: model.RoleAssistant, ToolCalls: got.ToolCalls},
			model.Message{Role: model.RoleTool, ToolName: "datetime_now", CallID: got.ToolCalls[0].ID, Content: "12:30"})
		got = chat(t, shopModel, model.Request{Messages: messages, Tools: []model.ToolSpec{clock}})
		if got.Content != shop.AfterTool["datetime_now"] {
			t.Errorf("after the tool: %q", got.Content)
		}
	})
	t.Run("image without caption", func(t *testing.T) {
		if got := chat(t, shopModel, model.Request{Messages: []model.Message{user("", picture(t))}}); got.Content != shop.Image {
			t.Errorf("content %q", got.Content)
		}
	})
	t.Run("image with caption", func(t *testing.T) {
		if got := chat(t, shopModel, model.Request{Messages: []model.Message{user("price-of-this?", picture(t))}}); got.Content != shop.Replies["price-of-this?"] {
			t.Errorf("content %q", got.Content)
		}
	})
	t.Run("broken image", func(t *testing.T) {
		// Sent as it is, it would crash the model's process.
		png := picture(t)
		for name, data := range map[string][]byte{"no picture": []byte("no picture at all"), "half a picture": png[:len(png)/2], "empty": {}} {
			if got := chat(t, shopModel, model.Request{Messages: []model.Message{user("", data)}}); got.Content != shop.Default {
				t.Errorf("%s: %q", name, got.Content)
			}
		}
	})
	t.Run("capabilities", func(t *testing.T) {
		want := map[string]model.Capabilities{
			"shop":    {Vision: true, Tools: true, ContextLength: 8192},
			"plain":   {ContextLength: 8192},
			"thinker": {Thinking: true, ContextLength: 8192},
		}
		for name, want := range want {
			got, err := ollama(t, servers, model.OllamaConfig{Model: name}).Capabilities(t.Context())
			if err != nil || got != want {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
	})
	t.Run("thinking is kept apart", func(t *testing.T) {
		got := chat(t, ollama(t, servers, model.OllamaConfig{Model: "thinker"}), model.Request{Messages: []model.Message{user("hi")}})
		if strings.TrimSpace(got.Content) != "Here you are." || !strings.Contains(got.Thinking, "Let me see.") {
			t.Errorf("content %q, thinking %q", got.Content, got.Thinking)
		}
	})
	t.Run("answer cut at max_tokens", func(t *testing.T) {
		short := ollama(t, servers, model.OllamaConfig{Model: "shop", Parameters: map[string]any{"max_tokens": 3, "temperature": 1.2, "stop": []any{"###"}}})
		got := chat(t, short, model.Request{Messages: []model.Message{user("opening-hours?")}})
		if !got.Usage.AnswerWasCut || got.Content == shop.Replies["opening-hours?"] {
			t.Errorf("%q, %+v", got.Content, got.Usage)
		}
	})
	t.Run("missing model falls back", func(t *testing.T) {
		missing := ollama(t, servers, model.OllamaConfig{Model: "llava:7b"})
		router := model.NewRouter([]model.LLM{missing, plain}, model.RouterConfig{Servers: servers})
		got := chat(t, router, model.Request{Messages: []model.Message{user("what is it?", picture(t))}})
		if got.Content != "Just words from me." || got.Usage.Candidate != "ollama/plain" {
			t.Errorf("%q from %s", got.Content, got.Usage.Candidate)
		}
		_, err := model.NewRouter([]model.LLM{missing}, model.RouterConfig{}).Chat(t.Context(), model.Request{Messages: []model.Message{user("hi")}})
		if !errors.Is(err, model.ErrUnavailable) || !strings.Contains(err.Error(), "The model llava:7b is not on this computer. Open Health and press Download, or run: ollama pull llava:7b.") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("who can see gets the picture, who can call gets the tools", func(t *testing.T) {
		router := model.NewRouter([]model.LLM{plain, shopModel}, model.RouterConfig{Servers: servers})
		if got := chat(t, router, model.Request{Messages: []model.Message{user("", picture(t))}}); got.Content != shop.Image {
			t.Errorf("picture: %q", got.Content)
		}
		if got := chat(t, router, model.Request{Messages: []model.Message{user("what-time?")}, Tools: []model.ToolSpec{clock}}); len(got.ToolCalls) != 1 {
			t.Errorf("tools: %+v", got)
		}
		if got := chat(t, router, model.Request{Messages: []model.Message{user("hi")}}); got.Usage.Candidate != "ollama/plain" {
			t.Errorf("text: %+v", got)
		}
	})
	t.Run("health", func(t *testing.T) {
		ollama(t, servers, model.OllamaConfig{Model: "gone:1b"})
		health := servers.Health(t.Context(), shopModel, ollama(t, servers, model.OllamaConfig{Model: "gone:1b"}))
		if len(health) != 1 || !health[0].Reachable || health[0].Version == "" || len(health[0].Models) != 2 {
			t.Fatalf("%+v", health)
		}
		gone, present := health[0].Models[0], health[0].Models[1]
		if gone.Present || !strings.Contains(gone.Detail, "ollama pull gone:1b") {
			t.Errorf("%+v", gone)
		}
		if !present.Present || !present.Loaded || present.NumCtx != 8192 || !present.Capabilities.Vision || present.Detail != "" {
			t.Errorf("%+v", present)
		}
	})
}

func loaded(t *testing.T, server *modeltest.Server, name string) (numCtx int, until time.Time) {
	t.Helper()
	for _, m := range server.Loaded(t) {
		if m.Name == name+":latest" {
			return m.ContextLength, m.ExpiresAt
		}
	}
	return 0, time.Time{}
}

func TestRealOllamaLoading(t *testing.T) {
	server := modeltest.Start(t)
	server.Create(t, "long", modeltest.Script{Default: "I have read all of it.", ContextLength: 4096})
	var notices []model.Notice
	servers := model.NewServers(model.Options{DefaultOllama: server.URL, BaseContext: 1536, Notify: func(n model.Notice) { notices = append(notices, n) }})
	long := ollama(t, servers, model.OllamaConfig{Model: "long", Parameters: map[string]any{"max_tokens": 100}})

	if err := long.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	numCtx, until := loaded(t, server, "long")
	if numCtx != 1536 || time.Until(until) < 24*time.Hour {
		t.Fatalf("after warming: num_ctx %d, loaded until %v", numCtx, until)
	}
	got := chat(t, long, model.Request{Messages: []model.Message{user("hi")}})
	if got.Usage.Load > 100*time.Millisecond || got.Usage.NumCtx != 1536 {
		t.Errorf("the first answer after warming waited for loading: %+v", got.Usage)
	}

	// One byte is one token here, three times the first estimate: the estimate
	// is wrong, the server refuses, num_ctx is doubled, nothing is lost.
	text := strings.Repeat("word ", 400)
	got = chat(t, long, model.Request{Messages: []model.Message{user(text)}})
	if got.Usage.NumCtx != 3072 || got.Usage.PromptWasCut || got.Usage.TokensIn < len(text) {
		t.Errorf("a long prompt: %+v", got.Usage)
	}
	if numCtx, _ := loaded(t, server, "long"); numCtx != 3072 {
		t.Errorf("loaded with %d", numCtx)
	}
	// Not shrunk, and no reload.
	got = chat(t, long, model.Request{Messages: []model.Message{user("hi")}})
	if got.Usage.NumCtx != 3072 || got.Usage.Load > 100*time.Millisecond {
		t.Errorf("a short prompt afterwards: %+v", got.Usage)
	}
	// The count is that of the whole prompt also when the server has its
	// beginning in the cache.
	again := chat(t, long, model.Request{Messages: []model.Message{user(text)}})
	again = chat(t, long, model.Request{Messages: []model.Message{user(text)}})
	if again.Usage.TokensIn < len(text) || again.Usage.PromptEval > got.Usage.PromptEval+time.Second {
		t.Errorf("from the cache: %+v", again.Usage)
	}
	if len(notices) != 0 {
		t.Errorf("notices %+v", notices)
	}

	// More than the model can read: its beginning goes, and that is told.
	var messages []model.Message
	for i := range 6 {
		messages = append(messages, user(fmt.Sprintf("%d %s", i, strings.Repeat("x", 1000))))
	}
	got = chat(t, long, model.Request{Messages: messages})
	if !got.Usage.PromptWasCut || got.Usage.NumCtx != 4096 || got.Usage.TokensIn > 4096 {
		t.Errorf("too long a prompt: %+v", got.Usage)
	}
	if len(notices) != 1 || notices[0].Kind != "prompt_cut" {
		t.Errorf("notices %+v", notices)
	}
}

func TestRealOllamaOwnersNumCtxAndKeepAlive(t *testing.T) {
	server := modeltest.Start(t)
	server.Create(t, "small", modeltest.Script{Default: "Yes, I do."})
	var kinds []string
	servers := model.NewServers(model.Options{DefaultOllama: server.URL, Notify: func(n model.Notice) { kinds = append(kinds, n.Kind) }})
	minute := time.Minute
	small := ollama(t, servers, model.OllamaConfig{Model: "small", KeepAlive: &minute, Parameters: map[string]any{"num_ctx": 512}})
	if err := small.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	numCtx, until := loaded(t, server, "small")
	if left := time.Until(until); numCtx != 512 || left > time.Minute || left < 30*time.Second {
		t.Errorf("num_ctx %d, %v left", numCtx, left)
	}
	got := chat(t, small, model.Request{Messages: []model.Message{user(strings.Repeat("a", 300)), user(strings.Repeat("b", 300))}})
	if !got.Usage.PromptWasCut || got.Usage.NumCtx != 512 || !slices.Contains(kinds, "prompt_cut") {
		t.Errorf("%+v, notices %v", got.Usage, kinds)
	}
}

// story takes a server about a second.
var story = func() string {
	var words []string
	for i := range 600 {
		words = append(words, fmt.Sprintf("word%d", i))
	}
	return strings.Join(words, " ")
}()

func TestRealOllamaStoppedAndStartedInMidConversation(t *testing.T) {
	server := modeltest.Start(t)
	server.Create(t, "teller", modeltest.Script{Default: story})
	servers := model.NewServers(model.Options{DefaultOllama: server.URL})
	teller := ollama(t, servers, model.OllamaConfig{Model: "teller"})
	router := model.NewRouter([]model.LLM{teller}, model.RouterConfig{Servers: servers})
	req := model.Request{Session: "wa_1", Messages: []model.Message{user("tell me")}}
	chat(t, router, req)

	// Stopped while it answers: the pieces stop, and it cannot be reached.
	req.OnToken = func(string) {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	}
	if _, err := router.Chat(t.Context(), req); !errors.Is(err, model.ErrUnavailable) || !strings.Contains(err.Error(), "ollama serve") {
		t.Fatalf("stopped in the middle of an answer: %v", err)
	}
	req.OnToken = nil
	for range 4 { // enough to open the breaker
		if _, err := router.Chat(t.Context(), req); !errors.Is(err, model.ErrUnavailable) {
			t.Fatalf("while stopped: %v", err)
		}
	}
	if h := servers.Health(t.Context()); h[0].Reachable || !strings.Contains(h[0].Detail, "does not answer") {
		t.Errorf("health while stopped: %+v", h[0])
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		response, err := router.Chat(t.Context(), req)
		if err == nil {
			if response.Content != story {
				t.Errorf("content %.100q", response.Content)
			}
			break
		}
		if time.Since(began) > 10*time.Second {
			t.Fatalf("still failing after the restart: %v", err)
		}
		<-tick.C
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("noticed only after %v that the server is back", took)
	}
}

func TestRealOllamaQueueMeasuresTheServer(t *testing.T) {
	server := modeltest.Start(t, "OLLAMA_NUM_PARALLEL=1")
	server.Create(t, "slow", modeltest.Script{Default: story})
	servers := model.NewServers(model.Options{DefaultOllama: server.URL})
	slow := ollama(t, servers, model.OllamaConfig{Model: "slow"})
	if err := slow.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	failed := make(chan error, 5)
	for i := range 5 {
		go func() {
			_, err := slow.Chat(t.Context(), model.Request{Session: fmt.Sprint(i), Messages: []model.Message{user(fmt.Sprint("hi ", i))}})
			failed <- err
		}()
	}
	for range 5 {
		if err := <-failed; err != nil {
			t.Fatal(err)
		}
	}
	if q := servers.Health(t.Context())[0].Queue; q.Limit != 1 {
		t.Errorf("a server that runs one at a time gets %d at once", q.Limit)
	}
}
