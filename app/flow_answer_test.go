package app

import (
	"strings"
	"testing"

	"astromesh/runtime/model/modeltest"
	"astromesh/store"
)

const frontAgent = `apiVersion: astromesh/v1
kind: Agent
metadata: {name: shop, version: "1.0.0"}
spec:
  identity: {display_name: Shop}
  model: {primary: {provider: ollama, model: "front", endpoint: "${FAKE_OLLAMA}"}}
  prompts: {system: "You are the shop's assistant."}
  guardrails: {output: [{type: pii_detection, action: redact}]}
  tools:
    - {type: agent, name: stock}
    - {type: client, name: note_order, parameters: {what: string, mail: {type: string}}}
    - {type: builtin, name: datetime_now}
`

const stockAgent = `apiVersion: astromesh/v1
kind: Agent
metadata: {name: stock, version: "1.0.0"}
spec:
  identity: {display_name: Stock, description: Knows what is left.}
  model: {primary: {provider: ollama, model: "back", endpoint: "${FAKE_OLLAMA}"}}
  prompts: {system: "You know the stock."}
`

const formAgent = `apiVersion: astromesh/v1
kind: Agent
metadata: {name: form, version: "1.0.0"}
spec:
  model: {primary: {provider: ollama, model: "forms", endpoint: "${FAKE_OLLAMA}"}}
  prompts:
    system: Help. {% include "tone" %}
    templates: {tone: Be kind.}
  guardrails: {output: [{type: pii_detection, action: redact}]}
  output_schema: {score: {type: integer}, mail: {type: string}}
`

// answerRig is the program on a real Ollama, with an agent that has other agents,
// programs and forms to work with.
func answerRig(t *testing.T) *rig {
	t.Helper()
	server := modeltest.Start(t)
	server.Create(t, "front", modeltest.Script{
		Default: "How can I help?",
		ToolCalls: map[string]modeltest.Call{
			"any-tea?":   {Name: "stock", Arguments: map[string]any{"query": "is there tea-left?"}},
			"order-tea?": {Name: "note_order", Arguments: map[string]any{"what": "tea", "mail": "ana@example.org"}},
		},
		Replies: map[string]string{
			"as-text?":  "I will call `note_order` with {'what': 'green tea',}",
			"in-code?":  "```tool_code\nprint(note_order(what=\"black tea\"))\n```",
			"mentions?": "Our form is called `note_order`: it takes {what} you want.",
		},
		AfterTool: map[string]string{"stock": "Yes, we have tea.", "note_order": "We will see to it."},
	})
	server.Create(t, "back", modeltest.Script{Default: "Nothing is left.", Replies: map[string]string{"tea-left?": "Three boxes."}})
	server.Create(t, "forms", modeltest.Script{
		Default: "Good.",
		Replies: map[string]string{"in-form?": `{"reply": "Thank you!", "data": {"mail": "ana@example.org", "score": 8}}`},
	})
	r := newRig(t, rigOptions{})
	r.env["FAKE_OLLAMA"] = server.URL
	r.write("agents/shop.agent.yaml", frontAgent)
	r.write("agents/stock.agent.yaml", stockAgent)
	r.write("agents/form.agent.yaml", formAgent)
	r.restart()
	return r
}

// turnsOf are a customer's turns, newest first.
func turnsOf(r *rig) []store.Turn {
	r.t.Helper()
	list, err := r.app.store.Conversations(r.ctx, 0, 10)
	if err != nil || len(list) == 0 {
		r.t.Fatalf("%d conversations, %v", len(list), err)
	}
	lines, err := r.app.store.Transcript(r.ctx, list[0].ID, 0, 100)
	if err != nil {
		r.t.Fatal(err)
	}
	var turns []store.Turn
	seen := map[string]bool{"": true}
	for i := len(lines) - 1; i >= 0; i-- {
		if id := lines[i].TurnID; !seen[id] {
			seen[id] = true
			turn, err := r.app.store.Turn(r.ctx, id)
			if err != nil {
				r.t.Fatal(err)
			}
			turns = append(turns, turn)
		}
	}
	return turns
}

// TestRealAgentAsTool: a customer asks, an agent asks another, both on a real
// Ollama; the step of the other stands in the reasons.
func TestRealAgentAsTool(t *testing.T) {
	r := answerRig(t)
	r.post(r.meta.Text(ana, "any-tea?"))
	r.reads(ana, "Yes, we have tea.")
	if turn := turnsOf(r)[0]; !strings.Contains(turn.Trace, `"name":"stock: ollama/back`) || !strings.Contains(turn.Trace, "Three boxes.") {
		t.Errorf("trace %s", turn.Trace)
	}
	// The other is taken out of service: the tool is not offered, an event says so.
	r.remove("agents/stock.agent.yaml")
	r.until("the reload", func() bool { _, ok := r.app.agents.Get("stock"); return !ok })
	r.post(r.meta.Text(ana, "any-tea?"))
	r.until("the second answer", func() bool { return len(r.read(ana)) == 2 })
	r.until("the event", func() bool {
		said := events(r, "")
		return strings.Contains(said, `no agent "stock" in service`) || strings.Contains(said, "The agent stock is not in service any more")
	})
}

// TestRealToolCallAsText: the model writes its call into the text. It is made, and
// the customer reads the answer alone.
func TestRealToolCallAsText(t *testing.T) {
	r := answerRig(t)
	for i, c := range [][2]string{
		{"as-text?", "We will see to it."}, {"in-code?", "We will see to it."}, {"mentions?", "Our form is called `note_order`: it takes {what} you want."},
	} {
		r.post(r.meta.Text(ana, c[0]))
		r.until(c[0], func() bool { return len(r.read(ana)) == i+1 })
		if got := r.read(ana)[i]; got != c[1] {
			t.Errorf("%s: read %q, want %q", c[0], got, c[1])
		}
	}
	turns := turnsOf(r)
	if turns[0].Noted != "" || turns[1].Noted != `[{"tool":"note_order","arguments":{"what":"black tea"}}]` || turns[2].Noted != `[{"tool":"note_order","arguments":{"what":"green tea"}}]` {
		t.Errorf("noted %q, %q, %q", turns[0].Noted, turns[1].Noted, turns[2].Noted)
	}
}

// TestRealClientTool: on WhatsApp the call stays with the turn, without what the
// guardrails take out; over the API it is the program's that asked.
func TestRealClientTool(t *testing.T) {
	r := answerRig(t)
	r.post(r.meta.Text(ana, "order-tea?"))
	r.reads(ana, "We will see to it.")
	if got, want := turnsOf(r)[0].Noted, `[{"tool":"note_order","arguments":{"mail":"[REDACTED_EMAIL]","what":"tea"}}]`; got != want {
		t.Errorf("noted %s, want %s", got, want)
	}
	r.until("the event", func() bool { return strings.Contains(events(r, "message"), "The agent noted a call of note_order") })
	var answer struct {
		Answer string `json:"answer"`
		Calls  []struct {
			ID        string         `json:"id"`
			Name      string         `json:"name"`
			Arguments map[string]any `json:"arguments"`
		} `json:"client_calls"`
		Data any `json:"data"`
	}
	if code := r.api("POST", "/v1/agents/shop/run", `{"query": "order-tea?"}`, &answer); code != 200 {
		t.Fatalf("status %d", code)
	}
	if answer.Answer != "We will see to it." || len(answer.Calls) != 1 || answer.Calls[0].ID == "" || answer.Calls[0].Name != "note_order" ||
		answer.Calls[0].Arguments["what"] != "tea" || answer.Data != nil {
		t.Errorf("%+v", answer)
	}
}

// TestRealOutputSchema: the server is told the form; the words go out, the data
// stays with the turn, without what the guardrails take out.
func TestRealOutputSchema(t *testing.T) {
	r := answerRig(t)
	var answer struct {
		Answer string `json:"answer"`
		Data   struct {
			Score int    `json:"score"`
			Mail  string `json:"mail"`
		} `json:"data"`
		Calls []any `json:"client_calls"`
	}
	if code := r.api("POST", "/v1/agents/form/run", `{"query": "in-form?"}`, &answer); code != 200 {
		t.Fatalf("status %d", code)
	}
	if answer.Answer != "Thank you!" || answer.Data.Score != 8 || answer.Data.Mail != "[REDACTED_EMAIL]" || answer.Calls == nil {
		t.Errorf("%+v", answer)
	}
}
