package agent

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/config"
	"astromesh/runtime/model"
)

const start = "system system user"

// exchange is one talk between the loop and a model.
type exchange struct {
	name    string
	replies []model.Response
	outcome Outcome
	reply   string // or part of the reason
	calls   int    // of the model
	last    string // shape of the last prompt
	plain   bool   // the last call offered no tools
}

func exchanges() []exchange {
	now := map[string]any{"timezone": "UTC"}
	endless := words(strings.Repeat("I can help you with that. ", 60))
	endless.Usage.AnswerWasCut = true
	long := words(strings.Repeat("I can help you with that. ", 700))
	hearts := words("re: " + strings.Repeat("❤", 600))
	return []exchange{
		{"plain answer", []model.Response{words("We open at nine.")}, Answered, "We open at nine.", 1, start, false},
		{"tool and answer", []model.Response{calls("datetime_now", now), words("It is noon.")}, Answered, "It is noon.", 2,
			start + " assistant→datetime_now tool", false},
		{"two tools at once", []model.Response{
			{ToolCalls: []model.ToolCall{{ID: "1", Name: "datetime_now"}, {ID: "2", Name: "get_user_context"}}}, words("Hi Ana, it is noon."),
		}, Answered, "Hi Ana, it is noon.", 2, start + " assistant→datetime_now→get_user_context tool tool", false},
		{"call written as text", []model.Response{words(`{"name": "datetime_now", "arguments": {"timezone": "UTC"}}`), words("It is noon.")},
			Answered, "It is noon.", 2, start + " assistant→datetime_now tool", false},
		{"call written in tags", []model.Response{words("<tool_call>\n{\"name\": \"datetime_now\", \"arguments\": {}}\n</tool_call>"), words("It is noon.")},
			Answered, "It is noon.", 2, start + " assistant→datetime_now tool", false},
		{"unknown tool once", []model.Response{calls("book_table", nil), words("I cannot book.")}, Answered, "I cannot book.", 2, start + " assistant→book_table tool", false},
		{"unknown tools", []model.Response{calls("book_table", nil), calls("pay", nil), words("I cannot.")}, Answered, "I cannot.", 3,
			start + " assistant→book_table tool assistant→pay tool", true},
		{"the same call again", []model.Response{calls("datetime_now", now), calls("datetime_now", now), words("Noon.")}, Answered, "Noon.", 3,
			start + " assistant→datetime_now tool assistant→datetime_now tool", false},
		{"the same call for ever", []model.Response{calls("datetime_now", now), calls("datetime_now", now), calls("datetime_now", now), words("Noon.")},
			Answered, "Noon.", 4, start + strings.Repeat(" assistant→datetime_now tool", 3), true},
		{"looping through tools", []model.Response{calls("datetime_now", now), calls("get_user_context", nil), calls("datetime_now", now),
			calls("get_user_context", nil), words("Noon.")}, Answered, "Noon.", 5,
			start + strings.Repeat(" assistant→datetime_now tool assistant→get_user_context tool", 2), true},
		{"calls until the end", []model.Response{calls("datetime_now", now), calls("get_user_context", nil), calls("datetime_now", now),
			calls("get_user_context", nil), calls("datetime_now", now)}, Failed, "5 attempts", 5, "", true},
		{"empty once", []model.Response{words("  \n"), words("Hello.")}, Answered, "Hello.", 2, start + " user", false},
		{"empty twice", []model.Response{words("")}, Failed, "twice", 2, start + " user", false},
		{"invisible once", []model.Response{words("\u200b"), words("👍")}, Answered, "👍", 2, start + " user", false},
		{"marks alone", []model.Response{words("> {}"), words("\u2060#")}, Failed, "twice", 2, start + " user", false},
		{"a program's nothing", []model.Response{words("`null`"), words("None.")}, Answered, "None.", 2, start + " user", false},
		{"only reasoning", []model.Response{words("<think>The user greets me.</think>"), words("Hello.")}, Answered, "Hello.", 2, start + " user", false},
		{"reasoning and answer", []model.Response{words("<think>Greet.</think>\n\nHello.")}, Answered, "Hello.", 1, start, false},
		{"reasoning without end", []model.Response{words("<think>The user greets me"), words("<think>again")}, Failed, "twice", 2, start + " user", false},
		{"round in circles", []model.Response{endless, words("Hello.")}, Answered, "Hello.", 2, start + " user", false},
		{"round in circles twice", []model.Response{endless}, Failed, "repeated itself", 2, start + " user", false},
		{"round in circles for very long", []model.Response{long, words("Hello.")}, Answered, "Hello.", 2, start + " user", false},
		{"one thing many times, to an end", []model.Response{hearts}, Answered, hearts.Content, 1, start, false},
		{"garbage bytes", []model.Response{words("\xff\xfe\x00"), words("Hello.")}, Answered, "Hello.", 2, start + " user", false},
	}
}

func TestConverse(t *testing.T) {
	for _, c := range exchanges() {
		t.Run(c.name, func(t *testing.T) {
			m := says(c.replies...)
			r := turnOf(t, newAgent(t, helper(), m), said("hello"))
			sent := m.sent()
			if r.Outcome != c.outcome || !strings.Contains(r.Reply+r.Reason, c.reply) || r.Outcome == Answered && r.Reply != c.reply {
				t.Errorf("%s: %q, reason %q", r.Outcome, r.Reply, r.Reason)
			}
			last := sent[len(sent)-1]
			if len(sent) != c.calls || c.last != "" && shape(last.Messages) != c.last || (len(last.Tools) == 0) != c.plain {
				t.Errorf("%d calls, last with %d tools and %s", len(sent), len(last.Tools), shape(last.Messages))
			}
			if len(r.Prompt) != len(last.Messages) {
				t.Errorf("the trace's prompt has %d messages of %d", len(r.Prompt), len(last.Messages))
			}
		})
	}
}

func TestToolResultsReachTheModel(t *testing.T) {
	m := says(calls("datetime_now", map[string]any{"timezone": "Asia/Tokyo"}), calls("datetime_now", map[string]any{"timezone": "Mars"}),
		calls("book_table", nil), words("Done."))
	in := said("what time is it?")
	var seen []string
	in.OnStep = func(s Step) { seen = append(seen, s.Stage+"/"+s.Name) }
	r := turnOf(t, newAgent(t, helper(), m), in)
	last := m.sent()[3].Messages
	for i, want := range map[int]string{4: "21:07", 6: "Error: there is no time zone", 8: `Error: there is no tool "book_table", only: datetime_now, get_user_context`} {
		if last[i].Role != model.RoleTool || !strings.Contains(last[i].Content, want) {
			t.Errorf("message %d: %+v, want %q", i, last[i], want)
		}
	}
	if last[4].CallID != "1" || last[4].ToolName != "datetime_now" {
		t.Errorf("the result names call %q of %q", last[4].CallID, last[4].ToolName)
	}
	want := "guardrail/input memory/history model/prompt model/test/script tool/datetime_now model/test/script tool/datetime_now " +
		"model/test/script tool/book_table model/test/script guardrail/output guardrail/gate"
	if stages(r) != want || strings.Join(seen, " ") != want {
		t.Errorf("steps %s\nseen  %s\nwant  %s", stages(r), strings.Join(seen, " "), want)
	}
	if len(r.Usage) != 4 || r.Usage[0].Candidate != "test/script" {
		t.Errorf("usage %+v", r.Usage)
	}
}

func TestAllowedActions(t *testing.T) {
	for _, c := range []struct {
		name    string
		allowed *[]string
		tools   int
	}{{"absent", nil, 2}, {"one", &[]string{"datetime_now"}, 1}, {"none", &[]string{}, 0}} {
		t.Run(c.name, func(t *testing.T) {
			m := says(calls("get_user_context", nil), words("Hello."))
			cfg := helper()
			cfg.Spec.Permissions = &config.Permissions{AllowedActions: c.allowed}
			r := turnOf(t, newAgent(t, cfg, m), said("hello"))
			sent := m.sent()
			if len(sent[0].Tools) != c.tools || r.Reply != "Hello." {
				t.Errorf("%d tools offered, reply %q (%s)", len(sent[0].Tools), r.Reply, r.Reason)
			}
			if last := sent[1].Messages; c.tools == 1 && !strings.Contains(last[len(last)-1].Content, "there is no tool") {
				t.Errorf("a forbidden tool answered: %+v", last[len(last)-1])
			}
		})
	}
}

// The last of max_iterations offers no tools, also where it is the first.
func TestOneIteration(t *testing.T) {
	m := says(words("Hello."))
	cfg := helper(func(s *config.AgentSpec) { s.Orchestration.MaxIterations = 1 })
	turnOf(t, newAgent(t, cfg, m), said("hello"))
	if n := len(m.sent()[0].Tools); n != 0 {
		t.Errorf("%d tools offered", n)
	}
}

// A stream that goes round in circles is ended while it runs.
func TestEndlessStreamIsStopped(t *testing.T) {
	pieces := 0
	m := &script{name: "test/script", say: func(ctx context.Context, n int, req model.Request) (model.Response, error) {
		if n > 0 {
			return words("Sorry. Hello."), nil
		}
		for ; ctx.Err() == nil && pieces < 100_000; pieces++ {
			req.OnToken("very ")
		}
		return model.Response{}, &model.Error{Candidate: "test/script", Reason: "ended", Err: context.Cause(ctx)}
	}}
	r := turnOf(t, newAgent(t, helper(), m), said("hello"))
	if r.Reply != "Sorry. Hello." || pieces > circleMost/5+watchStride {
		t.Errorf("reply %q (%s) after %d pieces", r.Reply, r.Reason, pieces)
	}
}

// A slow model that goes round in circles is stopped long before its answer is long.
func TestSlowCircleIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{name: "test/script", say: func(ctx context.Context, n int, req model.Request) (model.Response, error) {
			if n > 0 {
				return words("Sorry. Hello."), nil
			}
			for ctx.Err() == nil {
				req.OnToken("very good, ")
				time.Sleep(100 * time.Millisecond)
			}
			return model.Response{}, &model.Error{Candidate: "test/script", Reason: "ended", Err: context.Cause(ctx)}
		}}
		a := agentOf(t, nil, helper(), m)
		began := time.Now()
		r := turnOf(t, a, forgotten("hello"))
		if took := time.Since(began); r.Reply != "Sorry. Hello." || took > 9*time.Second {
			t.Errorf("reply %q (%s) after %s", r.Reply, r.Reason, took)
		}
	})
}

func TestTimeIsUsedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{name: "test/slow", say: func(ctx context.Context, n int, _ model.Request) (model.Response, error) {
			wait := time.NewTimer(20 * time.Second)
			defer wait.Stop()
			select {
			case <-wait.C:
				return calls("datetime_now", map[string]any{"n": n}), nil
			case <-ctx.Done():
				return model.Response{}, &model.Error{Candidate: "test/slow", Reason: "ended", Err: context.Cause(ctx)}
			}
		}}
		a := agentOf(t, nil, helper(), m)
		began := time.Now()
		r := turnOf(t, a, forgotten("hello"))
		if r.Outcome != Failed || !strings.Contains(r.Reason, "worked for 30s") || time.Since(began) != 30*time.Second {
			t.Errorf("%s after %s: %s", r.Outcome, time.Since(began), r.Reason)
		}
		if r.UserText != "hello" || len(r.Remember) != 0 {
			t.Errorf("transcript %q, remembered %v", r.UserText, r.Remember)
		}
	})
}

// Time in a model server's queue is not work.
func TestQueueIsNotWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{name: "test/busy", say: func(_ context.Context, n int, req model.Request) (model.Response, error) {
			req.OnQueue(true)
			<-time.NewTimer(3 * time.Minute).C
			req.OnQueue(false)
			<-time.NewTimer(20 * time.Second).C
			return words("Hello."), nil
		}}
		if r := turnOf(t, agentOf(t, nil, helper(), m), forgotten("hello")); r.Reply != "Hello." {
			t.Errorf("%s: %s", r.Outcome, r.Reason)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		m := &script{name: "test/stuck", say: func(ctx context.Context, _ int, req model.Request) (model.Response, error) {
			req.OnQueue(true)
			defer req.OnQueue(false)
			<-ctx.Done()
			return model.Response{}, &model.Error{Candidate: "test/stuck", Err: context.Cause(ctx)}
		}}
		began := time.Now()
		r := turnOf(t, agentOf(t, nil, helper(), m), forgotten("hello"))
		if r.Outcome != Failed || time.Since(began) != 30*time.Second+maxQueued {
			t.Errorf("%s after %s", r.Outcome, time.Since(began))
		}
	})
}

func TestNoModelCanBeReached(t *testing.T) {
	down := &script{name: "test/down", say: func(context.Context, int, model.Request) (model.Response, error) {
		return model.Response{}, &model.Error{Candidate: "test/down", Unreachable: true, Reason: "Ollama does not answer."}
	}}
	a := newAgent(t, helper(), down)
	r, err := a.Turn(t.Context(), said("hello"))
	if !errors.Is(err, model.ErrUnavailable) || r.Outcome != "" || r.Reply != "" {
		t.Errorf("%v, %+v", err, r)
	}
}

func TestModelFails(t *testing.T) {
	broken := &script{name: "test/broken", say: func(context.Context, int, model.Request) (model.Response, error) {
		return model.Response{}, &model.Error{Candidate: "test/broken", Reason: "Ollama failed inside."}
	}}
	r := turnOf(t, newAgent(t, helper(), broken), said("hello"))
	if r.Outcome != Failed || !strings.Contains(r.Reason, "Ollama failed inside.") || r.UserText != "hello" || r.Passing {
		t.Errorf("%+v", r)
	}
	broken.say = func(context.Context, int, model.Request) (model.Response, error) {
		return model.Response{}, &model.Error{Candidate: "test/broken", Passing: true, Reason: "Ollama failed inside."}
	}
	if r := turnOf(t, newAgent(t, helper(), broken), said("hello")); r.Outcome != Failed || !r.Passing {
		t.Errorf("it may pass: %+v", r)
	}
	r = turnOf(t, newAgent(t, helper(), broken, says(words("Hello."))), said("hello"))
	if r.Reply != "Hello." {
		t.Errorf("no fallback: %s", r.Reason)
	}
}

func TestCallerEndsTheTurn(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	m := &script{name: "test/script", say: func(ctx context.Context, _ int, _ model.Request) (model.Response, error) {
		cancel()
		<-ctx.Done()
		return model.Response{}, &model.Error{Candidate: "test/script", Err: ctx.Err()}
	}}
	r, err := newAgent(t, helper(), m).Turn(ctx, said("hello"))
	if !errors.Is(err, context.Canceled) || r.Outcome != "" {
		t.Errorf("%v, outcome %q", err, r.Outcome)
	}
}
