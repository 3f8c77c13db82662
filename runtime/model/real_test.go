package model_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

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

// realServer is a server with the models of these tests on it.
type realServer struct {
	servers     *model.Servers
	shop, plain model.LLM
}

func TestRealOllama(t *testing.T) {
	server := modeltest.Start(t)
	server.Create(t, "shop", shop)
	server.Create(t, "plain", modeltest.Script{Default: "Just words from me."})
	server.Create(t, "thinker", modeltest.Script{Default: "<think>Let me see.</think>Here you are.", Thinking: true})
	servers := model.NewServers(model.Options{DefaultOllama: server.URL})
	r := realServer{
		servers: servers,
		shop:    ollama(t, servers, model.OllamaConfig{Model: "shop"}),
		plain:   ollama(t, servers, model.OllamaConfig{Model: "plain"}),
	}
	t.Run("text", r.testText)
	t.Run("streamed pieces", r.testPieces)
	t.Run("tool call and its result", r.testTools)
	t.Run("image without caption", r.testImage)
	t.Run("image with caption", r.testCaption)
	t.Run("broken image", r.testBrokenImage)
	t.Run("capabilities", r.testCapabilities)
	t.Run("thinking is kept apart", r.testThinking)
	t.Run("answer cut at max_tokens", r.testLength)
	t.Run("missing model falls back", r.testMissing)
	t.Run("who can see gets the picture, who can call gets the tools", r.testMatch)
	t.Run("health", r.testHealth)
}

func (r realServer) testText(t *testing.T) {
	got := chat(t, r.shop, model.Request{Messages: []model.Message{
		{Role: model.RoleSystem, Content: "You answer for a shop."}, user("Hello, opening-hours?")}})
	if got.Content != shop.Replies["opening-hours?"] {
		t.Errorf("content %q", got.Content)
	}
	u := got.Usage
	if u.Candidate != "ollama/shop" || u.TokensIn == 0 || u.TokensOut == 0 || u.NumCtx != 8192 || u.PromptWasCut || u.AnswerWasCut {
		t.Errorf("usage %+v", u)
	}
}

func (r realServer) testPieces(t *testing.T) {
	var pieces []string
	chat(t, r.shop, model.Request{Messages: []model.Message{user("opening-hours?")}, OnToken: func(s string) { pieces = append(pieces, s) }})
	if len(pieces) < 5 || strings.Join(pieces, "") != shop.Replies["opening-hours?"] {
		t.Errorf("pieces %q", pieces)
	}
}

func (r realServer) testTools(t *testing.T) {
	messages := []model.Message{user("what-time?")}
	got := chat(t, r.shop, model.Request{Messages: messages, Tools: []model.ToolSpec{clock}})
	if len(got.ToolCalls) != 1 || got.ToolCalls[0].Name != "datetime_now" || got.ToolCalls[0].ID == "" {
		t.Fatalf("calls %+v, content %q", got.ToolCalls, got.Content)
	}
	if a := got.ToolCalls[0].Arguments; a["zone"] != "Europe/Madrid" || a["short"] != true {
		t.Errorf("arguments %v", a)
	}
	messages = append(messages,
		model.Message{Role: model.RoleAssistant, ToolCalls: got.ToolCalls},
		model.Message{Role: model.RoleTool, ToolName: "datetime_now", CallID: got.ToolCalls[0].ID, Content: "12:30"})
	got = chat(t, r.shop, model.Request{Messages: messages, Tools: []model.ToolSpec{clock}})
	if got.Content != shop.AfterTool["datetime_now"] {
		t.Errorf("after the tool: %q", got.Content)
	}
}

func (r realServer) testImage(t *testing.T) {
	if got := chat(t, r.shop, model.Request{Messages: []model.Message{user("", picture(t))}}); got.Content != shop.Image {
		t.Errorf("content %q", got.Content)
	}
}

func (r realServer) testCaption(t *testing.T) {
	if got := chat(t, r.shop, model.Request{Messages: []model.Message{user("price-of-this?", picture(t))}}); got.Content != shop.Replies["price-of-this?"] {
		t.Errorf("content %q", got.Content)
	}
}

func (r realServer) testBrokenImage(t *testing.T) {
	// Sent as it is, it would crash the model's process.
	png := picture(t)
	for name, data := range map[string][]byte{"no picture": []byte("no picture at all"), "half a picture": png[:len(png)/2], "empty": {}} {
		if got := chat(t, r.shop, model.Request{Messages: []model.Message{user("", data)}}); got.Content != shop.Default {
			t.Errorf("%s: %q", name, got.Content)
		}
	}
}

func (r realServer) testCapabilities(t *testing.T) {
	want := map[string]model.Capabilities{
		"shop":    {Vision: true, Tools: true, ContextLength: 8192},
		"plain":   {ContextLength: 8192},
		"thinker": {Thinking: true, ContextLength: 8192},
	}
	for name, want := range want {
		got, err := ollama(t, r.servers, model.OllamaConfig{Model: name}).Capabilities(t.Context())
		if got.Size < 1000 {
			t.Errorf("%s: %d parameters", name, got.Size)
		}
		if got.Size = 0; err != nil || got != want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func (r realServer) testThinking(t *testing.T) {
	got := chat(t, ollama(t, r.servers, model.OllamaConfig{Model: "thinker"}), model.Request{Messages: []model.Message{user("hi")}})
	if strings.TrimSpace(got.Content) != "Here you are." || !strings.Contains(got.Thinking, "Let me see.") {
		t.Errorf("content %q, thinking %q", got.Content, got.Thinking)
	}
}

func (r realServer) testLength(t *testing.T) {
	short := ollama(t, r.servers, model.OllamaConfig{Model: "shop", Parameters: map[string]any{"max_tokens": 3, "temperature": 1.2, "stop": []any{"###"}}})
	got := chat(t, short, model.Request{Messages: []model.Message{user("opening-hours?")}})
	if !got.Usage.AnswerWasCut || got.Content == shop.Replies["opening-hours?"] {
		t.Errorf("%q, %+v", got.Content, got.Usage)
	}
}

func (r realServer) testMissing(t *testing.T) {
	missing := ollama(t, r.servers, model.OllamaConfig{Model: "llava:7b"})
	router := model.NewRouter([]model.LLM{missing, r.plain}, model.RouterConfig{Servers: r.servers})
	got := chat(t, router, model.Request{Messages: []model.Message{user("what is it?", picture(t))}})
	if got.Content != "Just words from me." || got.Usage.Candidate != "ollama/plain" {
		t.Errorf("%q from %s", got.Content, got.Usage.Candidate)
	}
	_, err := model.NewRouter([]model.LLM{missing}, model.RouterConfig{}).Chat(t.Context(), model.Request{Messages: []model.Message{user("hi")}})
	if !errors.Is(err, model.ErrUnavailable) || !strings.Contains(err.Error(), "The model llava:7b is not on this computer. Open Health and press Download, or run: ollama pull llava:7b.") {
		t.Errorf("error %v", err)
	}
}

func (r realServer) testMatch(t *testing.T) {
	router := model.NewRouter([]model.LLM{r.plain, r.shop}, model.RouterConfig{Servers: r.servers})
	if got := chat(t, router, model.Request{Messages: []model.Message{user("", picture(t))}}); got.Content != shop.Image {
		t.Errorf("picture: %q", got.Content)
	}
	if got := chat(t, router, model.Request{Messages: []model.Message{user("what-time?")}, Tools: []model.ToolSpec{clock}}); len(got.ToolCalls) != 1 {
		t.Errorf("tools: %+v", got)
	}
	if got := chat(t, router, model.Request{Messages: []model.Message{user("hi")}}); got.Usage.Candidate != "ollama/plain" {
		t.Errorf("text: %+v", got)
	}
}

func (r realServer) testHealth(t *testing.T) {
	ollama(t, r.servers, model.OllamaConfig{Model: "gone:1b"})
	health := r.servers.Health(t.Context(), r.shop, ollama(t, r.servers, model.OllamaConfig{Model: "gone:1b"}))
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
}
