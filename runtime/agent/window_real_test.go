package agent

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"astromesh/config"
	"astromesh/runtime/channel"
	"astromesh/runtime/memory"
	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"
	"astromesh/store"
	"astromesh/store/storetest"
)

// summaryAsked is the end of the message that asks for a summary: a scripted model
// answers by what a message ends with.
const summaryAsked = "Write plain sentences and nothing else.)"

// remembersFor compiles an agent with a memory of its own on a real server.
func remembersFor(t *testing.T, server *modeltest.Server, st *store.Store, name string, m config.ConversationalMemory, change ...func(*config.AgentSpec)) *Agent {
	t.Helper()
	cfg := helper(append([]func(*config.AgentSpec){func(s *config.AgentSpec) {
		s.Tools = nil
		s.Orchestration.TimeoutSeconds = config.Duration(5 * time.Minute) // a busy machine
		s.Memory.Conversational = &m
		s.Model.Primary = &config.Candidate{Provider: "ollama", Model: name, Endpoint: server.URL, Parameters: map[string]any{"num_ctx": 4096}}
	}}, change...)...)
	a, err := New(cfg, 1, Parts{Store: st, Now: noon, Servers: model.NewServers(model.Options{})})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// chat plays exchanges, each followed by a quiet moment.
func chat(t *testing.T, st *store.Store, a *Agent, texts ...string) (last Result, notices []Notice) {
	t.Helper()
	for _, text := range texts {
		in := said(text)
		in.TurnID = fmt.Sprintf("%s-%d", text, time.Now().UnixNano())
		last = turnOf(t, a, in)
		remember(t, st, a, in, last)
		more, err := a.Settle(t.Context(), in.SessionID, in.Customer)
		if err != nil {
			t.Fatal(err)
		}
		notices = append(notices, more.Notices...)
	}
	return last, notices
}

// A real Ollama writes the summary, and reads it in the next prompt.
func TestMemorySummaryOnARealServer(t *testing.T) {
	server := modeltest.Start(t)
	server.Create(t, "shop", modeltest.Script{
		Default: "Certainly.", Replies: map[string]string{summaryAsked: "Ana ordered twelve rolls for Friday."},
	})
	st := storetest.New(t)
	a := remembersFor(t, server, st, "shop", config.ConversationalMemory{Strategy: "summary", MaxTurns: 6})
	last, notices := chat(t, st, a, "Twelve rolls, please", "For Friday", "I am Ana", "Thank you", "And the price?")
	if len(notices) > 0 {
		t.Fatal(notices)
	}
	w, err := st.MemoryWindow(t.Context(), a.Name(), said().SessionID)
	if err != nil || w.Summary != "Ana ordered twelve rolls for Friday." || w.Covered == 0 || w.Covered != w.First || w.Tokens == 0 {
		t.Errorf("window %+v, %v", w, err)
	}
	var prompt strings.Builder
	for _, m := range last.Prompt {
		prompt.WriteString(m.Content + "|")
	}
	if got := prompt.String(); !strings.Contains(got, "Ana ordered twelve rolls for Friday.|") || strings.Contains(got, "Twelve rolls, please") {
		t.Errorf("the last prompt: %s", got)
	}
	if all, err := st.MemoryHistory(t.Context(), a.Name(), said().SessionID, 50); err != nil || len(all) != 10 {
		t.Errorf("%d entries are kept, %v", len(all), err)
	}
}

// The role summary may name a model of its own; where that is missing, the agent
// answers on and its owner reads which one it is.
func TestMemorySummaryByAMissingModel(t *testing.T) {
	server := modeltest.Start(t)
	server.Create(t, "shop", modeltest.Script{Default: "Certainly."})
	st := storetest.New(t)
	a := remembersFor(t, server, st, "shop", config.ConversationalMemory{Strategy: "summary", MaxTurns: 6}, func(s *config.AgentSpec) {
		s.Model.Roles = map[string]config.ModelRole{"summary": {Candidates: []config.Candidate{{Provider: "ollama", Model: "nowhere", Endpoint: server.URL}}}}
	})
	last, notices := chat(t, st, a, "one", "two", "three", "four")
	if last.Reply != "Certainly." || len(last.Prompt) == 0 {
		t.Errorf("answered %q", last.Reply)
	}
	if len(notices) == 0 || !strings.Contains(notices[0].Text, "nowhere") || !strings.Contains(notices[0].Text, "goes on without it") {
		t.Errorf("notices %v", notices)
	}
}

// token_budget counts as the model does: with a model of one token a byte, three
// times as much as an estimate would.
func TestMemoryTokenBudgetOnARealServer(t *testing.T) {
	server := modeltest.Start(t)
	server.Create(t, "bytes", modeltest.Script{Default: strings.TrimSpace(strings.Repeat("so ", 15))})
	const most = 600
	st := storetest.New(t)
	a := remembersFor(t, server, st, "bytes", config.ConversationalMemory{Strategy: "token_budget", MaxTokens: most})
	for i := range 12 {
		text := fmt.Sprintf("%02d %s", i, strings.Repeat("why? ", 9))
		last, _ := chat(t, st, a, text)
		past, err := memory.Load(t.Context(), st, a.memory, a.Name(), said().SessionID, noon())
		if err != nil {
			t.Fatal(err)
		}
		bytes := 0
		for _, e := range past.Entries {
			bytes += len(e.Content)
		}
		if bytes > most {
			t.Fatalf("message %d: the next prompt holds %d tokens of history, of %d", i, bytes, most)
		}
		if i > 8 && (bytes < most/3 || past.Start == 0) {
			t.Errorf("message %d: %d tokens from entry %d on", i, bytes, past.Start)
		}
		if in := last.Usage[0].TokensIn; in > most+400 { // the system prompt, the time and the question
			t.Errorf("message %d: the model has read %d tokens", i, in)
		}
	}
}

// The aim of the window, in tokens, which no other program on the machine can
// change: what the server computes while a customer waits is no more than with a
// history that is never trimmed, at every message, also where the window moved.
func TestWindowComputesNoMoreThanAnUntrimmedHistory(t *testing.T) {
	server := modeltest.Start(t, "OLLAMA_DEBUG=1")
	server.Create(t, "bytes", modeltest.Script{Default: "As you like it.", Replies: map[string]string{summaryAsked: "They speak of a play."}})
	computed := func(m config.ConversationalMemory) (list []int, moved int) {
		st := storetest.New(t)
		a := remembersFor(t, server, st, "bytes", m, func(s *config.AgentSpec) {
			s.Prompts.System = fmt.Sprintf("%s %d: speak.", m.Strategy, m.MaxTurns) // no two share a beginning
		})
		ahead := spied(a)
		before := int64(0)
		for i := range 30 {
			n := len(server.Reads(t, 0))
			in := said(fmt.Sprintf("message %02d", i))
			in.TurnID = fmt.Sprint("t", i)
			r := turnOf(t, a, in)
			list = append(list, server.Reads(t, n+1)[n].Computed)
			remember(t, st, a, in, r)
			if _, err := a.Settle(t.Context(), in.SessionID, in.Customer); err != nil {
				t.Fatal(err)
			}
			past, err := memory.Load(t.Context(), st, a.memory, a.Name(), in.SessionID, noon())
			if err != nil || len(past.Entries) > m.MaxTurns {
				t.Fatalf("%d entries, %v", len(past.Entries), err)
			}
			if past.Start != before {
				moved++
			}
			before = past.Start
			server.Reads(t, n+1+len(*ahead))
			*ahead = nil
		}
		return list, moved
	}
	never, _ := computed(config.ConversationalMemory{MaxTurns: 1000})
	for _, m := range []config.ConversationalMemory{{MaxTurns: 12}, {Strategy: "summary", MaxTurns: 12}, {MaxTurns: 4}} {
		ours, moved := computed(m)
		t.Logf("%s %d: moved %d times; computed while the customer waits %v, never trimmed %v", m.Strategy, m.MaxTurns, moved, ours, never)
		if moved < 5 {
			t.Errorf("%+v: the window moved %d times in 30 messages", m, moved)
		}
		for i := 1; i < len(ours); i++ { // the first one reads a system prompt of another length
			if ours[i]*5 > never[i]*6 {
				t.Errorf("%+v, message %d: %d tokens, and %d where nothing is trimmed", m, i+1, ours[i], never[i])
			}
		}
	}
}

// Four customers in turn share what one server keeps: none pays more than with a
// history that is never trimmed.
func TestWindowOfFourCustomersInTurn(t *testing.T) {
	server := modeltest.Start(t, "OLLAMA_DEBUG=1")
	server.Create(t, "bytes", modeltest.Script{Default: "As you like it."})
	computed := func(limit int) (list []int) {
		st := storetest.New(t)
		a := remembersFor(t, server, st, "bytes", config.ConversationalMemory{MaxTurns: limit}, func(s *config.AgentSpec) {
			s.Prompts.System = fmt.Sprintf("%4d: speak.", limit)
		})
		ahead := spied(a)
		for i := range 40 {
			n := len(server.Reads(t, 0))
			phone := fmt.Sprint("3460011122", i%4)
			in := Input{TurnID: fmt.Sprint("t", i), SessionID: "wa_" + phone, Customer: channel.Customer{Phone: phone, Name: "Ana"}, Said: []Said{{Text: fmt.Sprintf("message %02d", i)}}}
			r := turnOf(t, a, in)
			list = append(list, server.Reads(t, n+1)[n].Computed)
			remember(t, st, a, in, r)
			if _, err := a.Settle(t.Context(), in.SessionID, in.Customer); err != nil {
				t.Fatal(err)
			}
			server.Reads(t, n+1+len(*ahead))
			*ahead = nil
		}
		return list
	}
	never, ours := computed(1000), computed(8)
	t.Logf("computed %v, never trimmed %v", ours, never)
	for i := range ours {
		if i > 0 && ours[i]*5 > never[i]*6 { // the first one reads a system prompt of another length
			t.Errorf("message %d: %d tokens, and %d where nothing is trimmed", i+1, ours[i], never[i])
		}
	}
	if ours[39]*2 > never[39]*3/2 {
		t.Errorf("the window saves nothing: %d of %d tokens", ours[39], never[39])
	}
}
