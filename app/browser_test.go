package app

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// signIn opens the setup link and makes the first owner, as a newcomer does.
func (b *browser) claim(link string) {
	b.t.Helper()
	b.run("setup link", chromedp.Navigate(link), chromedp.WaitVisible(".setup-languages a[lang=en]", chromedp.ByQuery),
		chromedp.Click(".setup-languages a[lang=en]", chromedp.ByQuery), chromedp.WaitVisible("#password", chromedp.ByQuery))
	b.accessible("the first password")
	b.run("choose a password", chromedp.SendKeys("#name", "Ana", chromedp.ByQuery), chromedp.SendKeys("#password", "a long enough one", chromedp.ByQuery),
		chromedp.Submit("#password", chromedp.ByQuery))
	b.until("the way on", "location.pathname.startsWith('/setup/')")
}

// newDashboard is the program and a browser whose owner is signed in.
func newDashboard(t *testing.T) (*rig, *browser) {
	t.Helper()
	r := newRig(t, rigOptions{})
	_, admin := r.app.Addrs()
	b := newBrowser(t, "http://"+admin)
	b.look(1280, "light")
	b.claim(r.app.web.SetupLink())
	return r, b
}

// From the first start to the first answer, in a browser, without a terminal.
func TestBrowserFirstRunToFirstAnswer(t *testing.T) {
	r, b := newDashboard(t)
	b.clean("first run")
	b.open("/conversations")
	r.post(r.meta.Text(ana, "do you deliver? my mail is ana@example.org"))
	b.shows("do you deliver? my mail is [REDACTED_EMAIL]")
	r.reads(ana, "re: do you deliver? my mail is [REDACTED_EMAIL]")
	b.open("/logs?kind=guardrail")
	b.shows("An e-mail address was hidden")
	b.clean("first answer")
}

func TestBrowserWrongPassword(t *testing.T) {
	r, b := newDashboard(t)
	b.open("/")
	b.run("sign out", chromedp.Submit(".rail-user", chromedp.ByQuery), chromedp.WaitVisible("#password", chromedp.ByQuery))
	b.run("sign in", chromedp.SendKeys("#name", "Ana", chromedp.ByQuery), chromedp.SendKeys("#password", "not this one", chromedp.ByQuery), chromedp.Submit("#password", chromedp.ByQuery))
	b.shows("not right")
	var name string
	b.run("the name stays", chromedp.Value("#name", &name, chromedp.ByQuery))
	if name != "Ana" {
		t.Errorf("the name became %q", name)
	}
	b.run("again", chromedp.SendKeys("#password", "a long enough one", chromedp.ByQuery), chromedp.Submit("#password", chromedp.ByQuery))
	b.shows("Signed in as Ana")
	_ = r
}

// Every page, wide and narrow, light and dark: usable by all, within the policy,
// no wider than the screen, and nothing from elsewhere.
func TestBrowserEveryPage(t *testing.T) {
	r, b := newDashboard(t)
	r.post(r.meta.Text(ana, "مرحبا، هل أنتم مفتوحون اليوم؟"))
	r.post(r.meta.Text(ana, "my mail is ana@example.org "+strings.Repeat("and I have a long story to tell. ", 50)))
	r.until("two answers", func() bool { return len(r.read(ana)) >= 1 })
	r.idle()
	r.summed()
	b.everyLook(dashboardPages)
	for _, width := range []int64{1280, 360} {
		for _, scheme := range []string{"light", "dark"} {
			where := fmt.Sprintf("the reason for an answer at %d px, %s", width, scheme)
			b.look(width, scheme)
			b.open("/conversations/1")
			b.run(where, chromedp.WaitReady(".line-why", chromedp.ByQuery), chromedp.Evaluate(`document.querySelector(".line-why").click()`, nil),
				chromedp.WaitVisible("#drawer .why-times", chromedp.ByQuery))
			b.check(where)
		}
	}
	b.open("/")
	b.run("sign out", chromedp.Submit(".rail-user", chromedp.ByQuery), chromedp.WaitVisible("#password", chromedp.ByQuery))
	b.everyLook([]string{"/login", "/login?next=/logs"})
}

// summed gives Ana's memory a summary, as if her conversation had been a long one.
func (r *rig) summed() {
	r.t.Helper()
	session := "wa_" + ana.Phone
	w, err := r.app.store.MemoryWindow(r.ctx, "shop", session)
	if err == nil {
		w.First, w.Covered, w.Seen = 2, 2, 2
		w.Summary = "Ana asks about opening hours. She ordered twelve rolls for Friday and will pay in the shop. " + strings.Repeat("She has a long story. ", 12)
		err = r.app.store.SaveWindow(w, nil)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// everyLook opens pages wide and narrow, light and dark, and checks each.
func (b *browser) everyLook(pages []string) {
	b.t.Helper()
	for _, width := range []int64{1280, 360} {
		for _, scheme := range []string{"light", "dark"} {
			b.look(width, scheme)
			for _, path := range pages {
				b.open(path)
				b.check(fmt.Sprintf("%s at %d px, %s", path, width, scheme))
				b.keep(fmt.Sprintf("%s-%d-%s", strings.ReplaceAll(strings.Trim(path, "/"), "/", "-"), width, scheme))
			}
		}
	}
}

// check looks at the page that is open.
func (b *browser) check(where string) {
	b.t.Helper()
	b.fits(where)
	b.accessible(where)
	b.clean(where)
}

// dashboardPages are the addresses of the rail, and what lies below them.
var dashboardPages = []string{
	"/", "/conversations", "/conversations/1", "/conversations/1/memory", "/agents", "/agents/shop", "/agents/shop?tab=yaml", "/agents/shop?tab=versions", "/new-agent", "/guardrails", "/logs", "/health",
	"/settings", "/settings/channel", "/settings/operators", "/settings/retention", "/settings/backup", "/settings/account", "/settings/appearance",
	"/settings/about", "/settings/reachability",
	"/setup/model", "/setup/reachability", "/setup/meta", "/setup/agent", "/setup/test", "/setup/done",
}
