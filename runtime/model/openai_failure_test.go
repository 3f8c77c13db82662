package model_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/runtime/model"
)

const secret = "sk-very-secret-key"

// fails answers with a status and OpenAI's form of an error.
func fails(status int, message, param, code string) func(http.ResponseWriter, map[string]any) {
	return func(w http.ResponseWriter, _ map[string]any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"error":{"message":%q,"type":"invalid_request_error","param":%q,"code":%q}}`, message, param, code)
	}
}

func raw(kind string, status int, body string) func(http.ResponseWriter, map[string]any) {
	return func(w http.ResponseWriter, _ map[string]any) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// hangUp breaks the connection off.
func hangUp(w http.ResponseWriter, events ...string) {
	stream(w, events...)
	panic(http.ErrAbortHandler)
}

// openAIFailure is one thing that a server can do wrong.
type openAIFailure struct {
	name        string
	chat        func(http.ResponseWriter, map[string]any)
	unreachable bool
	reason      string // part of the sentence for the owner
}

func openAIFailures() []openAIFailure {
	endless := func(w http.ResponseWriter, _ map[string]any) {
		w.Header().Set("Content-Type", "text/event-stream")
		for {
			if _, err := fmt.Fprintf(w, "data: %s\n\n", piece(strings.Repeat("never ", 500))); err != nil {
				return
			}
		}
	}
	return []openAIFailure{
		{"401", fails(401, "Incorrect API key provided: "+secret, "", "invalid_api_key"), false, "does not accept the key in SHOP_KEY. Put a valid one there"},
		{"403", fails(403, "no access", "", ""), false, "does not accept the key in SHOP_KEY"},
		{"404 of the model", fails(404, "The model `m` does not exist", "", "model_not_found"), true, "does not have the model m"},
		{"404 of the address", raw("text/html", 404, "<html>nothing here</html>"), false, "does not speak as OpenAI's chat API does. Check the endpoint."},
		{"no credit", fails(429, "You exceeded your current quota", "", "insufficient_quota"), false, "has no credit left"},
		{"402", fails(402, "pay", "", ""), false, "has no credit left"},
		{"too long", fails(400, "This model's maximum context length is 4096 tokens", "messages", "context_length_exceeded"), false, "longer than the model m can read"},
		{"too long, in other words", fails(400, "the request exceeds the available context size", "", ""), false, "longer than the model m can read"},
		{"another 400", fails(400, "messages must not be funny", "", ""), false, "refused the request for m: messages must not be funny."},
		{"500", fails(500, "the graphics card is gone", "", ""), false, "failed with m: the graphics card is gone."},
		{"503", raw("text/html", 503, "<html>busy</html>"), true, "is busy or not ready"},
		{"a page", raw("text/html; charset=utf-8", 200, "<html>hello</html>"), false, "Check the endpoint."},
		{"no stream", raw("application/json", 200, `{"choices":[{"message":{"content":"hi"}}]}`), false, "Check the endpoint."},
		{"elsewhere", func(w http.ResponseWriter, _ map[string]any) {
			w.Header().Set("Location", "/v1/models")
			w.WriteHeader(http.StatusFound)
		}, false, "Check the endpoint."},
		{"garbage", func(w http.ResponseWriter, _ map[string]any) { stream(w, "\x00\x01", lastPiece) }, false, "Check the endpoint."},
		{"error in mid-stream", func(w http.ResponseWriter, _ map[string]any) {
			stream(w, piece("We op"), `{"error":{"message":"out of memory with `+secret+`"}}`)
		}, false, "in the middle of the answer"},
		{"cut between pieces", func(w http.ResponseWriter, _ map[string]any) { stream(w, piece("We op")) }, false, "broke before the answer was finished"},
		{"cut connection", func(w http.ResponseWriter, _ map[string]any) { hangUp(w, piece("We op")) }, false, "broke before the answer was finished"},
		{"empty", func(w http.ResponseWriter, _ map[string]any) { stream(w, lastPiece, "[DONE]") }, false, "answered with nothing"},
		{"its own filter", func(w http.ResponseWriter, _ map[string]any) {
			stream(w, `{"choices":[{"delta":{},"finish_reason":"content_filter"}]}`, "[DONE]")
		}, false, "filter of the server stopped"},
		{"never ends", endless, false, "did not come to an end"},
		{"50 MB in one line", raw("text/event-stream", 200, "data: "+strings.Repeat("x", 50<<20)), false, "Check the endpoint."},
		{"50 MB of comments", raw("text/event-stream", 200, strings.Repeat(": ping\n\n", 50<<20/8)), false, "Check the endpoint."},
		{"50 MB of an error", raw("application/json", 500, `{"error":{"message":"`+strings.Repeat("x", 50<<20)), false, "failed with m: status 500 without a reason."},
	}
}

func TestOpenAIFailuresAreClear(t *testing.T) {
	for _, test := range openAIFailures() {
		t.Run(test.name, func(t *testing.T) {
			p := newPeer(t, test.chat)
			llm := openAI(t, model.NewServers(model.Options{}), model.OpenAIConfig{Endpoint: p.url, Model: "m", Key: secret, KeyName: "SHOP_KEY", Timeout: 20 * time.Second})
			_, err := llm.Chat(t.Context(), hi())
			var e *model.Error
			if !errors.As(err, &e) {
				t.Fatalf("error is %T: %v", err, err)
			}
			if e.Passing != passing[test.name] {
				t.Errorf("passing %v", e.Passing)
			}
			if e.Unreachable != test.unreachable || !strings.Contains(e.Reason, test.reason) {
				t.Errorf("unreachable %v, reason %q", e.Unreachable, e.Reason)
			}
			var logged strings.Builder
			slog.New(slog.NewTextHandler(&logged, nil)).Error("failed", "error", err, "llm", llm)
			if all := fmt.Sprintf("%v %+v %#v %+v %#v", err, err, e, llm, llm) + logged.String(); strings.Contains(all, secret) {
				t.Errorf("the key is shown: %s", all)
			}
			if len(err.Error()) > 700 {
				t.Errorf("%d bytes of error", len(err.Error()))
			}
		})
	}
}

// silent says one piece and then nothing, until the caller gives up.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	body, w := io.Pipe()
	context.AfterFunc(r.Context(), func() { _ = w.CloseWithError(r.Context().Err()) })
	go func() { _, _ = fmt.Fprintf(w, "data: %s\n\n", piece("We")) }()
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: body, Request: r}, nil
}

// The timeout is the longest silence, as with Ollama.
func TestOpenAISilenceEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		llm := openAI(t, model.NewServers(model.Options{Transport: silent{}}), model.OpenAIConfig{Endpoint: "http://a.test", Model: "m", Timeout: 20 * time.Second})
		began := time.Now()
		_, err := llm.Chat(t.Context(), hi())
		if err == nil || !strings.Contains(err.Error(), "has said nothing for a long time") || time.Since(began) != 20*time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if _, err := llm.Chat(ctx, hi()); err == nil || !strings.Contains(err.Error(), "The turn ended") {
			t.Errorf("the turn ended: %v", err)
		}
		synctest.Wait()
	})
}

// After 429 the server is left alone for as long as it asks; the turn waits, or
// another model answers.
func TestOpenAIIsLeftAloneWhenItAsksForThat(t *testing.T) {
	p := newPeer(t, func(w http.ResponseWriter, body map[string]any) {
		w.Header().Set("Retry-After", "30")
		fails(429, "Rate limit reached", "", "rate_limit_exceeded")(w, body)
	})
	llm := openAI(t, model.NewServers(model.Options{}), model.OpenAIConfig{Endpoint: p.url, Model: "m"})
	for range 3 {
		_, err := llm.Chat(t.Context(), hi())
		var e *model.Error
		if !errors.As(err, &e) || !e.Unreachable || !strings.Contains(e.Reason, "is left alone for") {
			t.Fatalf("error %v", err)
		}
	}
	if n := len(p.sent()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
	router := model.NewRouter([]model.LLM{llm, spare(t)}, model.RouterConfig{})
	if got := chat(t, router, hi()); got.Content != "s" {
		t.Errorf("the other: %q", got.Content)
	}
}

// What a server refuses though it is not needed is left out, remembered and told.
func TestOpenAILeavesOutWhatIsRefused(t *testing.T) {
	picky := func(w http.ResponseWriter, body map[string]any) {
		for name, message := range map[string]string{
			"max_tokens": "Unsupported parameter: 'max_tokens' is not supported with this model.", "temperature": "Unsupported value: 'temperature'",
			"stream_options": "Unknown parameter: stream_options", "response_format": "response_format is not supported",
		} {
			if body[name] != nil {
				fails(400, message, name, "unsupported_parameter")(w, body)
				return
			}
		}
		if body["tools"] != nil {
			fails(500, "tools param requires --jinja flag", "", "")(w, body)
			return
		}
		if strings.Contains(fmt.Sprint(body["messages"]), "image_url") {
			fails(400, "image input is not supported", "", "")(w, body)
			return
		}
		says("well")(w, body)
	}
	p := newPeer(t, picky)
	var notices []string
	servers := model.NewServers(model.Options{Notify: func(n model.Notice) { notices = append(notices, n.Kind+": "+n.Text) }})
	llm := openAI(t, servers, model.OpenAIConfig{Endpoint: p.url, Model: "m", Parameters: map[string]any{"temperature": 0.2}})
	router := model.NewRouter([]model.LLM{llm}, model.RouterConfig{Servers: servers})
	request := model.Request{Messages: []model.Message{{Role: model.RoleUser, Content: "what is this?", Images: [][]byte{picture(t)}}}, Tools: []model.ToolSpec{clock}, Format: []byte(`{}`)}
	if got := chat(t, router, request); got.Content != "well" {
		t.Errorf("answer %+v", got)
	}
	first := len(p.sent())
	if got := chat(t, router, request); got.Content != "well" || len(p.sent()) != first+1 {
		t.Errorf("the second took %d requests: %+v", len(p.sent())-first, got)
	}
	if sent := fmt.Sprint(p.sent()[first]["messages"]); !strings.Contains(sent, "[Attached image: image/png") || p.sent()[first]["max_completion_tokens"] != 1024.0 {
		t.Errorf("sent %v", p.sent()[first])
	}
	all := strings.Join(notices, " ")
	if len(notices) != 3 || !strings.Contains(all, "does not take temperature for this model") || !strings.Contains(all, "takes no tools for this model") {
		t.Errorf("told %q", notices)
	}
	if caps, err := llm.Capabilities(t.Context()); err != nil || caps.Vision || caps.Tools {
		t.Errorf("capabilities %+v, %v", caps, err)
	}
}

func TestOpenAIEndpoints(t *testing.T) {
	tests := []struct{ given, want string }{
		{"", "https://api.openai.com/v1"},
		{"http://127.0.0.1:8000", "http://127.0.0.1:8000/v1"},
		{" http://127.0.0.1:8000/ ", "http://127.0.0.1:8000/v1"},
		{"https://Models.example.com/api/v1/", "https://models.example.com/api/v1"},
		{"http://h:1/v1/chat/completions", "http://h:1/v1"},
		{"http://h:1/chat/completions", "http://h:1/v1"},
	}
	for _, test := range tests {
		if got, err := model.ParseOpenAIEndpoint(test.given); err != nil || got.String() != test.want {
			t.Errorf("%q became %v, %v", test.given, got, err)
		}
	}
	for _, wrong := range []string{"ftp://h/v1", "127.0.0.1:8000", "http://", "http://user:" + secret + "@h/v1", "http://h/v1?key=" + secret, "http://h/#" + secret, ":"} {
		if got, err := model.ParseOpenAIEndpoint(wrong); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%q became %v, %v", wrong, got, err)
		}
	}
	servers := model.NewServers(model.Options{})
	for _, config := range []model.OpenAIConfig{
		{Kind: "vllm", Model: "m"}, {Kind: "openai"}, {Kind: "openai", Model: "m", Timeout: -1}, {Kind: "openai", Model: "m", Parameters: map[string]any{"temperature": 3}},
		{Kind: "openai", Model: "m", Endpoint: "nowhere"},
	} {
		if _, err := servers.OpenAI(config); err == nil {
			t.Errorf("%+v was taken", config)
		}
	}
}
