package agent

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"astromesh/config"
	"astromesh/runtime/model"
	"astromesh/store"
	"astromesh/store/storetest"
)

// remembering is an agent with so many exchanges behind it, whose file names the
// strategy summary and a window of six entries.
func remembering(t *testing.T, exchanges int, m model.LLM, change ...func(*config.AgentSpec)) (*Agent, *store.Store) {
	t.Helper()
	st := storetest.New(t)
	cfg := helper(append([]func(*config.AgentSpec){func(s *config.AgentSpec) {
		s.Memory.Conversational = &config.ConversationalMemory{Strategy: "summary", MaxTurns: 6}
	}}, change...)...)
	for i := range exchanges {
		talked(t, st, i)
	}
	return agentOf(t, st, cfg, m), st
}

// talked puts one exchange into memory.
func talked(t *testing.T, st *store.Store, i int) {
	t.Helper()
	at := store.At(noon())
	turn := fmt.Sprintf("turn-%d", i)
	err := st.Remember([]store.MemoryEntry{
		{Agent: "helper", SessionID: said().SessionID, Role: "user", Content: fmt.Sprintf("question %d", i), TurnID: turn, At: at},
		{Agent: "helper", SessionID: said().SessionID, Role: "assistant", Content: fmt.Sprintf("answer %d", i), TurnID: turn, At: at},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func settle(t *testing.T, a *Agent) []Notice {
	t.Helper()
	done, err := a.Settle(t.Context(), said().SessionID, said().Customer)
	if err != nil {
		t.Fatal(err)
	}
	return done.Notices
}

// summarizes is a model that answers a summary's request with the given words.
func summarizes(say func(ctx context.Context, req model.Request) (model.Response, error)) *script {
	return &script{name: "test/script", caps: model.Capabilities{Tools: true},
		say: func(ctx context.Context, _ int, req model.Request) (model.Response, error) {
			if req.MaxTokens > 0 {
				return say(ctx, req)
			}
			return words("Here you are."), nil
		}}
}

func contents(messages []model.Message) string {
	var list []string
	for _, m := range messages {
		list = append(list, m.Content)
	}
	return strings.Join(list, "|")
}

func TestSummaryStandsForOlderTurns(t *testing.T) {
	m := summarizes(func(_ context.Context, req model.Request) (model.Response, error) {
		return words("Ana wants two cakes."), nil
	})
	a, st := remembering(t, 3, m)
	if notices := settle(t, a); len(notices) > 0 {
		t.Fatalf("notices %v", notices)
	}
	sent := m.sent()
	fold, ahead := sent[0], sent[1]
	if !fold.Background || !ahead.Background || len(fold.Tools) != len(ahead.Tools) {
		t.Errorf("the summary: background %v, %d tools; ahead: background %v, %d tools", fold.Background, len(fold.Tools), ahead.Background, len(ahead.Tools))
	}
	// The model reads the conversation's own prompt, so that what the server has
	// computed of it serves, and giving way costs nothing.
	if got := contents(fold.Messages); !strings.HasPrefix(got, "You are the check assistant.|question 0|answer 0|question 1|answer 1|question 2|answer 2|(This is not from the customer.") {
		t.Errorf("it is asked for with %q", got)
	}
	turnOf(t, a, said("and now?"))
	sent = m.sent()
	got := contents(sent[len(sent)-1].Messages)
	if !strings.HasPrefix(got, contents(ahead.Messages)) {
		t.Errorf("the next prompt does not begin as computed ahead:\n%s\n%s", contents(ahead.Messages), got)
	}
	if strings.Count(got, "Ana wants two cakes.") != 1 || strings.Contains(got, "question 0") || !strings.Contains(got, "question 1") {
		t.Errorf("the prompt holds the summary and what it covers: %q", got)
	}
	kept, err := st.MemoryHistory(t.Context(), a.Name(), said().SessionID, 50)
	if err != nil || len(kept) != 6 {
		t.Errorf("%d entries are kept beside it, %v", len(kept), err)
	}
	// The next one is made of the last one.
	talked(t, st, 3)
	talked(t, st, 4)
	settle(t, a)
	sent = m.sent()
	if again := contents(sent[len(sent)-2].Messages); !strings.Contains(again, "Ana wants two cakes.|question 1|") {
		t.Errorf("the second summary is made of %q", again)
	}
	w, err := st.MemoryWindow(t.Context(), a.Name(), said().SessionID)
	if err != nil || w.Covered != w.First || w.Covered < 4 || w.Seen != 10 {
		t.Errorf("window %+v, %v", w, err)
	}
}

// Whatever the model makes of it, the window goes on, and the owner reads why
// there is no summary.
func TestSummaryThatFailsIsSaid(t *testing.T) {
	const key = "4111 1111 1111 1111"
	for name, c := range map[string]struct {
		reply  model.Response
		err    error
		want   string // of the notice; "" = none
		kept   string // of the summary
		output []config.Guardrail
	}{
		"a missing model": {err: &model.Error{Candidate: "ollama/none", Unreachable: true, Reason: "The model none is not there."}, want: "The model none is not there."},
		"no words":        {reply: words(" \n"), want: "nothing that can be read"},
		"reasoning alone": {reply: words("<think>What to write</think>"), want: "nothing that can be read"},
		"a circle":        {reply: words("Ana wants cake." + strings.Repeat(" and then", 200)), want: "repeated itself"},
		"calls of tools":  {reply: calls("datetime_now", nil), want: "nothing that can be read"},
		"blocked": {reply: words("Ana pays with " + key + "."), want: "pii_detection blocked it",
			output: []config.Guardrail{{Type: "pii_detection", Action: "block"}}},
		"hidden": {reply: words("Ana pays with " + key + "."), kept: "Ana pays with [REDACTED_CC].",
			output: []config.Guardrail{{Type: "pii_detection", Action: "redact"}}},
		"broken off": {reply: model.Response{Content: "Ana wants two cakes. They should", Usage: model.Usage{AnswerWasCut: true}}, kept: "Ana wants two cakes."},
	} {
		t.Run(name, func(t *testing.T) {
			m := summarizes(func(context.Context, model.Request) (model.Response, error) { return c.reply, c.err })
			a, st := remembering(t, 3, m, func(s *config.AgentSpec) { s.Guardrails.Output = c.output })
			var told strings.Builder
			for _, n := range settle(t, a) {
				told.WriteString(n.Text)
			}
			if (c.want == "") != (told.Len() == 0) || !strings.Contains(told.String(), c.want) {
				t.Errorf("told %q, want %q", told.String(), c.want)
			}
			w, err := st.MemoryWindow(t.Context(), a.Name(), said().SessionID)
			if err != nil || w.Summary != c.kept || w.First == 0 {
				t.Errorf("window %+v, %v; want summary %q", w, err, c.kept)
			}
			if r := turnOf(t, a, said("and now?")); r.Outcome != Answered {
				t.Errorf("the turn: %s", r.Reason)
			}
		})
	}
}

// What fell out of the window while no summary could be written is in the next one.
func TestSummaryCatchesUp(t *testing.T) {
	var read []string
	broken := true
	m := summarizes(func(_ context.Context, req model.Request) (model.Response, error) {
		if broken {
			return model.Response{}, &model.Error{Candidate: "test/script", Reason: "It fails."}
		}
		read = append(read, contents(req.Messages))
		return words(fmt.Sprintf("Summary %d.", len(read))), nil
	})
	a, st := remembering(t, 12, m)
	settle(t, a)
	broken = false
	talked(t, st, 12)
	talked(t, st, 13)
	if notices := settle(t, a); len(notices) > 0 {
		t.Fatal(notices)
	}
	all := strings.Join(read, "\n")
	for i := range 12 {
		if !strings.Contains(all, fmt.Sprintf("question %d|", i)) {
			t.Errorf("question %d was never folded", i)
		}
	}
	w, err := st.MemoryWindow(t.Context(), a.Name(), said().SessionID)
	if err != nil || w.Covered != w.First || w.Summary != fmt.Sprintf("Summary %d.", len(read)) || len(read) < 3 {
		t.Errorf("after %d calls: %+v, %v", len(read), w, err)
	}
}

// A customer writes while the summary is made: it gives way, and nothing changes.
func TestSummaryGivesWay(t *testing.T) {
	m := summarizes(func(context.Context, model.Request) (model.Response, error) {
		return model.Response{}, model.ErrGaveWay
	})
	a, st := remembering(t, 3, m)
	if notices := settle(t, a); len(notices) > 0 {
		t.Errorf("notices %v", notices)
	}
	if w, err := st.MemoryWindow(t.Context(), a.Name(), said().SessionID); err != nil || w.At != 0 {
		t.Errorf("window %+v, %v", w, err)
	}
}

// A turn is deleted while its summary is written: nothing of it survives.
func TestSummaryOfADeletedTurnIsNotKept(t *testing.T) {
	var st *store.Store
	m := summarizes(func(ctx context.Context, _ model.Request) (model.Response, error) {
		_, err := st.ForgetTurn("helper", said().SessionID, 0)
		return words("It tells of question 0."), err
	})
	var a *Agent
	a, st = remembering(t, 3, m)
	settle(t, a)
	w, err := st.MemoryWindow(t.Context(), a.Name(), said().SessionID)
	if err != nil || w.Summary != "" {
		t.Errorf("kept %+v, %v", w, err)
	}
}

// The program is killed while a summary is written: the context ends, nothing is
// said, nothing is lost, and the next quiet moment makes it.
func TestSummaryAfterAStop(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	first := true
	m := summarizes(func(ctx context.Context, _ model.Request) (model.Response, error) {
		if first {
			first = false
			stop()
			return model.Response{}, ctx.Err()
		}
		return words("Ana wants two cakes."), nil
	})
	a, st := remembering(t, 3, m)
	if done, err := a.Settle(ctx, said().SessionID, said().Customer); len(done.Notices) > 0 || err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v, %v", done.Notices, err)
	}
	settle(t, a)
	if w, err := st.MemoryWindow(t.Context(), a.Name(), said().SessionID); err != nil || w.Summary != "Ana wants two cakes." {
		t.Errorf("window %+v, %v", w, err)
	}
}
