package app

import (
	"fmt"
	"strings"
	"testing"

	"astromesh/runtime/model/modeltest"

	"github.com/chromedp/chromedp"
	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/types/model"
)

// planned is a model that plays the roles of plan_and_execute; one step fails.
func planned(req api.ChatRequest) modeltest.Reply {
	last := req.Messages[len(req.Messages)-1].Content
	switch {
	case strings.HasSuffix(last, "as JSON only.)"):
		return modeltest.Text(`{"steps": ["Look up where the order of Ana is", "Ask the shop's calendar when somebody is there", "See what the delivery costs"]}`)
	case strings.Contains(last, "step 2 of 3"), strings.HasPrefix(last, "(Your answer was empty"):
		return modeltest.Text("<think>There is no calendar.</think>")
	case strings.HasSuffix(last, "Do this step now.)"):
		return modeltest.Text("The order left on Monday with the evening van and will be there on Thursday.")
	}
	return modeltest.Text("Your order comes on Thursday. When somebody is there I could not find out.")
}

// The customer reads the answer alone; the owner sees in why-this-answer by which
// steps it came about.
func TestBrowserWhyShowsThePlan(t *testing.T) {
	r, b := newDashboard(t)
	r.ollama.Set("seer", modeltest.FakeModel{Capabilities: []model.Capability{"completion", "vision"}, Answer: planned})
	r.write("agents/shop.agent.yaml", testAgent+"  orchestration: {pattern: plan_and_execute, max_iterations: 8}\n")
	r.until("the pattern", func() bool { a, _ := r.app.agents.Get("shop"); return a != nil && a.Version > 1 })
	r.post(r.meta.Text(ana, "Where is my order, are you there tomorrow, and what is the delivery?"))
	r.reads(ana, "Your order comes on Thursday. When somebody is there I could not find out.")
	if all := strings.Join(r.read(ana), "\n"); strings.Contains(all, "steps") || strings.Contains(all, "left on Monday") {
		t.Errorf("the customer read %q", all)
	}
	r.idle()
	for _, width := range []int64{1280, 360} {
		for _, scheme := range []string{"light", "dark"} {
			where := fmt.Sprintf("the steps of an answer at %d px, %s", width, scheme)
			b.look(width, scheme)
			b.open("/conversations/1")
			b.run(where, chromedp.WaitReady(".line-why", chromedp.ByQuery), chromedp.Evaluate(`document.querySelector(".line-why").click()`, nil),
				chromedp.WaitVisible("#drawer .why-times", chromedp.ByQuery))
			b.shows("Step 3 of 3")
			b.check(where)
			b.keep(fmt.Sprintf("why-plan-%d-%s", width, scheme))
		}
	}
}
