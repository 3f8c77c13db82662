package app

import (
	"fmt"
	"strings"
	"testing"
)

const asksBack = `  tools: [{type: agent, name: back}]
`

const backAgent = `apiVersion: astromesh/v1
kind: Agent
metadata: {name: back, version: "1.0.0"}
spec:
  model: {primary: {provider: ollama, model: "seer", endpoint: "${FAKE_OLLAMA}"}}
  tools: [{type: agent, name: shop}]
`

// TestCircleWithAPublishedAgent: one agent is a file, the other was published in
// the dashboard. The circle is refused from either side, with its line, and the
// last good version goes on answering.
func TestCircleWithAPublishedAgent(t *testing.T) {
	r := newRig(t, rigOptions{})
	if _, err := r.app.store.Publish("back", backAgent, "Olga", 0); err != nil {
		t.Fatal(err)
	}
	if err := r.app.reload(r.ctx); err != nil {
		t.Fatal(err)
	}
	const circle = "agents call each other in a circle: shop → back → shop"
	if a, problems := r.app.compileDraft("shop", []byte(testAgent+asksBack)); a != nil || !strings.Contains(fmt.Sprint(problems), circle) {
		t.Errorf("the draft: agent %v, %v", a != nil, problems)
	}
	r.write("agents/shop.agent.yaml", testAgent+asksBack)
	if err := r.app.reload(r.ctx); err != nil {
		t.Fatal(err)
	}
	drafts := fmt.Sprint(r.app.drafts())
	a, ok := r.app.agents.Get("shop")
	if !ok || len(a.Config().Spec.Tools) != 0 || !strings.Contains(drafts, circle) {
		t.Errorf("in service %v, drafts %s", ok, drafts)
	}
	r.post(r.meta.Text(ana, "hello"))
	r.reads(ana, "re: hello")
}

// TestDraftThatAsksAnAgentThatIsNotThere is told so, and can be published.
func TestDraftThatAsksAnAgentThatIsNotThere(t *testing.T) {
	r := newRig(t, rigOptions{})
	a, problems := r.app.compileDraft("shop", []byte(testAgent+asksBack))
	if a == nil || !strings.Contains(fmt.Sprint(problems.Warnings()), `the agent "back" is not in service`) {
		t.Errorf("agent %v, %v", a != nil, problems)
	}
	if a, problems := r.app.compileDraft("shop", []byte(testAgent+strings.Replace(asksBack, "back", "shop", 1))); a != nil || !problems.HasErrors() {
		t.Errorf("an agent that asks itself: %v", problems)
	}
}
