package app

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// An agent made in the dashboard answers customers, by choice; and once another
// one does, it goes out of service and comes back.
func TestBrowserChooseAndRetireAnAgent(t *testing.T) {
	r, b := newDashboard(t)
	if _, err := r.app.store.Publish("night", strings.ReplaceAll(cannedAgent, "NAME", "night"), "Ana", 0); err != nil {
		t.Fatal(err)
	}
	if err := r.app.reload(r.ctx); err != nil {
		t.Fatal(err)
	}
	b.open("/settings/channel")
	b.shows("The file channels.yaml names shop.")
	b.run("choose night", chromedp.SetValue("#default_agent", "night", chromedp.ByQuery), chromedp.Submit("#default_agent", chromedp.ByQuery))
	b.shows("this one was chosen here")
	b.accessible("an agent chosen over the file's")
	r.post(r.meta.Text(ana, "hello"))
	r.reads(ana, "This is night.")
	b.open("/agents/night")
	b.shows("Customers on WhatsApp reach this agent. Without it")
	b.accessible("the agent that answers")
	b.open("/settings/channel")
	b.run("back to the file's", chromedp.Click(`button[form="agent-of-file"]`, chromedp.ByQuery))
	b.shows("If you choose another one here")
	r.post(r.meta.Text(ana, "good morning"))
	r.reads(ana, "re: good morning")

	b.open("/agents/night")
	b.keep("service-in")
	b.agree()
	b.run("take it out", chromedp.Click(`form[action$="/retire"] button`, chromedp.ByQuery))
	b.shows("This agent was taken out of service")
	b.accessible("an agent that is out of service")
	for _, look := range []struct {
		name, scheme string
		width        int64
	}{{"wide", "light", 1280}, {"narrow", "dark", 360}} {
		b.look(look.width, look.scheme)
		b.open("/agents/night")
		b.fits("an agent that is out of service, " + look.name)
		b.keep("service-out-" + look.name)
	}
	b.run("bring it back", chromedp.Click(`form[action$="/return"] button`, chromedp.ByQuery))
	b.until("it is in service", `!document.querySelector(".agent-off") && !!document.querySelector('form[action$="/retire"]')`)
	if _, ok := r.app.agents.Get("night"); !ok {
		t.Error("night is not in service")
	}
	b.clean("out of service and back")
}
