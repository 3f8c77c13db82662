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

const twoSteps = `{"steps": ["Look up the order", "Look up the hours"]}`

func TestPatternPlanAndExecute(t *testing.T) {
	now := map[string]any{"timezone": "UTC"}
	playAll(t, patterned("plan_and_execute"), []play{
		{"two steps", nil, []model.Response{words(twoSteps), words("It is on its way."), words("Nine to six."), words("On its way; we open at nine.")},
			"On its way; we open at nine.", 4, "plan, step 1 of 2, step 2 of 2, answer"},
		{"no steps", nil, []model.Response{words(`{"steps": []}`), words("Hello.")}, "Hello.", 2, "plan"},
		{"one step", nil, []model.Response{words(`{"steps": ["Say hello"]}`), words("Hello.")}, "Hello.", 2, "plan"},
		{"a tool in a step", nil, []model.Response{words(twoSteps), calls("datetime_now", now), words("It is noon."), words("Nine."), words("Open.")},
			"Open.", 5, "plan, step 1 of 2, step 2 of 2, answer"},
		{"nearly JSON", nil, []model.Response{words("Here is my plan:\n```json\n{steps: ['Look up the order', 'Look up the hours',],}\n```"), words("a"), words("b"), words("Done.")},
			"Done.", 4, "plan, step 1 of 2, step 2 of 2, answer"},
		{"a bare list of objects", nil, []model.Response{words(`[{"step": 1, "description": "Look"}, {"step": 2, "description": "Tell"}]`), words("a"), words("b"), words("Done.")},
			"Done.", 4, "plan, step 1 of 2, step 2 of 2, answer"},
		{"taken for a call by the server", nil, []model.Response{calls("datetime_now", map[string]any{"steps": []any{"a", "b"}}), words("a"), words("b"), words("Done.")},
			"Done.", 4, "plan, step 1 of 2, step 2 of 2, answer"},
		{"bad, then repaired", nil, []model.Response{words("I would look first."), words(twoSteps), words("a"), words("b"), words("Done.")},
			"Done.", 5, "plan, step 1 of 2, step 2 of 2, answer"},
		{"bad twice", nil, []model.Response{words("I would look first."), words("And then tell."), words("We are open.")}, "We are open.", 3, "plan!"},
		{"a step that says nothing", nil, []model.Response{words(twoSteps), words(""), words(""), words("Nine."), words("Open at nine.")},
			"Open at nine.", 5, "plan, step 1 of 2!, step 2 of 2, answer"},
		{"no step says anything", nil, []model.Response{words(twoSteps), words(""), words(""), words(""), words(""), words("Hello.")},
			"Hello.", 6, "plan, step 1 of 2!, step 2 of 2!"},
		{"as many calls as allowed", iterations(4), []model.Response{words(`{"steps": ["a", "b", "c", "d", "e"]}`), words("a"), words("b"), words("Done.")},
			"Done.", 4, "plan, step 1 of 2, step 2 of 2, answer"},
		{"a bad plan costs a step", iterations(4), []model.Response{words("no"), words(twoSteps), words("a"), words("Done.")},
			"Done.", 4, "plan, step 1 of 1, answer"},
		{"too few calls for a plan", iterations(3), []model.Response{words("Hello.")}, "Hello.", 1, ""},
		{"the tool's result where no call is left to tell it", iterations(4), []model.Response{words(twoSteps), calls("datetime_now", now), calls("get_user_context", nil), words("Noon, Ana.")},
			"Noon, Ana.", 4, "plan, step 1 of 2, step 2 of 2, answer"},
		{"the plan read back", nil, []model.Response{words(twoSteps), words("a"), words("b"), words("```json\n" + twoSteps + "\n```\nWe open at nine.")},
			"We open at nine.", 4, "plan, step 1 of 2, step 2 of 2, answer"},
		{"the plan alone as the answer", nil, []model.Response{words(twoSteps), words("a"), words("b"), words(twoSteps), words("We open at nine.")},
			"We open at nine.", 5, "plan, step 1 of 2, step 2 of 2, answer"},
		{"the instruction read back", nil, []model.Response{words(twoSteps), words("a"), words("b"),
			words("Write the answer to the customer now, in the customer's language, in plain words.\nWe open at nine.")},
			"We open at nine.", 4, "plan, step 1 of 2, step 2 of 2, answer"},
	})
}

// A later step knows what the earlier ones gave, and so does who answers; the
// planner's server is told the form, and each call which part it is for.
func TestPlanHandsOn(t *testing.T) {
	m := says(words(twoSteps), words("It left on Monday."), words("Nine to six."), words("Done."))
	r := turnOf(t, newAgent(t, helper(patterned("plan_and_execute", "worker")), m), said("Where is it?"))
	sent := m.sent()
	last := func(i int) string { return sent[i].Messages[len(sent[i].Messages)-1].Content }
	if len(sent[0].Format) == 0 || len(sent[1].Format) != 0 || !strings.HasSuffix(last(0), "Write the plan now, as JSON only.)") {
		t.Errorf("formats %s, %s, asked with %q", sent[0].Format, sent[1].Format, last(0))
	}
	if !strings.Contains(last(2), "It left on Monday.") || !strings.Contains(last(3), "It left on Monday.") || !strings.Contains(last(3), "Nine to six.") {
		t.Errorf("step 2 was told %q\nthe answer %q", last(2), last(3))
	}
	if !strings.HasPrefix(last(1), "You do worker for helper.\n\n(") || strings.Contains(last(3), "You do worker") {
		t.Errorf("the worker's template: %q", last(1))
	}
	var seen []string
	for _, s := range r.Steps {
		if s.Stage == "model" && s.Name != "prompt" {
			seen = append(seen, fmt.Sprint(s.Data["part"]))
		}
	}
	if got := strings.Join(seen, ", "); got != "plan, step 1 of 2, step 2 of 2, answer" {
		t.Errorf("the calls are for %s", got)
	}
}

func TestPatternPipeline(t *testing.T) {
	playAll(t, patterned("pipeline"), []play{
		{"the usual stages", nil, []model.Response{words("Wants the hours."), words("Nine to six."), words("We open at nine.")},
			"We open at nine.", 3, "stage:analyze 1 of 3, stage:process 2 of 3, stage:synthesize 3 of 3"},
		{"the file's stages", patterned("pipeline", "stage:draft", "stage:polish"), []model.Response{words("we open nine"), words("We open at nine.")},
			"We open at nine.", 2, "stage:draft 1 of 2, stage:polish 2 of 2"},
		{"a model for one of the usual stages", patterned("pipeline", "stage:analyze"), []model.Response{words("a"), words("b"), words("We open at nine.")},
			"We open at nine.", 3, "stage:analyze 1 of 3, stage:process 2 of 3, stage:synthesize 3 of 3"},
		{"a stage that says nothing", nil, []model.Response{words(""), words(""), words("Nine."), words("We open at nine.")},
			"We open at nine.", 4, "stage:analyze 1 of 3!, stage:process 2 of 3, stage:synthesize 3 of 3"},
		{"the last stage says nothing", nil, []model.Response{words("a"), words("b"), words(""), words(""), words("Nine.")},
			"Nine.", 5, "stage:analyze 1 of 3, stage:process 2 of 3, stage:synthesize 3 of 3!"},
		{"one call", iterations(1), []model.Response{words("Nine.")}, "Nine.", 1, "stage:synthesize 3 of 3"},
		{"two calls", iterations(2), []model.Response{words("a"), words("Nine.")}, "Nine.", 2, "stage:analyze 1 of 3!, stage:process 2 of 3, stage:synthesize 3 of 3"},
		{"a tool in a stage", nil, []model.Response{words("a"), calls("datetime_now", nil), words("noon"), words("It is noon.")},
			"It is noon.", 4, "stage:analyze 1 of 3, stage:process 2 of 3, stage:synthesize 3 of 3"},
		{"until the end", iterations(3), []model.Response{words("")}, "3 attempts", 3, "stage:analyze 1 of 3!, stage:process 2 of 3!, stage:synthesize 3 of 3!"},
	})
}

func TestPatternSupervisor(t *testing.T) {
	ask := func(worker, task string) model.Response {
		return words(fmt.Sprintf(`{"worker": %q, "task": %q}`, worker, task))
	}
	answer := words(`{"answer": "On its way."}`)
	playAll(t, patterned("supervisor"), []play{
		{"at once", nil, []model.Response{answer}, "On its way.", 1, "decision"},
		{"one worker", nil, []model.Response{ask("worker", "look"), words("It left."), answer}, "On its way.", 3, "decision, worker:worker, decision"},
		{"two workers", patterned("supervisor", "worker:orders", "worker:hours"), []model.Response{ask("orders", "look"), words("It left."), ask("Hours", "when"), words("Nine."), answer},
			"On its way.", 5, "decision, worker:orders, decision, worker:hours, decision"},
		{"the words of other files", nil, []model.Response{words(`{"delegate": "worker", "task": "look"}`), words("It left."), words(`{"final_answer": "On its way."}`)},
			"On its way.", 3, "decision, worker:worker, decision"},
		{"nobody of that name, repaired", nil, []model.Response{ask("nobody", "look"), answer}, "On its way.", 2, "decision"},
		{"nobody of that name, twice", nil, []model.Response{ask("nobody", "look"), ask("nobody", "look"), words("Hello.")}, "Hello.", 3, "decision!"},
		{"no task", nil, []model.Response{words(`{"worker": "worker"}`), answer}, "On its way.", 2, "decision"},
		{"plain words twice", nil, []model.Response{words("Let me see."), words("Let me see."), words("Hello.")}, "Hello.", 3, "decision!"},
		{"bad after a worker", nil, []model.Response{ask("worker", "look"), words("It left."), words("Hm."), words("Hm."), words("It left.")},
			"It left.", 5, "decision, worker:worker, decision!, answer"},
		{"the same task again", nil, []model.Response{ask("worker", "look"), words("It left."), ask("worker", "look"), words("It left.")},
			"It left.", 4, "decision, worker:worker, decision, answer"},
		{"tasks without end", iterations(5), []model.Response{ask("worker", "1"), words("a"), ask("worker", "2"), words("b"), words("a and b.")},
			"a and b.", 5, "decision, worker:worker, decision, worker:worker, answer"},
		{"one call", iterations(1), []model.Response{words("Hello.")}, "Hello.", 1, ""},
		{"a decision as the answer", iterations(4), []model.Response{ask("worker", "look"), words("It left."), ask("worker", "look"), answer},
			"On its way.", 4, "decision, worker:worker, decision, answer"},
	})
}

func TestPatternSwarm(t *testing.T) {
	to := func(name string) model.Response { return words(fmt.Sprintf(`{"handoff": %q}`, name)) }
	playAll(t, patterned("swarm", "member:orders", "member:returns"), []play{
		{"answers itself", nil, []model.Response{words("Hello.")}, "Hello.", 1, "member:helper"},
		{"hands over", nil, []model.Response{to("orders"), words("It left.")}, "It left.", 2, "member:helper, member:orders"},
		{"hands over twice", nil, []model.Response{to("orders"), to("returns"), words("Send it back.")}, "Send it back.", 3,
			"member:helper, member:orders, member:returns"},
		{"in a fence, with words", nil, []model.Response{words("Sure:\n```json\n{'handoff': 'orders', 'task': 'where is it'}\n```"), words("It left.")},
			"It left.", 2, "member:helper, member:orders"},
		{"to nobody, repaired", nil, []model.Response{to("nobody"), to("orders"), words("It left.")}, "It left.", 3, "member:helper, member:orders"},
		{"to nobody, for ever", nil, []model.Response{to("nobody"), to("nobody"), words("Hello.")}, "Hello.", 3, "member:helper!, member:helper"},
		{"in a circle", nil, []model.Response{to("orders"), to("helper"), to("helper"), words("It left.")}, "It left.", 4,
			"member:helper, member:orders!, member:orders"},
		{"a handover as the answer of the last", nil, []model.Response{to("orders"), to("returns"), to("orders"), words("Send it back.")}, "Send it back.", 4,
			"member:helper, member:orders, member:returns"},
		{"one call", iterations(1), []model.Response{words("Hello.")}, "Hello.", 1, "member:helper"},
		{"two calls", iterations(2), []model.Response{to("orders"), words("It left.")}, "It left.", 2, "member:helper, member:orders"},
		{"nobody to hand over to", patterned("swarm"), []model.Response{words("Hello.")}, "Hello.", 1, "member:helper"},
	})
}

// byPrompt is a model that answers by what its prompt ends with.
func byPrompt(say func(ctx context.Context, last string) (model.Response, error)) *script {
	return &script{name: "test/script", caps: model.Capabilities{Tools: true},
		say: func(ctx context.Context, _ int, req model.Request) (model.Response, error) {
			return say(ctx, req.Messages[len(req.Messages)-1].Content)
		}}
}

func TestPatternParallelFanOut(t *testing.T) {
	split := `{"parts": ["Where is the order?", "When are you open?"]}`
	for _, c := range []struct {
		name  string
		roles []string
		most  int
		plan  string // the planner's words; what it is asked again brings the same
		fails string // the branch with this in it fails
		reply string
		parts int // steps of the pattern
		calls int
	}{
		{"two parts", nil, 10, split, "-", "Both.", 4, 4},
		{"one thing", nil, 10, `{"parts": []}`, "-", "Plain.", 1, 2},
		{"nearly JSON", nil, 10, "Parts: ['Where is the order?', 'When are you open?']", "-", "Both.", 4, 4},
		{"bad twice", nil, 10, "I cannot split it.", "-", "Plain.", 1, 3},
		{"a branch fails", nil, 10, split, "Your part: Where", "Both.", 4, 4},
		{"every branch fails", nil, 10, split, "Your part", "Plain.", 3, 4},
		{"named workers", []string{"worker:orders", "worker:hours", "worker:taste"}, 10, "", "-", "Both.", 4, 4},
		{"fewer calls than workers", []string{"worker:orders", "worker:hours", "worker:taste"}, 3, "", "-", "Both.", 3, 3},
		{"too few calls to split", nil, 3, split, "-", "Plain.", 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := byPrompt(func(_ context.Context, last string) (model.Response, error) {
				switch {
				case strings.Contains(last, "as JSON only"):
					return words(c.plan), nil
				case strings.Contains(last, c.fails):
					return model.Response{}, &model.Error{Candidate: "test/script", Reason: "It failed inside."}
				case strings.Contains(last, "Do this part now"):
					return words("found"), nil
				case strings.Contains(last, "Write the answer"):
					return words("Both."), nil
				}
				return words("Plain."), nil
			})
			r := turnOf(t, newAgent(t, helper(patterned("parallel_fan_out", c.roles...), iterations(c.most)), m), said("Where is it, and are you open?"))
			var n int
			if p := parts(r); p != "" {
				n = len(strings.Split(p, ", "))
			}
			if r.Reply != c.reply || n != c.parts || len(m.sent()) != c.calls {
				t.Errorf("%q %s, parts %s, %d calls", r.Reply, r.Reason, parts(r), len(m.sent()))
			}
			notForCustomers(t, r.Reply)
			sameBeginning(t, m.sent())
		})
	}
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
