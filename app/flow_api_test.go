package app

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"astromesh/runtime/model/modeltest"
	"astromesh/store"

	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/types/model"
)

func TestTheJSONAPI(t *testing.T) {
	r := newRig(t, rigOptions{})
	var run struct {
		Answer string
		Usage  struct {
			Model    string
			TokensIn int `json:"tokens_in"`
		}
	}
	if status := r.api("POST", "/v1/agents/shop/run", `{"query":"by api","session_id":"s1"}`, &run); status != http.StatusOK || run.Answer != "re: by api" || !strings.HasPrefix(run.Usage.Model, "ollama/seer") || run.Usage.TokensIn == 0 {
		t.Errorf("run = %d %+v", status, run)
	}
	var fault struct {
		Error struct{ Code, Message string }
	}
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "/v1/agents/nobody/run", `{"query":"x"}`, 404}, {"POST", "/v1/agents/shop/run", `{`, 400}, {"POST", "/v1/agents/shop/run", `{}`, 400}, {"POST", "/v1/agents/shop/run", `{"query":" \u0000\n"}`, 400},
		{"GET", "/v1/agents/nobody", "", 404}, {"GET", "/v1/conversations/77", "", 404}, {"GET", "/v1/conversations/x", "", 404},
		{"GET", "/v1/events?kind=secret", "", 400}, {"GET", "/v1/events?limit=-1", "", 400}, {"GET", "/v1/none", "", 404},
	} {
		if status := r.api(c.method, c.path, c.body, &fault); status != c.status || fault.Error.Code == "" || fault.Error.Message == "" {
			t.Errorf("%s %s = %d %+v, want %d", c.method, c.path, status, fault, c.status)
		}
	}
	if known, err := r.app.userContext(r.ctx, "s1"); err != nil || len(known) > 0 {
		t.Errorf("of somebody who is no customer: %v, %v", known, err)
	}
	var memory struct{ History []any }
	if r.api("GET", "/v1/memory/shop/history/s1?limit=1", "", &memory); len(memory.History) != 1 {
		t.Errorf("history = %v", memory)
	}
	r.api("DELETE", "/v1/memory/shop/history/s1", "", nil)
	if r.api("GET", "/v1/memory/shop/history/s1", "", &memory); len(memory.History) != 0 {
		t.Errorf("history after delete = %v", memory)
	}
	if list, err := r.app.store.Audits(r.ctx, 0, 10); err != nil || !slices.ContainsFunc(list, func(a store.Audit) bool {
		return a.User == "a script" && a.Action == "memory cleared" && a.Target == "shop"
	}) {
		t.Errorf("who cleared the memory is not noted: %+v, %v", list, err)
	}
}

// TestRunSaysWhatTheCustomerWouldRead: a script is not left with an empty answer.
func TestRunSaysWhatTheCustomerWouldRead(t *testing.T) {
	r := newRig(t, rigOptions{
		channels: "    messages: {too_long: {en: \"Shorter, please.\", es: \"Más corto, por favor.\"}, blocked: \"Not here.\"}\n",
	})
	silent := func(api.ChatRequest) modeltest.Reply { return modeltest.Text("<think>nothing to say") }
	var run struct {
		Answer string
		Trace  struct{ Outcome string }
		Error  struct{ Code, Message string }
	}
	if status := r.api("POST", "/v1/agents/shop/run", `{"query":"`+strings.Repeat("Could you tell me when you open? ", 70)+`"}`, &run); status != http.StatusOK || run.Answer != "Shorter, please." || run.Trace.Outcome != "too_long" {
		t.Errorf("too long: %d %+v", status, run)
	}
	for _, name := range []string{"seer", "talker"} {
		r.ollama.Set(name, modeltest.FakeModel{Capabilities: []model.Capability{"completion"}, Answer: silent})
	}
	if status := r.api("POST", "/v1/agents/shop/run", `{"query":"hello"}`, &run); status != http.StatusBadGateway || run.Error.Code != "turn_failed" || !strings.Contains(run.Error.Message, "no answer that a customer may read") {
		t.Errorf("failed: %d %+v", status, run)
	}
	r.ollama.Down(true)
	if status := r.api("POST", "/v1/agents/shop/run", `{"query":"hello"}`, &run); status != http.StatusServiceUnavailable || run.Error.Code != "no_model" {
		t.Errorf("no model: %d %+v", status, run)
	}
}

// TestRunTellsWhatItWentOnWithout: on the Logs page, as for a customer on WhatsApp.
func TestRunTellsWhatItWentOnWithout(t *testing.T) {
	r := newRig(t, rigOptions{agent: "  output_schema: {amount: {type: integer}}\n"})
	if status := r.api("POST", "/v1/agents/shop/run", `{"query":"hello"}`, nil); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	const want = "The answer of agent shop did not fit its output_schema, twice: it went out without data."
	r.until("the event", func() bool { return strings.Contains(events(r, "model"), want) })
}

// TestAnAgentAsJSON: what its file says, and not what the file's variables hold.
func TestAnAgentAsJSON(t *testing.T) {
	r := newRig(t, rigOptions{agent: "  tools: [{type: webhook, name: order, url: 'http://127.0.0.1:9/orders', secret: '${HOOK_KEY:-sesame}'}]\n"})
	var got struct {
		Kind string
		Spec struct {
			Tools  []map[string]any
			Memory struct{ Conversational map[string]any }
		}
	}
	if status := r.api("GET", "/v1/agents/shop", "", &got); status != http.StatusOK || got.Kind != "Agent" || got.Spec.Memory.Conversational["ttl"] != 86400.0 {
		t.Errorf("%d %+v", status, got)
	}
	want := map[string]any{"type": "webhook", "name": "order", "url": "http://127.0.0.1:9/orders", "secret": "${HOOK_KEY:-sesame}"}
	if len(got.Spec.Tools) != 1 || !maps.Equal(got.Spec.Tools[0], want) {
		t.Errorf("tools %v, want %v", got.Spec.Tools, want)
	}
}

// TestRunsFoldOlderTurns: a session of the API is summed up as a customer's is.
func TestRunsFoldOlderTurns(t *testing.T) {
	r := newRig(t, rigOptions{})
	r.write("agents/shop.agent.yaml", strings.Replace(testAgent, "strategy: sliding_window, max_turns: 6", "strategy: summary, max_turns: 4", 1))
	r.until("the new file", func() bool {
		var got struct {
			Spec struct {
				Memory struct{ Conversational struct{ Strategy string } }
			}
		}
		r.api("GET", "/v1/agents/shop", "", &got)
		return got.Spec.Memory.Conversational.Strategy == "summary"
	})
	for _, name := range []string{"seer", "talker"} {
		r.ollama.Set(name, modeltest.FakeModel{Capabilities: []model.Capability{"completion"}, Answer: func(req api.ChatRequest) modeltest.Reply {
			if last := req.Messages[len(req.Messages)-1].Content; strings.HasPrefix(last, "(This is not from the customer.") {
				return modeltest.Text("The shop was asked for tea.")
			}
			return modeltest.Text("Yes.")
		}})
	}
	for i := range 4 {
		if status := r.api("POST", "/v1/agents/shop/run", `{"query":"tea?","session_id":"s1"}`, nil); status != http.StatusOK {
			t.Fatalf("run %d: %d", i, status)
		}
	}
	sent := r.ollama.Requests()
	last := sent[len(sent)-1]
	if strings.HasPrefix(last.Messages[len(last.Messages)-1].Content, "(This is not") {
		last = sent[len(sent)-2]
	}
	if !strings.Contains(last.Messages[1].Content, "The shop was asked for tea.") {
		t.Errorf("sent %+v", last.Messages)
	}
}

// TestASessionOfAnyName: it is the caller's to choose.
func TestASessionOfAnyName(t *testing.T) {
	r := newRig(t, rigOptions{})
	for _, session := range []string{"web/7", "año 1", "a%2Fb", "a+b?c", "wa_US.1349"} {
		body, err := json.Marshal(map[string]string{"query": "hello", "session_id": session})
		if err != nil {
			t.Fatal(err)
		}
		if status := r.api("POST", "/v1/agents/shop/run", string(body), nil); status != http.StatusOK {
			t.Errorf("%s: %d", session, status)
		}
		path := "/v1/memory/shop/history/" + url.PathEscape(session)
		var memory struct {
			Session string `json:"session_id"`
			History []any
		}
		if r.api("GET", path, "", &memory); len(memory.History) != 2 || memory.Session != session {
			t.Errorf("%s: %+v", session, memory)
		}
		r.api("DELETE", path, "", nil)
		if r.api("GET", path, "", &memory); len(memory.History) != 0 {
			t.Errorf("%s is still there: %+v", session, memory)
		}
	}
}
