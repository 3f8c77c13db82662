package model_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"astromesh/runtime/model"
)

// One customer's picture that a server cannot read, or a conversation that it finds
// wrong, takes pictures and tools from nobody else.
func TestOpenAIRefusalOfOneIsNotForAll(t *testing.T) {
	for _, c := range []struct {
		message        string
		vision, toolsy bool // that are sent the next time
	}{
		{"You uploaded an unsupported image. Please make sure your image has of one the following formats: ['png']", true, true},
		{"Failed to load image or audio file", true, true},
		{"At most 1 image(s) may be provided in one prompt.", true, true},
		{"At most 0 image(s) may be provided in one prompt.", false, true},
		{"Invalid content type. image_url is only supported by certain models.", false, true},
		{"image input is not supported - hint: you may need to provide the mmproj", false, true},
		{"An assistant message with 'tool_calls' must be followed by tool messages", true, true},
		{"m does not support tools", true, false},
		{"\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set", true, false},
		{"tools param requires --jinja flag", true, false},
	} {
		about := "image_url"
		if strings.Contains(c.message, "tool") || strings.Contains(c.message, "function") {
			about = "function"
		}
		p := newPeer(t, func(w http.ResponseWriter, body map[string]any) {
			if strings.Contains(fmt.Sprint(body), about) {
				fails(400, c.message, "", "")(w, body)
				return
			}
			says("well")(w, body)
		})
		var told []string
		servers := model.NewServers(model.Options{Notify: func(n model.Notice) { told = append(told, n.Text) }})
		llm := openAI(t, servers, model.OpenAIConfig{Endpoint: p.url, Model: "m"})
		router := model.NewRouter([]model.LLM{llm}, model.RouterConfig{Servers: servers})
		request := model.Request{Messages: []model.Message{{Role: model.RoleUser, Content: "what is this?", Images: [][]byte{picture(t)}}}, Tools: []model.ToolSpec{clock}}
		for range 4 { // more often than a breaker would bear
			if got := chat(t, router, request); got.Content != "well" {
				t.Errorf("%s: answer %+v", c.message, got)
			}
		}
		if caps, err := llm.Capabilities(t.Context()); err != nil || caps.Vision != c.vision || caps.Tools != c.toolsy {
			t.Errorf("%s: capabilities %+v, %v", c.message, caps, err)
		}
		if want := map[string]int{"image_url": 0, "function": 1}[about]; len(told) != want {
			t.Errorf("%s: told %q", c.message, told)
		}
	}
}

// A key that is for chats only may not see the list of models; the chat goes on.
func TestOpenAIWithoutTheRightToList(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"error":{"message":"Missing scopes: api.model.read"}}`)
			return
		}
		says("well")(w, nil)
	}))
	t.Cleanup(s.Close)
	llm := openAI(t, model.NewServers(model.Options{}), model.OpenAIConfig{Kind: "openai", Endpoint: s.URL, Model: "m", Key: secret, KeyName: "SHOP_KEY"})
	router := model.NewRouter([]model.LLM{llm}, model.RouterConfig{})
	if got := chat(t, router, model.Request{Messages: hi().Messages, Tools: []model.ToolSpec{clock}}); got.Content != "well" {
		t.Errorf("answer %+v", got)
	}
}
