package model

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// bytesServer answers everything with the same bytes.
type bytesServer struct {
	status int
	body   []byte
}

func (b bytesServer) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: b.status, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: io.NopCloser(bytes.NewReader(b.body)), Request: r}, nil
}

// Whatever a server sends is an answer within bounds or an error in words, and
// the key is in neither.
func FuzzOpenAIStream(f *testing.F) {
	for _, s := range []string{
		`{"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}`,
		`{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"a\":[1,{\"b\":null}]}"}}]},"finish_reason":"tool_calls"}]}`,
		`{"choices":[{"delta":{"tool_calls":[{"index":-1,"function":{"arguments":"}"}},{"function":{"name":"g"}}]},"finish_reason":"stop"}]}`,
		`{"error":{"message":"broken with key-of-the-shop"}}`, `{"choices":null,"usage":{"prompt_tokens":-1}}`, "null", "[DONE]", "\x00", "{",
	} {
		f.Add(200, []byte("data: "+s+"\n\ndata: [DONE]\n\n"))
		f.Add(400, []byte(s))
	}
	f.Fuzz(func(t *testing.T, status int, stream []byte) {
		if status < 200 || status > 599 {
			return
		}
		servers := NewServers(Options{Transport: bytesServer{status, stream}})
		llm, err := servers.OpenAI(OpenAIConfig{Kind: "vllm", Endpoint: "http://a.test", Model: "m", Key: "key-of-the-shop"})
		if err != nil {
			t.Fatal(err)
		}
		r, err := llm.Chat(context.Background(), Request{Messages: []Message{{Role: RoleUser, Content: "hi"}}})
		var e *Error
		if err != nil && (!errors.As(err, &e) || e.Reason == "" || strings.Contains(err.Error(), "key-of-the-shop")) {
			t.Fatalf("error %v", err)
		}
		for _, call := range r.ToolCalls {
			if call.ID == "" || call.Arguments == nil {
				t.Fatalf("call %+v", call)
			}
		}
		if len(r.Content) > maxAnswer+maxLine+100 {
			t.Fatalf("%d bytes", len(r.Content))
		}
	})
}

func FuzzParseListing(f *testing.F) {
	for _, s := range []string{
		`{"object":"list","data":[{"id":"m","max_model_len":4096}]}`,
		`{"data":[{"id":"m:latest","meta":{"n_ctx_train":131072,"n_params":8030261312}},{"id":""},{"id":"other","context_length":1e300}]}`,
		`{"data":null}`, `[]`, `null`, ``, `{"data":[{"id":1}]}`,
	} {
		f.Add([]byte(s), "m")
	}
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		l, err := parseListing(data, name)
		if err != nil && !errors.Is(err, errGarbage) {
			t.Fatalf("an error without a name: %v", err)
		}
		if l.ctx < 0 || l.size < 0 || l.found && len(l.names) == 0 {
			t.Fatalf("%+v", l)
		}
	})
}
