package model_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"astromesh/runtime/model"
)

// The health page says of a server that speaks OpenAI's API what stands there, or
// what is wrong and what to do, and asks for nothing that costs.
func TestOpenAIHealth(t *testing.T) {
	p := newPeer(t, says("hello"))
	strict := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"error":{"message":"no"}}`)
	}))
	t.Cleanup(strict.Close)
	bare := httptest.NewServer(http.NotFoundHandler()) // without a list
	t.Cleanup(bare.Close)
	servers := model.NewServers(model.Options{})
	of := func(config model.OpenAIConfig) model.LLM { return openAI(t, servers, config) }
	found := servers.Health(t.Context(),
		of(model.OpenAIConfig{Kind: "vllm", Endpoint: p.url, Model: "m"}),
		of(model.OpenAIConfig{Kind: "vllm", Endpoint: p.url, Model: "gone"}),
		of(model.OpenAIConfig{Endpoint: strict.URL, Model: "m", KeyName: "SHOP_KEY"}),
		of(model.OpenAIConfig{Kind: "llamacpp", Endpoint: bare.URL, Model: "anything"}),
		of(model.OpenAIConfig{Endpoint: "http://127.0.0.1:1", Model: "m"}),
	)
	if len(found) != 4 {
		t.Fatalf("%+v", found)
	}
	if h := found[0]; !h.Reachable || !h.OpenAI || strings.Join(h.Installed, " ") != "m other" || !h.Models[0].Present || h.Models[0].Capabilities.ContextLength != 4096 ||
		!strings.Contains(h.Models[1].Detail, "does not have the model gone") {
		t.Errorf("%+v", h)
	}
	for at, want := range map[int]string{1: "wants a key, and the environment variable SHOP_KEY is not set. Set it", 2: "", 3: "The server does not answer at http://127.0.0.1:1/v1. See that it runs"} {
		if detail := found[at].Models[0].Detail; !strings.Contains(detail, want) || (want == "") != (detail == "") {
			t.Errorf("%d: %q", at, detail)
		}
	}
	if len(p.sent()) != 0 {
		t.Error("a model was asked for an answer")
	}
}
