package app

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The plain form has what an owner would want of the rest of the YAML: topics,
// words, how it remembers and works; it fits a telephone.
func TestBrowserAgentForm(t *testing.T) {
	_, b := newDashboard(t)
	b.open("/agents/shop")
	b.run("fill the form", chromedp.WaitVisible(`#topics`, chromedp.ByQuery),
		chromedp.SendKeys(`#topics`, "politics\nother shops", chromedp.ByQuery),
		chromedp.SendKeys(`#words`, "guarantee", chromedp.ByQuery),
		chromedp.SetValue(`#memory`, "summary", chromedp.ByQuery), chromedp.SetValue(`#pattern`, "plan_and_execute", chromedp.ByQuery))
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{1280, 360} {
			b.look(width, scheme)
			b.keep(fmt.Sprintf("agent-form-%d-%s", width, scheme))
			b.fits("the form")
		}
		b.accessible("the form, " + scheme)
	}
	b.look(1280, "light")
	b.run("to the YAML", chromedp.Evaluate(`document.getElementById("pattern").dispatchEvent(new Event("input", {bubbles: true}))`, nil),
		chromedp.Click(`#tabs a[data-tab=yaml]`, chromedp.ByQuery), chromedp.WaitVisible(".cm-content", chromedp.ByQuery))
	for _, line := range []string{"topic_filter", "other shops", "guarantee", "summary", "plan_and_execute"} {
		b.until(line+" in the text", fmt.Sprintf(`document.querySelector(".cm-content").textContent.includes(%q)`, line))
	}
	b.clean("the form")
}

// The editor offers what belongs to the type of an entry, and says at the line
// what is wrong with one.
func TestBrowserEditorKnowsTypes(t *testing.T) {
	_, b := newDashboard(t)
	b.open("/agents/shop?tab=yaml")
	write := func(text string) {
		b.run("write", chromedp.WaitVisible(".cm-content", chromedp.ByQuery), chromedp.Focus(".cm-content", chromedp.ByQuery),
			chromedp.KeyEvent("a", chromedp.KeyModifiers(input.ModifierCtrl)), chromedp.KeyEvent(kb.Backspace), input.InsertText(text))
		b.until("the text is there", fmt.Sprintf(`document.querySelector("#yaml").value === %q`, text))
	}
	offered := func() string {
		var list string
		b.run("what is offered", chromedp.KeyEvent(" ", chromedp.KeyModifiers(input.ModifierCtrl)), chromedp.WaitVisible(".cm-tooltip-autocomplete", chromedp.ByQuery),
			chromedp.Evaluate(`[...document.querySelectorAll(".cm-tooltip-autocomplete .cm-completionLabel")].map((l) => l.textContent).join(" ")`, &list),
			chromedp.KeyEvent(kb.Escape))
		return list
	}
	head, _, _ := strings.Cut(testAgent, "  guardrails:")
	for _, c := range []struct{ text, want string }{
		{"  guardrails:\n    input:\n      - type: max_length\n        ", "action max_chars type"},
		{"  guardrails:\n    input:\n      - type: max_length\n        max_chars: 9\n        action: ", "block truncate"},
		{"  memory:\n    conversational:\n      strategy: ", "sliding_window summary token_budget"},
	} {
		write(head + c.text)
		if got := offered(); got != c.want {
			t.Errorf("after %q it offers %q, want %q", c.text, got, c.want)
		}
	}
	b.keep("editor-offers")
	for _, c := range []struct{ text, says string }{
		{"  guardrails:\n    input:\n      - type: max_length\n        max_chars: 9\n        action: redact\n", `is not an action of max_length`},
		{"  tools:\n    - type: webhook\n      name: stock\n", "this webhook has no url"},
	} {
		write(head + c.text)
		b.until("a mark at the line", `!!document.querySelector(".cm-lintRange-error, .cm-lint-marker-error")`)
		b.shows(c.says)
	}
	b.keep("editor-says")
	b.clean("the editor")
}
