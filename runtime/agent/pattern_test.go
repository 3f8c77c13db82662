package agent

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/config"
	"astromesh/runtime/model"
)

// patterned is an agent file with a pattern, ten calls of the model, and roles
// that its templates name.
func patterned(pattern string, roles ...string) func(*config.AgentSpec) {
	return func(s *config.AgentSpec) {
		s.Orchestration.Pattern, s.Orchestration.MaxIterations = pattern, 10
		s.Prompts.Templates = map[string]string{}
		for _, role := range roles {
			s.Prompts.Templates[role] = "You do " + role + " for {{ agent.name }}."
		}
	}
}

func iterations(n int) func(*config.AgentSpec) {
	return func(s *config.AgentSpec) { s.Orchestration.MaxIterations = n }
}

// parts are the steps of a pattern as the trace tells them; ! = it failed.
func parts(r Result) string {
	var list []string
	for _, s := range r.Steps {
		if s.Stage != "pattern" {
			continue
		}
		name := s.Name
		if s.Data["error"] != nil {
			name += "!"
		}
		list = append(list, name)
	}
	return strings.Join(list, ", ")
}

// play is one turn of a pattern: what the models say one after the other, and
// what becomes of it.
type play struct {
	name    string
	change  func(*config.AgentSpec) // after the pattern is set; may be nil
	replies []model.Response
	reply   string // or, where the turn fails, part of the reason
	calls   int
	parts   string
}

// playAll runs the cases of a pattern. No customer reads what was meant for the
// program, and what ends a prompt is the role's own instruction.
func playAll(t *testing.T, pattern func(*config.AgentSpec), plays []play) {
	t.Helper()
	for _, c := range plays {
		t.Run(c.name, func(t *testing.T) {
			cfg := helper(pattern)
			if c.change != nil {
				c.change(&cfg.Spec)
			}
			m := says(c.replies...)
			r := turnOf(t, newAgent(t, cfg, m), said("Where is my order, and are you open?"))
			if got := r.Reply + r.Reason; r.Outcome == Answered && got != c.reply || !strings.Contains(got, c.reply) {
				t.Errorf("%s: %q, want %q", r.Outcome, got, c.reply)
			}
			if n := len(m.sent()); n != c.calls {
				t.Errorf("%d calls of the model, want %d", n, c.calls)
			}
			if got := parts(r); got != c.parts {
				t.Errorf("parts %q\nwant  %q", got, c.parts)
			}
			notForCustomers(t, r.Reply)
			sameBeginning(t, m.sent())
		})
	}
}

func notForCustomers(t *testing.T, reply string) {
	t.Helper()
	for _, inner := range []string{`"steps"`, `"parts"`, `"worker"`, `"handoff"`, `"task"`, "synthesizer", "planner", "JSON", "Do this"} {
		if strings.Contains(reply, inner) {
			t.Errorf("a customer reads %q in %q", inner, reply)
		}
	}
}

// sameBeginning: the model's server computes the system prompt, the history and
// the message once.
func sameBeginning(t *testing.T, sent []model.Request) {
	t.Helper()
	for i, request := range sent {
		for k, message := range request.Messages[:3] {
			if message.Role != sent[0].Messages[k].Role || message.Content != sent[0].Messages[k].Content {
				t.Errorf("call %d begins with another message %d: %+v", i, k, message)
			}
		}
	}
}

// byPrompt is a model that answers by what its prompt ends with.
func byPrompt(say func(ctx context.Context, last string) (model.Response, error)) *script {
	return &script{name: "test/script", caps: model.Capabilities{Tools: true},
		say: func(ctx context.Context, _ int, req model.Request) (model.Response, error) {
			return say(ctx, req.Messages[len(req.Messages)-1].Content)
		}}
}

// Each pattern ends when the time for the turn is used up, wherever it is. A tool
// that never returns is given up before, and the answer made without it.
func TestPatternsEndInTime(t *testing.T) {
	for _, pattern := range []string{"react", "plan_and_execute", "parallel_fan_out", "pipeline", "supervisor", "swarm"} {
		for _, hangs := range []string{"model", "tool"} {
			t.Run(pattern+", "+hangs, func(t *testing.T) { endsInTime(t, pattern, hangs) })
		}
	}
}

func endsInTime(t *testing.T, pattern, hangs string) {
	synctest.Test(t, func(t *testing.T) {
		m := byPrompt(func(ctx context.Context, last string) (model.Response, error) {
			switch {
			case strings.Contains(last, "Write the p"):
				return words(`{"steps": ["a", "b"]}`), nil
			case strings.Contains(last, "Decide now"):
				return words(`{"worker": "worker", "task": "look"}`), nil
			case strings.Contains(last, "Error:"):
				return words("Plain."), nil
			case hangs == "tool":
				return calls("get_user_context", nil), nil
			}
			<-ctx.Done()
			return model.Response{}, &model.Error{Candidate: "test/script", Err: context.Cause(ctx)}
		})
		cfg := helper(patterned(pattern, "member:orders"))
		a, err := New(cfg, 1, Parts{
			Now: noon, Model: func(config.Candidate) (model.LLM, error) { return m, nil },
			UserContext: func(ctx context.Context, _ string) (map[string]any, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		r := turnOf(t, a, forgotten("hello"))
		late := strings.Contains(r.Reason, "worked for 30s") && time.Since(began) == 30*time.Second
		if !late && (hangs == "model" || r.Reply != "Plain.") {
			t.Errorf("%s after %s: %q %s", r.Outcome, time.Since(began), r.Reply, r.Reason)
		}
	})
}

// Where no model can be reached in the middle of a pattern, the turn is asked
// again later; where one fails inside, the pattern goes on without that part.
func TestPatternsWithoutAModel(t *testing.T) {
	for _, pattern := range []string{"plan_and_execute", "parallel_fan_out", "pipeline", "supervisor", "swarm"} {
		for fails, fault := range map[string]*model.Error{
			"unreachable": {Candidate: "test/script", Unreachable: true, Reason: "Ollama does not answer."},
			"inside":      {Candidate: "test/script", Reason: "Ollama failed inside."},
		} {
			t.Run(pattern+", "+fails, func(t *testing.T) {
				m := byPrompt(func(_ context.Context, last string) (model.Response, error) {
					switch {
					case strings.Contains(last, "Write the p"):
						return words(`{"steps": ["a", "b"]}`), nil
					case strings.Contains(last, "Decide now"):
						return words(`{"worker": "worker", "task": "look"}`), nil
					case strings.HasSuffix(last, ")"):
						return model.Response{}, fault
					}
					return words("Plain."), nil
				})
				cfg := helper(patterned(pattern, "member:orders", "stage:draft", "stage:polish")) // three failures would take the model out of order
				r, err := newAgent(t, cfg, m).Turn(t.Context(), said("hello"))
				if down := fault.Unreachable; down != errors.Is(err, model.ErrUnavailable) || !down && r.Reply != "Plain." {
					t.Errorf("%v; %q %s, parts %s", err, r.Reply, r.Reason, parts(r))
				}
			})
		}
	}
}

// The trace of a pattern holds nothing that the output guardrails take out.
func TestPatternTraceIsGuarded(t *testing.T) {
	rules := []config.Guardrail{{Type: "pii_detection", Action: "redact"}}
	m := says(words(`{"steps": ["Write to ana@example.com", "Tell bob@example.com"]}`), words("ana@example.com says yes"), words("bob@example.com too"), words("Both say yes."))
	r := turnOf(t, newAgent(t, helper(patterned("plan_and_execute"), guarded(rules, rules)), m), said("Ask them."))
	if all := fmt.Sprintf("%+v", r); strings.Contains(all, "ana@") || strings.Contains(all, "bob@") || r.Reply != "Both say yes." {
		t.Errorf("an address is left in the result:\n%s", all)
	}
}

// Once the tokens of a turn are used up, one call is left, for the answer.
func TestBudgetLeavesOneCall(t *testing.T) {
	costly := func(s string) model.Response {
		r := words(s)
		r.Usage.TokensIn, r.Usage.TokensOut = 3000, 200
		return r
	}
	for pattern, replies := range map[string][]model.Response{
		"react":            {calls("datetime_now", nil), costly("We open at nine.")},
		"plan_and_execute": {costly(twoSteps), costly("It left."), costly("We open at nine.")},
		"pipeline":         {costly("a"), costly("b"), costly("We open at nine.")},
	} {
		t.Run(pattern, func(t *testing.T) {
			m := says(replies...)
			a := newAgent(t, helper(patterned(pattern)), m)
			tr := &turn{agent: a, in: said("hello"), left: a.iterations, budget: 500, clock: &workTime{}}
			tr.input, tr.output = a.guards(tr.in.Customer)
			tr.prompt = []model.Message{{Role: model.RoleUser, Content: "hello"}}
			if err := tr.openTools(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			if err := tr.converse(t.Context(), nil); err != nil || tr.answer != "We open at nine." {
				t.Errorf("%q, %v", tr.answer, err)
			}
			if sent := m.sent(); len(sent) != len(replies) || pattern != "react" && len(sent[len(sent)-1].Tools) != 0 {
				t.Errorf("%d calls, parts %s", len(sent), parts(tr.result))
			}
		})
	}
}

// The owner is told why a message was answered without its pattern.
func TestUndecidedIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		plan  model.Response
		fault error
		want  string
		calls int
	}{
		"words":  {words("I would look first."), nil, "The role planner did not write what it was asked for as JSON, twice", 3},
		"failed": {model.Response{}, &model.Error{Candidate: "test/script", Reason: "It failed inside."}, "The model of the role planner failed, so the message was answered without it: test/script: It failed inside.", 2},
		"circle": {model.Response{Content: strings.Repeat("plan ", 400), Usage: model.Usage{AnswerWasCut: true}}, nil, "twice", 3},
		"fine":   {words(`{"steps": []}`), nil, "", 2},
	} {
		t.Run(name, func(t *testing.T) {
			m := byPrompt(func(_ context.Context, last string) (model.Response, error) {
				if strings.Contains(last, "as JSON only") {
					return c.plan, c.fault
				}
				return words("Hello."), nil
			})
			r := turnOf(t, newAgent(t, helper(patterned("plan_and_execute")), m), said("hello"))
			got := ""
			for _, n := range r.Notices {
				got += n.Stage + " " + n.Text
			}
			if r.Reply != "Hello." || (got == "") != (c.want == "") || !strings.Contains(got, c.want) || len(m.sent()) != c.calls {
				t.Errorf("%q after %d calls, the owner reads %q", r.Reply, len(m.sent()), got)
			}
		})
	}
}
