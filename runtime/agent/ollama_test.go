package agent

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/config"
	"astromesh/runtime/channel"
	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"

	"github.com/ollama/ollama/api"
	ollama "github.com/ollama/ollama/types/model"
)

// wired compiles the helper with its models on a fake Ollama, through the real
// servers, queue, router and client.
func wired(t *testing.T, fake *modeltest.Fake, parallel int, names ...string) *Agent {
	t.Helper()
	cfg := helper(func(s *config.AgentSpec) {
		s.Model = config.Models{}
		for _, name := range names {
			s.Model.Extra = append(s.Model.Extra, config.NamedCandidate{Candidate: config.Candidate{ProviderRef: "here", Model: name}})
		}
	})
	parts := Parts{Now: noon, Servers: model.NewServers(model.Options{Transport: fake.Transport()})}
	parts.Providers.Spec.Providers = map[string]config.Provider{"here": {Type: "ollama", Endpoint: fake.URL, Parallel: parallel}}
	a, err := New(cfg, 1, parts)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestOverTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := modeltest.NewFake()
		fake.Set("tools", modeltest.FakeModel{Capabilities: []ollama.Capability{ollama.CapabilityTools}, Answer: func(r api.ChatRequest) modeltest.Reply {
			last := r.Messages[len(r.Messages)-1]
			if last.Role == "tool" {
				return modeltest.Text("<think>It says so.</think>It is " + last.Content)
			}
			args := api.NewToolCallFunctionArguments()
			args.Set("timezone", "Asia/Tokyo")
			return modeltest.Reply{ToolCalls: []api.ToolCall{{Function: api.ToolCallFunction{Name: "datetime_now", Arguments: args}}}}
		}})
		a := wired(t, fake, 1, "missing", "tools")
		r := turnOf(t, a, forgotten("what time is it in Tokyo?"))
		if !strings.Contains(r.Reply, "21:07") || strings.Contains(r.Reply, "think") {
			t.Errorf("%s: %q %s", r.Outcome, r.Reply, r.Reason)
		}
		sent := fake.Requests()
		if first := sent[0].Messages; first[0].Role != "system" || first[len(first)-1].Content != "what time is it in Tokyo?" {
			t.Errorf("first request %+v", first)
		}

		fake.Down(true)
		if _, err := a.Turn(t.Context(), forgotten("hello")); !errors.Is(err, model.ErrUnavailable) {
			t.Errorf("Ollama is down: %v", err)
		}
		fake.Down(false)
		if r := turnOf(t, a, forgotten("and now?")); r.Outcome != Answered {
			t.Errorf("Ollama is back: %s", r.Reason)
		}
	})
}

// A model that says nothing costs the turn its time, and the next candidate is
// not asked any more.
func TestOllamaHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := modeltest.NewFake()
		fake.Set("slow", modeltest.FakeModel{Answer: func(api.ChatRequest) modeltest.Reply { return modeltest.Reply{Hang: true} }})
		began := time.Now()
		r := turnOf(t, wired(t, fake, 1, "slow"), forgotten("hello"))
		if r.Outcome != Failed || !strings.Contains(r.Reason, "worked for 30s") || time.Since(began) > 31*time.Second {
			t.Errorf("%s after %s: %s", r.Outcome, time.Since(began), r.Reason)
		}
	})
}

// Eight customers at a server that answers one at a time, 20 s each: nobody gets
// an error for having waited.
func TestCustomersWaitInTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := modeltest.NewFake()
		fake.Set("slow", modeltest.FakeModel{Answer: func(api.ChatRequest) modeltest.Reply {
			return modeltest.Reply{Before: 20 * time.Second, Pieces: []string{"Hello."}}
		}})
		a := wired(t, fake, 1, "slow")
		began := time.Now()
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				in := forgotten("hello")
				in.Customer = channel.Customer{UserID: fmt.Sprint("US.", i)}
				if r, err := a.Turn(t.Context(), in); err != nil || r.Reply != "Hello." {
					t.Errorf("customer %d after %s: %s %s %v", i, time.Since(began), r.Outcome, r.Reason, err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(began); took < 160*time.Second {
			t.Errorf("all were answered after %s: they did not wait", took)
		}
	})
}
