package app

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// While the log is paused nothing moves, and what waits is counted.
func TestBrowserLogPause(t *testing.T) {
	r, b := newDashboard(t)
	b.open("/logs?kind=guardrail")
	b.run("pause", chromedp.WaitVisible("#log-pause", chromedp.ByQuery), chromedp.Click("#log-pause", chromedp.ByQuery))
	r.post(r.meta.Text(ana, "my mail is ana@example.org"))
	b.until("what waits is counted", `document.getElementById("log-pause").textContent.includes("1 new")`)
	b.isTrue("nothing moves meanwhile", `!document.body.textContent.includes("An e-mail address was hidden")`)
	b.run("go on", chromedp.Click("#log-pause", chromedp.ByQuery))
	b.shows("An e-mail address was hidden")
	b.clean("a log that was paused")
}

// The editor marks a wrong line while it is typed, completes a key, says what one
// means, and the form and the text are one document.
func TestBrowserEditorHelps(t *testing.T) {
	_, b := newDashboard(t)
	b.open("/agents/shop")
	b.run("change the form", chromedp.WaitVisible(`#fields textarea`, chromedp.ByQuery),
		chromedp.SetValue(`#fields textarea`, "You sell carrots.", chromedp.ByQuery),
		chromedp.Evaluate(`document.querySelector("#fields textarea").dispatchEvent(new Event("input", {bubbles: true}))`, nil),
		chromedp.Click(`#tabs a[data-tab=yaml]`, chromedp.ByQuery), chromedp.WaitVisible(".cm-content", chromedp.ByQuery))
	b.until("the form's words in the text", `document.querySelector(".cm-content").textContent.includes("You sell carrots.")`)
	b.restOn("metadata", ".cm-tooltip-hover")
	b.run("begin a key", chromedp.MouseEvent(input.MouseMoved, 5, 5), chromedp.Focus(".cm-content", chromedp.ByQuery),
		chromedp.KeyEvent(kb.End, chromedp.KeyModifiers(input.ModifierCtrl)), chromedp.KeyEvent("\n"), chromedp.KeyEvent(kb.Home), chromedp.KeyEvent("me"),
		chromedp.WaitVisible(".cm-tooltip-autocomplete", chromedp.ByQuery))
	b.run("a key that there is not", chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent("nu: 1"))
	b.until("the line is marked", `!!document.querySelector(".cm-lint-marker-warning, .cm-lintRange-warning")`)
	b.shows(`unknown key "menu"`)
	b.run("what is no document", chromedp.Focus(".cm-content", chromedp.ByQuery), chromedp.KeyEvent("\n]"))
	b.until("the line is marked as wrong", `!!document.querySelector(".cm-lint-marker-error, .cm-lintRange-error")`)
	b.keep("editor-helps")
	b.accessible("a wrong line")
	b.clean("the editor")
}

// restOn rests with the mouse on a word of the editor until something is shown. The
// text may still be moving: a mouse that rests where the word was says nothing.
func (b *browser) restOn(word, shown string) {
	b.t.Helper()
	for range 10 {
		var at struct{ X, Y float64 }
		b.run("find "+word, chromedp.Evaluate(`(() => {
			for (const walk = document.createTreeWalker(document.querySelector(".cm-content"), NodeFilter.SHOW_TEXT); walk.nextNode();) {
				if (!walk.currentNode.data.includes("`+word+`")) continue;
				const range = document.createRange();
				range.selectNodeContents(walk.currentNode);
				const box = range.getBoundingClientRect();
				return {X: box.left + 12, Y: box.top + box.height / 2};
			}
		})()`, &at))
		b.run("the mouse", chromedp.MouseEvent(input.MouseMoved, at.X-3, at.Y), chromedp.MouseEvent(input.MouseMoved, at.X, at.Y))
		ctx, cancel := context.WithTimeout(b.ctx, patience/10)
		err := chromedp.Run(ctx, chromedp.WaitVisible(shown, chromedp.ByQuery))
		cancel()
		if err == nil {
			return
		}
	}
	b.t.Fatalf("nothing is shown for %s", word)
}
