package app

import (
	"context"
	_ "embed"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

//go:embed testdata/axe/axe.min.js
var axe string

// browser is a headless Chromium that notes what a page must not do.
type browser struct {
	t     testing.TB
	ctx   context.Context
	base  string // of the dashboard
	mu    sync.Mutex
	fault []string // console errors, policy violations, requests to elsewhere
}

// newBrowser starts Chromium, or leaves the test out and says what brings it in.
func newBrowser(t testing.TB, base string) *browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		const why = "left out: no Chromium on the PATH; install it (Debian: apt-get install chromium)"
		if strings.Contains(os.Getenv("ASTROMESH_TEST_REQUIRE"), "chromium") {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WSURLReadTimeout(2*patience),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("lang", "en"))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	tab, closeTab := chromedp.NewContext(alloc)
	t.Cleanup(closeTab)
	ctx, cancel := context.WithTimeout(tab, rigLife)
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx, base: base}
	chromedp.ListenTarget(ctx, b.hear)
	// The browser lives as long as the context of the first run: not a step's.
	if err := chromedp.Run(ctx, network.Enable(), runtime.Enable(), log.Enable()); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return b
}

func (b *browser) hear(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.note("exception: " + e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError {
			var words []string
			for _, a := range e.Args {
				words = append(words, string(a.Value)+a.Description)
			}
			b.note("console: " + strings.Join(words, " "))
		}
	case *log.EventEntryAdded:
		// A refused form (422) and an ended session (401) are answers, not faults.
		if e.Entry.Level == log.LevelError && !strings.Contains(e.Entry.Text, "status of 422") && !strings.Contains(e.Entry.Text, "status of 401") {
			b.note("log: " + e.Entry.Text + " " + e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		u, err := url.Parse(e.Request.URL)
		if err == nil && u.Scheme != "data" && u.Scheme != "blob" && !strings.HasPrefix(e.Request.URL, b.base) && u.Scheme != "chrome" && u.Scheme != "about" {
			b.note("a request to elsewhere: " + e.Request.URL)
		}
	}
}

func (b *browser) note(fault string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault = append(b.fault, fault)
}

// clean reports what the page did that it must not.
func (b *browser) clean(where string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.fault {
		b.t.Errorf("%s: %s", where, f)
	}
	b.fault = nil
}

// run acts; a step that takes longer than patience fails the test.
func (b *browser) run(what string, actions ...chromedp.Action) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	var err error
	for _, a := range actions {
		for err = chromedp.Run(ctx, a); movedOn(err) && ctx.Err() == nil; {
			err = chromedp.Run(ctx, a)
		}
		if err != nil {
			break
		}
	}
	if err != nil {
		b.keep("failed")
		var where, text string
		_ = chromedp.Run(b.ctx, chromedp.Location(&where), chromedp.Text("body", &text, chromedp.ByQuery)) // only for the message
		b.t.Fatalf("%s: %v\nat %s:\n%.1500s", what, err, where, text)
	}
}

// movedOn says whether an action has touched nothing, because what it had found was
// drawn anew at this moment: pages change by themselves.
func movedOn(err error) bool {
	for _, says := range []string{"Could not find node with given id", "No node with given id found", "Node is detached from document"} {
		if err != nil && strings.Contains(err.Error(), says) {
			return true
		}
	}
	return false
}

func (b *browser) open(path string) {
	b.t.Helper()
	b.run("open "+path, chromedp.Navigate(b.base+path), chromedp.WaitReady("#content", chromedp.ByQuery))
}

// until waits for a condition in the page, a JavaScript expression. A page that
// is just being left has no answer: it is asked again.
func (b *browser) until(what, expression string) {
	b.t.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	limit := time.After(patience)
	for {
		var ok bool
		if err := chromedp.Run(b.ctx, chromedp.Evaluate("!!("+expression+")", &ok)); err == nil && ok {
			return
		}
		select {
		case <-look.C:
		case <-limit:
			b.keep("failed")
			var where, text string
			_ = chromedp.Run(b.ctx, chromedp.Location(&where), chromedp.Text("body", &text, chromedp.ByQuery)) // only for the message
			b.t.Fatalf("%s did not come\nat %s:\n%.1500s", what, where, text)
		}
	}
}

// shows waits until the page holds a text.
func (b *browser) shows(text string) {
	b.t.Helper()
	quoted, err := json.Marshal(text)
	if err != nil {
		b.t.Fatal(err)
	}
	b.until("the text "+text, "document.body && document.body.innerText.includes("+string(quoted)+")")
}

// agree answers the next question of this page with yes. A real dialog stops the
// page and, now and then, the tool that drives it.
func (b *browser) agree() {
	b.t.Helper()
	b.run("agree", chromedp.Evaluate("window.asked = []; window.confirm = (q) => { window.asked.push(q); return true }; 0", nil))
}

// look sets the size and the colours.
func (b *browser) look(width int64, scheme string) {
	b.t.Helper()
	b.run("look", chromedp.EmulateViewport(width, 900),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}))
}

// still ends what is changing its colour or its place: a page that was just given
// another scheme is on its way there, and half a colour has no contrast.
func (b *browser) still() {
	b.t.Helper()
	b.run("be still", chromedp.Evaluate(`for (const a of document.getAnimations()) { try { a.finish(); } catch { a.cancel(); } }`, nil))
}

// keep writes a screenshot to ASTROMESH_SCREENSHOTS, if that names a folder.
func (b *browser) keep(name string) {
	dir := os.Getenv("ASTROMESH_SCREENSHOTS")
	if dir == "" {
		return
	}
	b.still()
	var picture []byte
	if err := chromedp.Run(b.ctx, chromedp.FullScreenshot(&picture, 100)); err != nil {
		b.t.Logf("no screenshot of %s: %v", name, err)
		return
	}
	if err := os.MkdirAll(dir, 0o755); err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o600)
		if err != nil {
			b.t.Logf("no screenshot of %s: %v", name, err)
		}
	}
}

// accessible runs axe-core and wants no serious or critical finding.
func (b *browser) accessible(where string) {
	b.t.Helper()
	var findings []struct {
		ID, Impact, Help string
		Nodes            []struct{ HTML string }
	}
	b.still()
	b.run("axe on "+where, chromedp.Evaluate(axe+";0", nil), chromedp.Evaluate(`axe.run().then(r => r.violations.filter(v => v.impact === "serious" || v.impact === "critical"))`, &findings,
		func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	for _, f := range findings {
		first := ""
		if len(f.Nodes) > 0 {
			first = f.Nodes[0].HTML
		}
		b.t.Errorf("%s: %s (%s): %s, %d places, first %.200s", where, f.ID, f.Impact, f.Help, len(f.Nodes), first)
	}
}

// fits wants no sideways scroll.
func (b *browser) fits(where string) {
	b.t.Helper()
	var over int
	b.run("measure "+where, chromedp.Evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth", &over))
	if over > 0 {
		b.t.Errorf("%s is %d px wider than the screen", where, over)
	}
}
