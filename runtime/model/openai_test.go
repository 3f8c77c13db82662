package model_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"astromesh/runtime/model"
)

// peer stands in for a server that speaks OpenAI's API, as the test wants it.
type peer struct {
	url string

	mu     sync.Mutex
	bodies []map[string]any
	keys   []string
	lists  int
}

// newPeer answers chat requests with a handler, and lists the model m.
func newPeer(t *testing.T, chat func(w http.ResponseWriter, body map[string]any)) *peer {
	t.Helper()
	p := &peer{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.keys = append(p.keys, r.Header.Get("Authorization"))
		if r.Method == http.MethodGet {
			p.lists++
		}
		p.mu.Unlock()
		if r.URL.Path == "/v1/models" {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"data":[{"id":"m","max_model_len":4096},{"id":"other"}]}`)
			return
		}
		body := map[string]any{}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		p.mu.Lock()
		p.bodies = append(p.bodies, body)
		p.mu.Unlock()
		chat(w, body)
	}))
	t.Cleanup(s.Close)
	p.url = s.URL
	return p
}

func (p *peer) sent() []map[string]any {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bodies
}

// stream writes pieces of an answer as events.
func stream(w http.ResponseWriter, events ...string) {
	w.Header().Set("Content-Type", "text/event-stream")
	for _, e := range events {
		_, _ = fmt.Fprintf(w, "data: %s\n\n", e)
		w.(http.Flusher).Flush()
	}
}

func piece(text string) string {
	return fmt.Sprintf(`{"choices":[{"delta":{"content":%q}}]}`, text)
}

const (
	lastPiece = `{"choices":[{"delta":{},"finish_reason":"stop"}]}`
	usage     = `{"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":3}}`
)

func says(text string) func(http.ResponseWriter, map[string]any) {
	return func(w http.ResponseWriter, _ map[string]any) { stream(w, piece(text), lastPiece, usage, "[DONE]") }
}

func TestOpenAIIsSentWhatTheFileSays(t *testing.T) {
	p := newPeer(t, says("hello"))
	servers := model.NewServers(model.Options{})
	llm := openAI(t, servers, model.OpenAIConfig{Endpoint: p.url + "/v1/", Model: "m", Key: "sk-secret", Parameters: map[string]any{
		"temperature": 0.5, "top_p": 0.9, "presence_penalty": 0.5, "frequency_penalty": -0.5, "seed": 7, "stop": "END", "max_tokens": 99, "top_k": 40, "num_ctx": 2048}})
	got := chat(t, llm, model.Request{Messages: []model.Message{user("hi")}, Tools: []model.ToolSpec{clock}, Format: json.RawMessage(`{"type":"object"}`)})
	if got.Content != "hello" || got.Usage.TokensIn != 12 || got.Usage.TokensOut != 3 {
		t.Errorf("answer %+v", got)
	}
	body := p.sent()[0]
	for key, want := range map[string]string{
		"model": "m", "temperature": "0.5", "top_p": "0.9", "presence_penalty": "0.5", "frequency_penalty": "-0.5", "seed": "7", "stop": "[END]", "max_tokens": "99", "stream": "true",
		"stream_options":  "map[include_usage:true]",
		"response_format": "map[json_schema:map[name:answer schema:map[type:object] strict:false] type:json_schema]",
	} {
		if got := fmt.Sprint(body[key]); got != want {
			t.Errorf("%s is %s, want %s", key, got, want)
		}
	}
	if _, there := body["top_k"]; there || len(body["tools"].([]any)) != 1 || p.keys[0] != "Bearer sk-secret" {
		t.Errorf("body %v, key %q", body, p.keys)
	}
	// OpenAI's own kind knows the bound by its newer name; without a key none is sent.
	openai := openAI(t, servers, model.OpenAIConfig{Kind: "openai", Endpoint: p.url, Model: "m", Parameters: map[string]any{"temperature": 0}})
	chat(t, openai, hi())
	body = p.sent()[1]
	if body["max_completion_tokens"] != 1024.0 || body["max_tokens"] != nil || body["temperature"].(float64) > 1e-5 || p.keys[len(p.keys)-1] != "" {
		t.Errorf("body %v, keys %q", body, p.keys)
	}
	if caps, err := llm.Capabilities(t.Context()); err != nil || caps.ContextLength != 4096 || !caps.Vision || !caps.Tools {
		t.Errorf("capabilities %+v, %v", caps, err)
	}
}

// Calls are numbered anew and each result names its own, whatever another server,
// or a model that writes calls as text, has called them.
func TestOpenAIGivesEachCallItsResult(t *testing.T) {
	p := newPeer(t, says("done"))
	llm := openAI(t, model.NewServers(model.Options{}), model.OpenAIConfig{Endpoint: p.url, Model: "m"})
	call := func(id, zone string) model.ToolCall {
		return model.ToolCall{ID: id, Name: "clock", Arguments: map[string]any{"zone": zone}}
	}
	result := func(id, text string) model.Message {
		return model.Message{Role: model.RoleTool, ToolName: "clock", CallID: id, Content: text}
	}
	chat(t, llm, model.Request{Messages: []model.Message{
		user("hi"),
		{Role: model.RoleAssistant, ToolCalls: []model.ToolCall{call("call_0", "a"), call("call_1", "b")}}, result("call_1", "B"), result("call_0", "A"),
		{Role: model.RoleAssistant, ToolCalls: []model.ToolCall{call("call_0", "c")}}, result("call_0", "C"),
		{Role: model.RoleAssistant, ToolCalls: []model.ToolCall{call("", "d"), call("", "e")}}, result("", "D"), result("", "E"),
	}})
	var zones = map[string]string{}
	var pairs []string
	for _, m := range p.sent()[0]["messages"].([]any) {
		m := m.(map[string]any)
		calls, _ := m["tool_calls"].([]any)
		for _, c := range calls {
			c := c.(map[string]any)
			zones[c["id"].(string)] = c["function"].(map[string]any)["arguments"].(string)
		}
		if m["role"] == "tool" {
			pairs = append(pairs, zones[m["tool_call_id"].(string)]+m["content"].(string))
		}
	}
	if want := `{"zone":"b"}B {"zone":"a"}A {"zone":"c"}C {"zone":"d"}D {"zone":"e"}E`; strings.Join(pairs, " ") != want || len(zones) != 5 {
		t.Errorf("pairs %s of %d calls", pairs, len(zones))
	}
}

// Tool calls come in pieces, numbered or whole; one that is not JSON stands in the
// text, where it is mended.
func TestOpenAIToolCallsInPieces(t *testing.T) {
	tests := []struct {
		name   string
		events []string
		want   string
	}{
		{"numbered", []string{
			`{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"x","function":{"name":"clock","arguments":""}}]}}]}`,
			`{"choices":[{"delta":{"tool_calls":[{"index":1,"id":"y","function":{"name":"clock","arguments":"{\"zone\":"}}]}}]}`,
			`{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"zone\":\"a\"}"}},{"index":1,"function":{"arguments":"\"b\"}"}}]}}]}`,
		}, "x clock map[zone:a], y clock map[zone:b]"},
		{"whole, without numbers", []string{
			`{"choices":[{"delta":{"tool_calls":[{"function":{"name":"clock","arguments":"{}"}},{"function":{"name":"bell","arguments":"null"}}]}}]}`,
		}, "call_0 clock map[], call_1 bell map[]"},
		{"not JSON", []string{
			`{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"x","function":{"name":"clock","arguments":"{zone: a"}}]}}]}`,
		}, `<tool_call>{"name": "clock", "arguments": {zone: a}</tool_call>`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newPeer(t, func(w http.ResponseWriter, _ map[string]any) { stream(w, append(test.events, lastPiece, "[DONE]")...) })
			llm := openAI(t, model.NewServers(model.Options{}), model.OpenAIConfig{Endpoint: p.url, Model: "m"})
			got := chat(t, llm, hi())
			var calls []string
			for _, c := range got.ToolCalls {
				calls = append(calls, fmt.Sprintf("%s %s %v", c.ID, c.Name, c.Arguments))
			}
			if text := strings.TrimSpace(strings.Join(calls, ", ") + got.Content); text != test.want {
				t.Errorf("got %s", text)
			}
		})
	}
}

// What nobody waits for is not asked of a server that may cost money.
func TestOpenAIComputesNothingAheadWhereItCosts(t *testing.T) {
	p := newPeer(t, says("hello"))
	paid := openAI(t, model.NewServers(model.Options{Transport: redirectTo(p.url)}), model.OpenAIConfig{Kind: "openai", Endpoint: "http://models.example.com/v1", Model: "m"})
	ahead := model.Request{Messages: hi().Messages, Background: true}
	if _, err := paid.Chat(t.Context(), ahead); err == nil || !strings.Contains(err.Error(), "gave way") {
		t.Errorf("ahead: %v", err)
	}
	if err := paid.Warm(t.Context()); err != nil || len(p.sent()) != 0 {
		t.Errorf("warm: %v, %d requests", err, len(p.sent()))
	}
	ahead.MaxTokens = 50 // for its answer
	if got := chat(t, paid, ahead); got.Content != "hello" || p.sent()[0]["max_completion_tokens"] != 50.0 {
		t.Errorf("for its answer: %+v, %v", got, p.sent())
	}
	own := openAI(t, model.NewServers(model.Options{}), model.OpenAIConfig{Kind: "vllm", Endpoint: p.url, Model: "m"})
	chat(t, own, model.Request{Messages: hi().Messages, Background: true})
	if n := len(p.sent()); n != 2 || p.sent()[1]["max_tokens"] != 1.0 {
		t.Errorf("on one's own server: %v", p.sent())
	}
}

// redirectTo sends every request to one address, whatever its host.
type redirectTo string

func (r redirectTo) RoundTrip(req *http.Request) (*http.Response, error) {
	copied := req.Clone(req.Context())
	copied.URL.Scheme, copied.URL.Host = "http", strings.TrimPrefix(string(r), "http://")
	return http.DefaultTransport.RoundTrip(copied)
}
