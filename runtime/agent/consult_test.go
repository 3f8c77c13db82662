package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"astromesh/config"
	"astromesh/runtime/model"
	"astromesh/store/storetest"
)

// staff compiles agents that can ask each other, each on its own script.
func staff(t *testing.T, models map[string]*script, change map[string]func(*config.AgentSpec)) *Registry {
	t.Helper()
	st, registry := storetest.New(t), &Registry{}
	var list []*Agent
	for name, m := range models {
		cfg := helper(func(s *config.AgentSpec) {
			s.Prompts.System, s.Tools = "You are "+name+".", nil
			s.Identity.Description = "Knows about " + name + "."
		}, func(s *config.AgentSpec) {
			if change[name] != nil {
				change[name](s)
			}
		})
		cfg.Metadata.Name = name
		a, err := New(cfg, 1, Parts{Store: st, Now: noon, Agents: registry.Get, Model: func(config.Candidate) (model.LLM, error) { return m, nil }})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, a)
	}
	registry.Set(list)
	return registry
}

func asks(names ...string) func(*config.AgentSpec) {
	return func(s *config.AgentSpec) {
		for _, name := range names {
			s.Tools = append(s.Tools, config.Tool{Type: "agent", Name: name})
		}
	}
}

func get(t *testing.T, r *Registry, name string) *Agent {
	t.Helper()
	a, ok := r.Get(name)
	if !ok {
		t.Fatalf("no agent %s", name)
	}
	return a
}

// TestToolAgentAnswersWithinTheTurn: its prompt, its guardrails, no history; its
// steps and what it costs are the caller's.
func TestToolAgentAnswersWithinTheTurn(t *testing.T) {
	front := says(calls("stock", map[string]any{"query": "Is tea left? Write to ana@example.org."}), words("Yes, tea is left."))
	back := says(words("There are 3 boxes; ask bob@example.org."))
	back.say = func(_ context.Context, _ int, _ model.Request) (model.Response, error) {
		return model.Response{Content: "There are 3 boxes; ask bob@example.org.", Usage: model.Usage{TokensIn: 7, TokensOut: 5}}, nil
	}
	redact := []config.Guardrail{{Type: "pii_detection", Action: "redact"}}
	r := staff(t, map[string]*script{"front": front, "stock": back}, map[string]func(*config.AgentSpec){
		"front": asks("stock"), "stock": func(s *config.AgentSpec) { s.Guardrails = config.Guardrails{Input: redact, Output: redact} },
	})
	got := turnOf(t, get(t, r, "front"), said("Do you have tea?"))
	if got.Reply != "Yes, tea is left." {
		t.Fatalf("%s: %q %s", got.Outcome, got.Reply, got.Reason)
	}
	asked := back.sent()[0].Messages
	if shape(asked) != start || asked[0].Content != "You are stock." || asked[2].Content != "Is tea left? Write to [REDACTED_EMAIL]." {
		t.Errorf("the other agent read %+v", asked)
	}
	answers := front.sent()[1].Messages
	if last := answers[len(answers)-1]; last.Role != model.RoleTool || last.Content != "There are 3 boxes; ask [REDACTED_EMAIL]." {
		t.Errorf("the caller read %+v", last)
	}
	if !strings.Contains(stages(got), "model/stock: test/script") || len(got.Usage) != 3 || got.Usage[1].TokensIn != 7 {
		t.Errorf("steps %s, usage %+v", stages(got), got.Usage)
	}
	if n := len(slices.DeleteFunc(slices.Clone(got.Verdicts), func(v DirectedVerdict) bool { return len(v.Findings) == 0 })); n != 2 {
		t.Errorf("%d verdicts with findings, want the other agent's two", n)
	}
	if spec := front.sent()[0].Tools[0]; spec.Name != "stock" || !strings.Contains(spec.Description, "Knows about stock.") {
		t.Errorf("offered as %+v", spec)
	}
}

// TestToolAgentsEffectsAreTheCallers: what the tools of the agent that is asked
// want done is done with the caller's turn, once.
func TestToolAgentsEffectsAreTheCallers(t *testing.T) {
	front := says(calls("stock", map[string]any{"query": "tea?"}), words("A person will see to it."))
	back := says(model.Response{ToolCalls: []model.ToolCall{
		{ID: "1", Name: "hand_over", Arguments: map[string]any{"reason": "No tea"}}, {ID: "2", Name: "order", Arguments: map[string]any{"what": "tea"}},
	}}, words("I have ordered it."))
	r := staff(t, map[string]*script{"front": front, "stock": back}, map[string]func(*config.AgentSpec){
		"front": asks("stock"),
		"stock": func(s *config.AgentSpec) {
			s.Tools = []config.Tool{{Type: "builtin", Name: "hand_over"}, {Type: "client", Name: "order", Parameters: map[string]any{"what": "string"}}}
		},
	})
	got := turnOf(t, get(t, r, "front"), said("tea?"))
	if got.HandOver != "No tea" || len(got.Noted) != 1 || got.Noted[0].Tool != "order" {
		t.Errorf("handed over %q, noted %v", got.HandOver, got.Noted)
	}
}

// TestToolAgentIsReplaced: what counts is who is in service at the call.
func TestToolAgentIsReplaced(t *testing.T) {
	front := says(calls("stock", map[string]any{"query": "a"}), words("One."), calls("stock", map[string]any{"query": "b"}), words("Two."),
		calls("stock", map[string]any{"query": "c"}), words("Three."))
	r := staff(t, map[string]*script{"front": front, "stock": says(words("old"))}, map[string]func(*config.AgentSpec){"front": asks("stock")})
	turnOf(t, get(t, r, "front"), said("1"))
	fresh := staff(t, map[string]*script{"stock": says(words("new"))}, nil)
	r.Set([]*Agent{get(t, r, "front"), get(t, fresh, "stock")})
	turnOf(t, get(t, r, "front"), said("2"))
	r.Set([]*Agent{get(t, r, "front")})
	last := turnOf(t, get(t, r, "front"), said("3"))
	var results []string
	for _, i := range []int{1, 3, 5} {
		m := front.sent()[i].Messages
		results = append(results, m[len(m)-1].Content)
	}
	if results[0] != "old" || results[1] != "new" || !strings.Contains(results[2], "not there now") {
		t.Errorf("results %q", results)
	}
	if last.Reply != "Three." || !strings.Contains(fmt.Sprint(last.Notices), "not in service any more") {
		t.Errorf("%q, notices %v", last.Reply, last.Notices)
	}
}

// TestToolAgentThatIsNotThere: it is not offered, the turn goes on, a notice says so.
func TestToolAgentThatIsNotThere(t *testing.T) {
	front := says(words("Hello."))
	r := staff(t, map[string]*script{"front": front}, map[string]func(*config.AgentSpec){"front": asks("nobody")})
	got := turnOf(t, get(t, r, "front"), said("hi"))
	if got.Reply != "Hello." || len(front.sent()[0].Tools) != 0 || !strings.Contains(fmt.Sprint(got.Notices), `no agent "nobody" in service`) {
		t.Errorf("%q, %d tools, notices %v", got.Reply, len(front.sent()[0].Tools), got.Notices)
	}
}

// TestToolAgentsInACircleEnd: published one by one in the dashboard, agents can
// come to ask each other. The turn ends all the same, and an event names the circle.
func TestToolAgentsInACircleEnd(t *testing.T) {
	ask := func(name string) *script { return says(calls(name, map[string]any{"query": "go"}), words("Done.")) }
	r := staff(t, map[string]*script{"a": ask("b"), "b": ask("c"), "c": ask("a")},
		map[string]func(*config.AgentSpec){"a": asks("b"), "b": asks("c"), "c": asks("a")})
	got := turnOf(t, get(t, r, "a"), said("hi"))
	if got.Reply != "Done." || !strings.Contains(fmt.Sprint(got.Notices), "in a circle: a → b → c → a") {
		t.Errorf("%q, notices %v", got.Reply, got.Notices)
	}
	long := map[string]*script{}
	change := map[string]func(*config.AgentSpec){}
	for i := range 7 {
		long[fmt.Sprint("l", i)] = ask(fmt.Sprint("l", i+1))
		change[fmt.Sprint("l", i)] = asks(fmt.Sprint("l", i+1))
	}
	got = turnOf(t, get(t, staff(t, long, change), "l0"), said("hi"))
	if got.Reply != "Done." || !strings.Contains(fmt.Sprint(got.Notices), "in a row") || len(long["l4"].sent()) != 0 {
		t.Errorf("%q, notices %v", got.Reply, got.Notices)
	}
}

// TestToolAgentThatFails: blocked, without a model, without an answer: the caller
// is told in words and answers.
func TestToolAgentThatFails(t *testing.T) {
	for _, c := range []struct {
		name         string
		back         func() (model.Response, error)
		change       func(*config.AgentSpec)
		told, notice string
	}{
		{"no model", func() (model.Response, error) { return model.Response{}, model.ErrUnavailable }, nil, "could not answer now", "none of its models"},
		{"nothing to say", func() (model.Response, error) { return model.Response{}, nil }, nil, "could not answer now", "gave no answer"},
		{"broken", func() (model.Response, error) { return model.Response{}, errors.New("boom") }, nil, "could not answer now", "boom"},
		{"too long", func() (model.Response, error) { return words("x"), nil },
			func(s *config.AgentSpec) {
				s.Guardrails.Input = []config.Guardrail{{Type: "max_length", MaxChars: 3, Action: "block"}}
			}, "may not answer this", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			front, back := says(calls("stock", map[string]any{"query": "tea?"}), words("I do not know.")), says()
			back.say = func(context.Context, int, model.Request) (model.Response, error) { return c.back() }
			r := staff(t, map[string]*script{"front": front, "stock": back}, map[string]func(*config.AgentSpec){
				"front": asks("stock"), "stock": func(s *config.AgentSpec) {
					if c.change != nil {
						c.change(s)
					}
				}})
			got := turnOf(t, get(t, r, "front"), said("hi"))
			m := front.sent()[1].Messages
			if last := m[len(m)-1].Content; got.Reply != "I do not know." || !strings.Contains(last, c.told) {
				t.Errorf("%q, the caller was told %q", got.Reply, last)
			}
			if notices := fmt.Sprint(got.Notices); !strings.Contains(notices, c.notice) || c.notice == "" && len(got.Notices) > 0 {
				t.Errorf("notices %s", notices)
			}
		})
	}
}
