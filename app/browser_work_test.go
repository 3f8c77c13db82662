package app

import (
	"strings"
	"testing"

	"astromesh/runtime/model/modeltest"

	"github.com/chromedp/chromedp"
	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/types/model"
)

// A person takes over while the model is writing: what it wrote is not sent.
func TestBrowserTakeOverInMidGeneration(t *testing.T) {
	r, b := newDashboard(t)
	release := make(chan struct{})
	r.ollama.Set("seer", modeltest.FakeModel{Capabilities: []model.Capability{"completion", "vision"}, Answer: func(req api.ChatRequest) modeltest.Reply {
		if strings.Contains(req.Messages[len(req.Messages)-1].Content, "slow") {
			<-release
		}
		return echoLast(req)
	}})
	defer close(release)
	r.post(r.meta.Text(ana, "a first word"))
	r.reads(ana, "re: a first word")
	b.open("/conversations/1")
	r.post(r.meta.Text(ana, "a slow question"))
	b.shows("a slow question")
	b.run("take over", chromedp.Click("#take button[type=submit]", chromedp.ByQuery), chromedp.WaitVisible("#write textarea", chromedp.ByQuery))
	b.run("write as a person", chromedp.SendKeys("#write textarea", "Ana, this is Maria from the shop.", chromedp.ByQuery), chromedp.Click("#write button[type=submit]", chromedp.ByQuery))
	r.reads(ana, "Ana, this is Maria from the shop.")
	b.run("hand back", chromedp.Click(`form[action$="/back"] button`, chromedp.ByQuery), chromedp.WaitVisible("#take", chromedp.ByQuery))
	r.post(r.meta.Text(ana, "thank you"))
	r.reads(ana, "re: thank you")
	for _, text := range r.read(ana) {
		if strings.Contains(text, "slow") {
			t.Errorf("the customer read %q after a person had taken over", text)
		}
	}
	b.clean("takeover")
}

// Edit, look at the difference, publish, restore.
func TestBrowserEditPublishRestore(t *testing.T) {
	r, b := newDashboard(t)
	b.open("/agents/shop")
	b.run("change the instructions", chromedp.WaitVisible(`#fields textarea`, chromedp.ByQuery),
		chromedp.SetValue(`#fields textarea`, "You are the shop's new assistant.", chromedp.ByQuery),
		chromedp.Evaluate(`document.querySelector("#fields textarea").dispatchEvent(new Event("input", {bubbles: true}))`, nil))
	b.run("see the changes", chromedp.Click(`button[formaction$="/changes"]`, chromedp.ByQuery), chromedp.WaitVisible("#changes-box", chromedp.ByQuery))
	b.shows("You are the shop's new assistant.")
	b.accessible("the difference")
	b.run("no second button that publishes", chromedp.WaitNotVisible("#publish", chromedp.ByQuery), chromedp.WaitVisible("#publish-now", chromedp.ByQuery))
	b.run("write on: the difference is another one now", chromedp.Evaluate(`document.querySelector("#fields textarea").dispatchEvent(new Event("input", {bubbles: true}))`, nil),
		chromedp.WaitNotPresent("#changes-box", chromedp.ByQuery), chromedp.Click("#publish", chromedp.ByQuery), chromedp.WaitVisible("#publish-now", chromedp.ByQuery))
	b.run("publish", chromedp.Click(`#changes form[action$="/publish"] button`, chromedp.ByQuery))
	r.until("version 2", func() bool { a, ok := r.app.agents.Get("shop"); return ok && a.Version == 2 })
	r.post(r.meta.Text(ana, "hello"))
	r.reads(ana, "re: hello")
	if got := asked(r, "hello").Messages[0].Content; !strings.Contains(got, "new assistant") {
		t.Errorf("the model was told %q", got)
	}
	b.shows("Customers get version 2.")
	b.run("the versions", chromedp.Click(`#tabs a[data-tab=versions]`, chromedp.ByQuery))
	b.agree()
	b.run("restore version 1", chromedp.WaitVisible(`form[action$="/restore"] button`, chromedp.ByQuery), chromedp.Click(`form[action$="/restore"] button`, chromedp.ByQuery))
	r.until("version 3", func() bool { a, ok := r.app.agents.Get("shop"); return ok && a.Version == 3 })
	b.clean("publish and restore")
}

// A guardrail's hit appears by itself, and an erased customer is gone from disk.
func TestBrowserGuardrailLiveAndErase(t *testing.T) {
	r, b := newDashboard(t)
	b.open("/logs?kind=guardrail")
	r.post(r.meta.Text(ana, "my mail is ana@example.org, my cat is called Zarathustra"))
	b.shows("An e-mail address was hidden")
	r.idle()
	b.look(360, "light")
	b.open("/guardrails")
	b.isTrue("the hits fit on a phone", `document.querySelector(".guard-hits td") && document.querySelector(".guard-hits").scrollWidth <= document.querySelector(".guard-hits").parentElement.clientWidth`)
	b.run("an agent of a long name", chromedp.Evaluate(`document.querySelector(".guard-agent .card-title").textContent = "The assistant of the bakery (whatsapp-assistant)"`, nil))
	b.isTrue("a button holds its words", `[...document.querySelectorAll(".guard-agent .btn")].every((b) => b.scrollWidth <= b.clientWidth)`)
	b.keep("guardrail hits, narrow")
	b.look(1280, "light")
	b.open("/conversations/1")
	b.shows("Zarathustra")
	b.agree()
	b.run("erase", chromedp.Click(`form[action$="/erase"] button`, chromedp.ByQuery))
	b.until("the proof", `!!document.querySelector(".erased .alert-success")`)
	b.accessible("the proof")
	b.clean("guardrail and erase") // a program that stops breaks off the page's streams, which is told as an error
	r.stop()
	if name := holds(t, r.data, "Zarathustra"); name != "" {
		t.Errorf("the customer's words are still in %s", name)
	}
}
