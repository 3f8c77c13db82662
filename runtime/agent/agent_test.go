package agent

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"astromesh/config"
	"astromesh/runtime/model"
	"astromesh/store/storetest"
)

func TestNewNamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*config.AgentSpec)
		want   string
	}{
		{"prompt", func(s *config.AgentSpec) { s.Prompts.System = "one\n{% if %}" }, "spec.prompts.system: line 2"},
		{"prompt that fails when filled in", func(s *config.AgentSpec) { s.Prompts.System = "{{ nobody() }}" }, "spec.prompts.system: line 1"},
		{"prompt without end", func(s *config.AgentSpec) {
			s.Prompts.System = "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}"
		}, "go round"},
		{"template", func(s *config.AgentSpec) { s.Prompts.Templates = map[string]string{"bye": "{{ x"} }, "spec.prompts.templates.bye: line 1"},
		{"guardrail", func(s *config.AgentSpec) {
			s.Guardrails.Input = []config.Guardrail{{Type: "pii_detection", Action: "eat"}}
		}, "spec.guardrails.input[0]"},
		{"unknown guardrail", func(s *config.AgentSpec) { s.Guardrails.Output = []config.Guardrail{{Type: "magic"}} }, `there is no guardrail "magic"`},
		{"no model", func(s *config.AgentSpec) { s.Model = config.Models{} }, "names no model"},
		{"provider", func(s *config.AgentSpec) { s.Model.Primary.Provider = "vllm" }, "vllm needs an endpoint"},
		{"providerRef", func(s *config.AgentSpec) { s.Model.Primary = &config.Candidate{ProviderRef: "lost"} }, `providerRef "lost"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := New(helper(c.change), 1, Parts{Store: storetest.New(t), Servers: model.NewServers(model.Options{})})
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "agent helper") {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestNewLeavesOutWhatItCannotUse(t *testing.T) {
	cfg := helper(func(s *config.AgentSpec) {
		s.Model.Fallback = &config.Candidate{Provider: "openai_compat", Model: "gpt"}
		s.Model.Extra = config.Candidates{{Name: "faq", Candidate: config.Candidate{ProviderRef: "answers", Model: "faq",
			Parameters: map[string]any{"default": "We will get back to you."}}}}
		s.Tools = append(s.Tools, config.Tool{Type: "builtin", Name: "read_file"})
		s.Guardrails.Output = []config.Guardrail{{Type: "cost_limit", MaxTokensPerTurn: 500}}
	})
	parts := Parts{Store: storetest.New(t), Servers: model.NewServers(model.Options{})}
	parts.Providers.Spec.Providers = map[string]config.Provider{"answers": {Type: "builtin"}}
	a, err := New(cfg, 3, parts)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range a.Models() {
		names = append(names, m.Name())
	}
	if len(names) != 2 || names[1] != "builtin/faq" || a.Version != 3 {
		t.Errorf("models %v, version %d", names, a.Version)
	}
	all := strings.Join(a.Warnings(), "\n")
	for _, want := range []string{"openai_compat needs an endpoint", "read_file"} {
		if !strings.Contains(all, want) {
			t.Errorf("no warning of %s in:\n%s", want, all)
		}
	}
}

// With no Ollama at all the builtin candidate answers, through the real router.
func TestBuiltinAnswersWhereOllamaIsDown(t *testing.T) {
	cfg := helper(func(s *config.AgentSpec) {
		s.Model.Primary.Endpoint = "http://127.0.0.1:9"
		s.Model.Fallback = &config.Candidate{Provider: "builtin", Model: "faq", Parameters: map[string]any{
			"faq": []any{map[string]any{"q": "opening hours", "a": "We open at nine."}}, "default": "Somebody will call you.",
		}}
	})
	a, err := New(cfg, 1, Parts{Store: storetest.New(t), Servers: model.NewServers(model.Options{})})
	if err != nil {
		t.Fatal(err)
	}
	if r := turnOf(t, a, said("what are your opening hours?")); r.Reply != "We open at nine." {
		t.Errorf("%s: %q %s", r.Outcome, r.Reply, r.Reason)
	}
}

func TestWarmTakesTheModelThatAnswersFirst(t *testing.T) {
	first, second := &warmed{}, &warmed{}
	first.script, second.script = says(words("a")), says(words("b"))
	first.caps.Tools = false
	a := newAgent(t, helper(), first, second)
	if err := a.Warm(t.Context()); err != nil || first.times != 0 || second.times != 1 {
		t.Errorf("%v: warmed %d and %d times", err, first.times, second.times)
	}
	second.fails = errors.New("no memory")
	if err := a.Warm(t.Context()); err == nil || !strings.Contains(err.Error(), "no memory") {
		t.Errorf("error %v", err)
	}
	second.caps.Tools, second.fails = false, nil
	if err := a.Warm(t.Context()); err != nil || first.times != 1 {
		t.Errorf("%v: nobody has tools, the first was warmed %d times", err, first.times)
	}
}

// warmed is a script that counts how often it was loaded.
type warmed struct {
	*script
	times int
	fails error
}

func (w *warmed) Warm(context.Context) error { w.times++; return w.fails }

func TestRegistry(t *testing.T) {
	var r Registry
	if _, ok := r.Get("helper"); ok || len(r.List()) != 0 {
		t.Fatal("not empty")
	}
	st := storetest.New(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				r.Get("helper")
				r.List()
			}
		})
	}
	other := helper()
	other.Metadata.Name = "a-second"
	r.Set([]*Agent{agentOf(t, st, helper(), says(words("x"))), agentOf(t, st, other, says(words("x")))})
	wg.Wait()
	if list := r.List(); len(list) != 2 || list[0].Name() != "a-second" {
		t.Errorf("list %v", list)
	}
	r.Set(nil)
	if _, ok := r.Get("helper"); ok {
		t.Error("still in service")
	}
}

// One agent serves many turns at once.
func TestAgentIsShared(t *testing.T) {
	cfg := helper(func(s *config.AgentSpec) {
		s.Prompts.System = "Help {{ contact.name }}."
		s.Guardrails.Input = []config.Guardrail{{Type: "pii_detection"}}
		s.Tools[0].RateLimit = &config.ToolRate{MaxCalls: 10, WindowSeconds: config.Duration(time.Minute)}
	})
	a := newAgent(t, cfg, says(calls("datetime_now", nil), words("Hello.")))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			in := said("call me")
			in.Customer.Phone = []string{"34600111222", "14155550123", "5511987654321", "4915112345678"}[i%4]
			r, err := a.Turn(t.Context(), in)
			if err != nil || r.Outcome != Answered {
				t.Errorf("%v: %s %s", err, r.Outcome, r.Reason)
			}
		})
	}
	wg.Wait()
}
