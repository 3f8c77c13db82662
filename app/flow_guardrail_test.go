package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"astromesh/config"
	"astromesh/runtime/model/modeltest"

	"github.com/ollama/ollama/api"
)

// guardedAgent is testAgent with every kind of guardrail on both ways.
func guardedAgent() string {
	before, _, _ := strings.Cut(testAgent, "  guardrails:")
	return before + `  guardrails:
    input:
      - {type: topic_filter, forbidden_topics: [politics]}
      - {type: topic_filter, blocked_topics: ["taxes|vat"], action: warn}
      - {type: content_filter, action: redact, forbidden_keywords: [spam], blocked_patterns: ['a(?=b)', '\bkys\b']}
      - {type: pii_detection, entities: [CUIT, AR_DNI, CURP, MX_RFC]}
      - {type: cost_limit, max_tokens_per_turn: 60, action: block}
      - {type: max_length, max_chars: 900}
    output:
      - {type: topic_filter, blocked_topics: [religion], action: block}
      - {type: content_filter, action: redact, forbidden_keywords: [internal only]}
      - {type: cost_limit, max_tokens_per_turn: 50}
      - {type: pii_detection, action: redact}
`
}

// guardedRig is the program with that agent in service.
func guardedRig(t *testing.T, r *rig) {
	t.Helper()
	r.write("agents/shop.agent.yaml", guardedAgent())
	r.until("the guardrails", func() bool {
		a, _ := r.app.agents.Get("shop")
		return a != nil && len(a.Guardrails("input")) == 6
	})
}

// TestGuardrailsOnTheWholeWay: each kind of guardrail judges what a customer
// writes and what the model answers, between the webhook and the telephone; a
// pattern that cannot be used costs only itself, and the events say so.
func TestGuardrailsOnTheWholeWay(t *testing.T) {
	r := newRig(t, rigOptions{})
	guardedRig(t, r)
	story := strings.Repeat("We open at nine. ", 30)[:200]
	r.ollama.Set("seer", modeltest.FakeModel{Answer: func(req api.ChatRequest) modeltest.Reply {
		reply := echoLast(req)
		if strings.Contains(reply.Pieces[0], "a story") {
			reply = modeltest.Text(story)
			reply.Done, reply.Metrics.EvalCount = "length", 50
		}
		return reply
	}})
	said := config.DefaultMessages()
	for _, c := range []struct{ writes, reads string }{
		{"is vat included", "re: is vat included"},
		{"no spam and no kys, ab", "re: no [REDACTED] and no [REDACTED], ab"},
		{"my CUIT is 20-12345678-6, RFC GODE561231GR8", "re: my CUIT is [REDACTED_CUIT], RFC [REDACTED_RFC]"},
		{"who wins the election", said.Blocked["en"]},
		{strings.Repeat("please tell me when you open ", 12), said.TooLong["en"]},
		{"where is the next church", said.Blocked["en"]},
		{"what is internal only", "re: what is [REDACTED]"},
		{"tell me a story", story[:strings.LastIndex(story, ".")+1]},
	} {
		if got := r.answered(c.writes); got != c.reads {
			t.Errorf("%.40q: read %q, want %q", c.writes, got, c.reads)
		}
	}
	r.idle()
	for _, req := range r.ollama.Requests() {
		if most, ok := req.Options["num_predict"].(float64); len(req.Messages) > 0 && (!ok || most > 50) && most != 1 {
			t.Errorf("the model may write %v tokens", req.Options["num_predict"])
		}
	}
	events := r.events("guardrail")
	for _, want := range []string{"TOPIC", "KEYWORD", "PATTERN", "AR_CUIT", "MX_RFC", "TOKENS", "spec.guardrails.input[2].blocked_patterns[0]"} {
		if !slices.ContainsFunc(events, func(e string) bool { return strings.Contains(e, want) }) {
			t.Errorf("no event names %s in %q", want, events)
		}
	}
}

// answered is what Ana reads next once she has written a text.
func (r *rig) answered(text string) string {
	r.t.Helper()
	before := len(r.read(ana))
	r.post(r.meta.Text(ana, text))
	r.until("an answer to "+text, func() bool { return len(r.read(ana)) > before })
	return r.read(ana)[before]
}

// events are the events of a kind, each as a line.
func (r *rig) events(kind string) []string {
	r.t.Helper()
	var page struct {
		Events []struct {
			Text string         `json:"text"`
			Data map[string]any `json:"data"`
		} `json:"events"`
	}
	r.api("GET", "/v1/events?kind="+kind+"&limit=500", "", &page)
	var list []string
	for _, e := range page.Events {
		line := e.Text
		for k, v := range e.Data {
			if s, ok := v.(string); ok {
				line += " " + k + "=" + s
			}
		}
		list = append(list, line)
	}
	return list
}

// TestGuardrailsOnARealOllama: the same rules around a real model server, which
// stops where the limit of tokens tells it to.
func TestGuardrailsOnARealOllama(t *testing.T) {
	server := modeltest.Start(t)
	var whole strings.Builder // no two sentences alike: the scripted model has one token for what it repeats
	for i := range 40 {
		fmt.Fprintf(&whole, "Door %d opens at %d sharp. ", i+1, i+100)
	}
	server.Create(t, "seer", modeltest.Script{Default: "How can I help?", Replies: map[string]string{
		"story?":  strings.TrimSpace(whole.String()),
		"secret?": "That is internal only, go to church.",
		"paper?":  "It is internal only paper.",
	}})
	server.Create(t, "talker", modeltest.Script{Default: "How can I help?"})
	r := newRig(t, rigOptions{})
	r.env["FAKE_OLLAMA"] = server.URL
	r.restart()
	guardedRig(t, r)
	said := config.DefaultMessages()
	for _, c := range []struct{ writes, reads string }{
		{"spam, hello", "How can I help?"},
		{"the election", said.Blocked["en"]},
		{"please tell me what your secret?", said.Blocked["en"]},
		{"what paper?", "It is [REDACTED] paper."},
	} {
		if got := r.answered(c.writes); got != c.reads {
			t.Errorf("%q: read %q, want %q", c.writes, got, c.reads)
		}
	}
	story := r.answered("a story?")
	if !strings.HasSuffix(story, " sharp.") || len(story) > whole.Len()*2/3 || !strings.HasPrefix(story, "Door 1 opens at 100 sharp.") {
		t.Errorf("%d bytes of %d: %q", len(story), whole.Len(), story)
	}
}
