package model_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"
)

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
	server := modeltest.Start(t, "OLLAMA_DEBUG=1")
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
	server.Reads(t, 1)
	if n := server.Loads(); n != 1 || got.Usage.NumCtx != 1536 {
		t.Errorf("the first answer after warming waited for loading: loaded %d times, %+v", n, got.Usage)
	}

	testGrowing(t, server, long)
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

// testGrowing: one byte is one token here, three times the first estimate. The
// estimate is wrong, the server refuses, num_ctx is doubled, nothing is lost. The
// server's log tells what was loaded and computed: how long that took depends on
// what else the machine does.
func testGrowing(t *testing.T, server *modeltest.Server, long model.LLM) {
	text := strings.Repeat("word ", 400)
	got := chat(t, long, model.Request{Messages: []model.Message{user(text)}})
	if got.Usage.NumCtx != 3072 || got.Usage.PromptWasCut || got.Usage.TokensIn < len(text) {
		t.Errorf("a long prompt: %+v", got.Usage)
	}
	if numCtx, _ := loaded(t, server, "long"); numCtx != 3072 {
		t.Errorf("loaded with %d", numCtx)
	}
	// Not shrunk, and no reload. The count is that of the whole prompt also when
	// the server has it in its cache.
	got = chat(t, long, model.Request{Messages: []model.Message{user(text)}})
	reads := server.Reads(t, 3)
	if n := server.Loads(); n != 2 || got.Usage.NumCtx != 3072 || got.Usage.TokensIn < len(text) || reads[1].Computed < len(text) || reads[2].Computed > 10 {
		t.Errorf("the same prompt again: %+v, loaded %d times, read %+v", got.Usage, n, reads)
	}
	// Computing ahead changes nothing about how the model is loaded.
	ahead := model.Request{Background: true, Messages: []model.Message{user(text), user("and more")}}
	got = chat(t, long, ahead)
	server.Reads(t, 4)
	if n := server.Loads(); n != 2 || got.Usage.NumCtx != 3072 || got.Usage.TokensOut > 1 {
		t.Errorf("ahead of time: %+v, loaded %d times", got.Usage, n)
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
