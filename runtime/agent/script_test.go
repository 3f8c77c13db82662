package agent

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"astromesh/config"
	"astromesh/runtime/channel"
	"astromesh/runtime/model"
	"astromesh/store"
	"astromesh/store/storetest"
)

// script is a model that says what a test wrote down.
type script struct {
	name string
	caps model.Capabilities
	say  func(ctx context.Context, n int, req model.Request) (model.Response, error) // n counts from 0

	mu       sync.Mutex
	requests []model.Request
}

func (s *script) Name() string { return s.name }

func (s *script) Capabilities(context.Context) (model.Capabilities, error) { return s.caps, nil }

func (s *script) Warm(context.Context) error { return nil }

func (s *script) Chat(ctx context.Context, req model.Request) (model.Response, error) {
	s.mu.Lock()
	n := len(s.requests)
	s.requests = append(s.requests, req)
	s.mu.Unlock()
	r, err := s.say(ctx, n, req)
	r.Usage.Candidate = s.name
	return r, err
}

// sent gives the requests so far.
func (s *script) sent() []model.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// says makes a script of fixed answers; the last one repeats.
func says(replies ...model.Response) *script {
	return &script{name: "test/script", caps: model.Capabilities{Tools: true, Vision: true},
		say: func(_ context.Context, n int, _ model.Request) (model.Response, error) {
			return replies[min(n, len(replies)-1)], nil
		}}
}

func words(s string) model.Response { return model.Response{Content: s} }

func calls(name string, args map[string]any) model.Response {
	return model.Response{ToolCalls: []model.ToolCall{{ID: "1", Name: name, Arguments: args}}}
}

// helper is an agent file with both tools, and limits that a test can change.
func helper(change ...func(*config.AgentSpec)) *config.Agent {
	cfg := &config.Agent{Metadata: config.Metadata{Name: "helper", Version: "1"}}
	cfg.Spec = config.AgentSpec{
		Model:         config.Models{Primary: &config.Candidate{Provider: "ollama", Model: "m"}},
		Prompts:       config.Prompts{System: "You are the check assistant.\n"},
		Orchestration: config.Orchestration{MaxIterations: 5, TimeoutSeconds: config.Duration(30 * time.Second)},
		Tools:         []config.Tool{{Type: "builtin", Name: "datetime_now"}, {Type: "builtin", Name: "get_user_context"}},
		Memory:        config.Memory{Conversational: &config.ConversationalMemory{MaxTurns: 6}},
	}
	for _, c := range change {
		c(&cfg.Spec)
	}
	return cfg
}

func noon() time.Time { return time.Date(2026, 11, 23, 12, 7, 0, 0, time.UTC) }

// agentOf compiles an agent whose models are the given ones, in this order.
func agentOf(t testing.TB, st *store.Store, cfg *config.Agent, models ...model.LLM) *Agent {
	t.Helper()
	for len(models) > 1 && len(cfg.Spec.Model.Extra)+1 < len(models) {
		cfg.Spec.Model.Extra = append(cfg.Spec.Model.Extra, config.NamedCandidate{})
	}
	n := 0
	a, err := New(cfg, 1, Parts{Store: st, Now: noon, Model: func(config.Candidate) (model.LLM, error) {
		n++
		return models[n-1], nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func newAgent(t testing.TB, cfg *config.Agent, models ...model.LLM) *Agent {
	t.Helper()
	return agentOf(t, storetest.New(t), cfg, models...)
}

func said(texts ...string) Input {
	in := Input{TurnID: "t1", SessionID: "wa_34600111222", Customer: channel.Customer{Phone: "34600111222", Name: "Ana"}}
	for _, s := range texts {
		in.Said = append(in.Said, Said{Text: s})
	}
	return in
}

// forgotten is a message of nobody: no memory is read, so that a store, whose
// goroutines live on, stays out of a bubble of synctest.
func forgotten(text string) Input {
	return Input{TurnID: "t1", Said: []Said{{Text: text}}}
}

// turnOf runs a turn that must not end in an error.
func turnOf(t testing.TB, a *Agent, in Input) Result {
	t.Helper()
	r, err := a.Turn(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if (r.Outcome == Answered) != (r.Reply != "") || (r.Outcome == Answered) == (r.Reason != "") {
		t.Errorf("outcome %q with reply %q and reason %q", r.Outcome, r.Reply, r.Reason)
	}
	return r
}

// remember stores what a turn wants remembered, as the turn's commit does.
func remember(t testing.TB, st *store.Store, a *Agent, in Input, r Result) {
	t.Helper()
	var entries []store.MemoryEntry
	for _, m := range r.Remember {
		entries = append(entries, store.MemoryEntry{Agent: a.Name(), SessionID: in.SessionID, Role: string(m.Role),
			Content: m.Content, Tokens: r.Tokens(m.Content), TurnID: in.TurnID, At: store.At(noon())})
	}
	if err := st.SaveTurn(store.Turn{ID: in.TurnID, Agent: a.Name()}, entries); err != nil {
		t.Fatal(err)
	}
}

// shape is a prompt in short: "system user assistant→datetime_now tool user".
func shape(messages []model.Message) string {
	var list []string
	for _, m := range messages {
		s := string(m.Role)
		for _, c := range m.ToolCalls {
			s += "→" + c.Name
		}
		list = append(list, s)
	}
	return strings.Join(list, " ")
}

func stages(r Result) string {
	var list []string
	for _, s := range r.Steps {
		list = append(list, fmt.Sprintf("%s/%s", s.Stage, s.Name))
	}
	return strings.Join(list, " ")
}
