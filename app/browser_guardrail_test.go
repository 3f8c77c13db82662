package app

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// The page of guardrails with every kind of them: the rules in words, a text that
// is tried, and changed topics tried on what customers wrote, wide and narrow, in
// light and dark.
func TestBrowserGuardrailsOfEveryKind(t *testing.T) {
	r, b := newDashboard(t)
	guardedRig(t, r)
	for _, text := range []string{"where is the church", "no spam please", "is vat included", "who wins the election"} {
		r.answered(text)
	}
	r.idle()
	for _, width := range []int64{1280, 360} {
		for _, scheme := range []string{"light", "dark"} {
			b.look(width, scheme)
			b.open("/guardrails")
			b.shows("Stops a text about these topics: politics.")
			b.shows("Ends a text at 50 tokens")
			b.shows("A forbidden topic")
			b.run("open the dry run", chromedp.Evaluate(`document.querySelector(".guard-dry").open = true`, nil))
			b.fits("guardrails of every kind")
			b.accessible("guardrails of every kind")
			b.keep(fmt.Sprintf("guardrails of every kind %d %s", width, scheme))
		}
	}
	b.look(1280, "light")
	b.run("type a text", chromedp.SendKeys("#try-text", "the election is spam, CUIT 20-12345678-6", chromedp.ByQuery))
	b.click("#try button[type=submit]")
	b.until("the verdict", `document.querySelectorAll("#try mark").length >= 1`)
	b.run("open the dry run", chromedp.Evaluate(`document.querySelector(".guard-dry").open = true`, nil))
	b.click(".guard-dry-box button[type=submit]")
	b.shows("One of these patterns cannot be used")
	b.fill("patterns-shop", "kys", "topics-shop", "delivery\nchurch")
	b.click(".guard-dry-box button[type=submit]")
	b.shows("now stopped")
	b.keep("guardrails tried")
	b.clean("guardrails of every kind")
}
