package model_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"
)

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
	if got := retry(t, router, req); got.Content != story {
		t.Errorf("content %.100q", got.Content)
	}
	t.Logf("noticed after %v that the server is back", time.Since(began).Round(time.Millisecond))
}

// retry asks again and again, as a turn does while no model can be reached.
func retry(t *testing.T, router *model.Router, req model.Request) model.Response {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		response, err := router.Chat(ctx, req)
		if err == nil {
			return response
		}
		if !errors.Is(err, model.ErrUnavailable) {
			t.Fatal(err)
		}
		<-tick.C
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
