package app

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/agent"
	"astromesh/runtime/model/modeltest"
	"astromesh/store"
)

// everyTool is the part of an agent's file that declares the program's own tools.
const everyTool = `  tools:
    - {type: builtin, name: send_message}
    - {type: builtin, name: hand_over}
    - {type: builtin, name: cache_store}
    - {type: builtin, name: json_transform}
    - {type: builtin, name: text_summarize}
    - {type: builtin, name: get_user_context, rate_limit: {window_seconds: 600, max_calls: 1}}
`

// toolRig is the program on a real Ollama whose model calls a tool for each
// question.
func toolRig(t *testing.T) *rig {
	t.Helper()
	server := modeltest.Start(t)
	server.Create(t, "seer", modeltest.Script{Default: "How can I help?", Replies: map[string]string{"long-story?": "A lamp was sold."}})
	call := func(name string, args map[string]any) modeltest.Call {
		return modeltest.Call{Name: name, Arguments: args}
	}
	server.Create(t, "talker", modeltest.Script{
		Default: "How can I help?",
		ToolCalls: map[string]modeltest.Call{
			"send-code?":  call("send_message", map[string]any{"text": "Your code: **4471**. Questions to boss@example.org."}),
			"my-size?":    call("cache_store", map[string]any{"action": "set", "key": "size", "value": 42}),
			"which-size?": call("cache_store", map[string]any{"action": "get", "key": "Size"}),
			"names?":      call("json_transform", map[string]any{"input": `{"items":[{"name":"Lamp"},{"name":"Bulb"}]}`, "expression": "items[].name"}),
			"in-short?":   call("text_summarize", map[string]any{"text": "It was a dark night. A long-story?"}),
			"human?":      call("hand_over", map[string]any{"reason": "wants a refund, writes from ana@example.org"}),
			"who-am-i?":   call("get_user_context", map[string]any{}),
		},
		AfterTool: map[string]string{
			"send_message": "It is on its way.", "cache_store": "Noted.", "json_transform": "A lamp and a bulb.",
			"text_summarize": "That is all.", "hand_over": "Somebody will write to you.", "get_user_context": "You are Ana.",
		},
	})
	r := newRig(t, rigOptions{agent: everyTool})
	r.env["FAKE_OLLAMA"] = server.URL
	r.restart()
	return r
}

// lastTurn is the newest turn of a customer, and what its tools gave.
func lastTurn(r *rig, c store.Conversation) (turn store.Turn, results map[string]string) {
	r.t.Helper()
	lines, err := r.app.store.Transcript(r.ctx, c.ID, 0, 100)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, l := range lines {
		if l.TurnID != "" {
			if turn, err = r.app.store.Turn(r.ctx, l.TurnID); err != nil {
				r.t.Fatal(err)
			}
		}
	}
	var trace struct{ Steps []agent.Step }
	if err := json.Unmarshal([]byte(turn.Trace), &trace); err != nil {
		r.t.Fatal(err)
	}
	results = map[string]string{}
	for _, s := range trace.Steps {
		if s.Stage == "tool" {
			results[s.Name], _ = s.Data["result"].(string)
		}
	}
	return turn, results
}

// asks has Ana ask, read an answer, and gives what the tool told the model.
func (r *rig) asks(question, answer, tool string) string {
	r.t.Helper()
	n := count(r.read(ana), answer)
	r.post(r.meta.Text(ana, question))
	r.until(answer, func() bool { return count(r.read(ana), answer) == n+1 })
	r.idle()
	_, results := lastTurn(r, conversationOf(r, ana))
	return results[tool]
}

// Each of the program's own tools, from the question over a real Ollama to what
// the customer reads.
func TestBuiltinToolsOnARealOllama(t *testing.T) {
	r := toolRig(t)
	// A message of its own goes out before the reply, past the same guardrails.
	if got := r.asks("the code, send-code?", "It is on its way.", "send_message"); !strings.Contains(got, "will reach the customer") {
		t.Errorf("send_message: %q", got)
	}
	if got := r.read(ana); !slices.Equal(got, []string{"Your code: *4471*. Questions to [REDACTED_EMAIL].", "It is on its way."}) {
		t.Errorf("Ana read %q", got)
	}
	if got := r.asks("names?", "A lamp and a bulb.", "json_transform"); got != `["Lamp","Bulb"]` {
		t.Errorf("json_transform: %q", got)
	}
	if got := r.asks("in-short?", "That is all.", "text_summarize"); got != "A lamp was sold." {
		t.Errorf("text_summarize: %q", got)
	}
	if turn, _ := lastTurn(r, conversationOf(r, ana)); strings.Count(turn.Trace, `"candidate":"ollama/`) < 3 {
		t.Errorf("the summary's cost is missing in %s", turn.Trace)
	}
	// The second look within ten minutes is one too many; the turn goes on.
	r.asks("who-am-i?", "You are Ana.", "get_user_context")
	if got := r.asks("who-am-i?", "You are Ana.", "get_user_context"); !strings.Contains(got, "called too often") {
		t.Errorf("the second call: %q", got)
	}
	r.until("the event", func() bool {
		return strings.Contains(events(r, "model"), "The tool get_user_context was called more than 1 times in 10m0s")
	})
}

// What cache_store keeps outlives the program, belongs to one customer, and goes
// with them.
func TestCacheStoreOutlivesTheProgram(t *testing.T) {
	r := toolRig(t)
	r.asks("my-size?", "Noted.", "cache_store")
	r.restart()
	if got := r.asks("which-size?", "Noted.", "cache_store"); got != "42" {
		t.Errorf("after a restart it is %q", got)
	}
	c := conversationOf(r, ana)
	proof, err := r.app.store.Erase(r.ctx, c.ID)
	if err != nil || !proof.Clean() {
		t.Fatalf("%+v, %v", proof, err)
	}
	if kept, err := r.app.store.KeptOf(r.ctx, "shop", c.SessionID); err != nil || len(kept) > 0 {
		t.Errorf("still kept: %v, %v", kept, err)
	}
	if got := r.asks("which-size?", "Noted.", "cache_store"); !strings.Contains(got, "nothing is kept") {
		t.Errorf("after erasing it is %q", got)
	}
}

// The agent calls a person, says so, and is silent until somebody hands back.
func TestHandOverSilencesTheAgent(t *testing.T) {
	r := toolRig(t)
	r.asks("human?", "Somebody will write to you.", "hand_over")
	c := conversationOf(r, ana)
	if !c.Taken(time.Now()) || c.TakenBy != store.TakenByAgent || c.TakenUntil != store.UntilHandedBack {
		t.Errorf("taken until %v by %q", c.TakenUntil.Time(), c.TakenBy)
	}
	if want := "The agent calls for a person: wants a refund, writes from [REDACTED_EMAIL]"; c.NeedsPerson != want {
		t.Errorf("needs %q, want %q", c.NeedsPerson, want)
	}
	r.post(r.meta.Text(ana, "names?"))
	r.idle()
	r.restart() // silence is on disk
	r.post(r.meta.Text(ana, "hello?"))
	r.idle()
	if got := r.read(ana); !slices.Equal(got, []string{"Somebody will write to you."}) {
		t.Errorf("Ana read %q", got)
	}
	if err := r.app.store.HandBack(c.ID, "Olga"); err != nil {
		t.Fatal(err)
	}
	r.asks("names?", "A lamp and a bulb.", "json_transform")
	want := []string{"customer: human?", "agent: Somebody will write to you.", "system: wants a refund, writes from [REDACTED_EMAIL]",
		"customer: names?", "customer: hello?", "system: Olga", "customer: names?", "agent: A lamp and a bulb."}
	if got := transcript(r, c.ID); !slices.Equal(got, want) {
		t.Errorf("transcript %q", got)
	}
}

// Over the JSON API nothing is sent: what would have been is in the answer.
func TestToolEffectsOverTheAPI(t *testing.T) {
	r := toolRig(t)
	run := func(query string) (got struct {
		Answer string
		Before []string `json:"messages_before"`
		Hand   string   `json:"hand_over"`
		Steps  []agent.Step
	}) {
		t.Helper()
		if code := r.api("POST", "/v1/agents/shop/run", `{"query": "`+query+`", "session_id": "web-1"}`, &got); code != 200 {
			t.Fatalf("%s: %d", query, code)
		}
		return got
	}
	if got := run("send-code?"); got.Answer != "It is on its way." || !slices.Equal(got.Before, []string{"Your code: **4471**. Questions to [REDACTED_EMAIL]."}) {
		t.Errorf("%+v", got)
	}
	if got := run("human?"); got.Hand != "wants a refund, writes from [REDACTED_EMAIL]" {
		t.Errorf("hand_over %q", got.Hand)
	}
	run("my-size?")
	if kept, err := r.app.store.KeptOf(r.ctx, "shop", "web-1"); err != nil || len(kept) != 1 || kept[0].Value != "42" {
		t.Errorf("kept %v, %v", kept, err)
	}
}
