package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"astromesh/runtime/health"
)

// Who leaves the set-up finds the way back on Home, until an answer has gone out.
func TestHomeLeadsBackToTheSetUp(t *testing.T) {
	d := newDash(t)
	if html := d.owner.page("/"); !strings.Contains(html, `href="/setup/next"`) || !strings.Contains(html, "that are done: 2 of 4") {
		t.Error("the owner does not find the way back")
	}
	if html := d.staff.page("/"); strings.Contains(html, "/setup/next") {
		t.Error("staff are sent where they may not go")
	}
	d.wrote("a", "34600000001", "Ana", "")
	if html := d.owner.page("/"); strings.Contains(html, "/setup/next") {
		t.Error("the set-up is still asked for")
	}
}

// A banner of what stops answers stands on every page but Health, which it leads
// to, and goes by itself.
func TestBannerFollowsHealth(t *testing.T) {
	var broken atomic.Bool
	broken.Store(true)
	d := newDash(t, func(p *Parts) {
		p.Health = func(context.Context) []health.Check {
			if broken.Load() {
				return []health.Check{{Name: "graph", Status: health.Fail}}
			}
			return []health.Check{{Name: "graph", Status: health.OK}}
		}
	})
	d.server.pulse.refresh(t.Context())
	const banner = `href="/health">Mend it<`
	if html := d.owner.page("/logs"); !strings.Contains(html, banner) {
		t.Error("no banner")
	}
	if html := d.owner.page("/health"); strings.Contains(html, banner) {
		t.Error("Health has a button that leads to Health")
	}
	next := d.owner.stream("/health/stream")
	broken.Store(false)
	d.server.pulse.refresh(t.Context())
	if e := next(`id="frame-state" class="state state-ok" href="/health" hx-swap-oob="true"`); strings.Contains(e.data, "frame.") {
		t.Errorf("a text is missing: %+v", e)
	}
}

// A secret that could not be proved, because of a wrong token, is asked for again.
func TestSecretBesideAWrongToken(t *testing.T) {
	d, _ := newMetaDash(t, nil)
	w := d.owner.post("/setup/meta", url.Values{"access_token": {"EAAGsomebodyelsestoken"}, "phone_number_id": {metaNumber}, "app_secret": {metaSecret}})
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "Type it once more together with the right token") {
		t.Errorf("%d, the secret is lost without a word", w.Code)
	}
}

// The card of the first message names the number to write to.
func TestNumberToWriteTo(t *testing.T) {
	d, _ := newMetaDash(t, nil)
	if html := d.owner.page("/setup/test/number"); strings.Contains(html, "wa.me") {
		t.Error("a number before there is one")
	}
	if w := d.owner.post("/setup/meta", allTyped()); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code)
	}
	if html := d.owner.page("/setup/test/number"); !strings.Contains(html, `href="https://wa.me/1555`) {
		t.Errorf("no number: %s", html)
	}
}

// The demo's phone leads to the dashboard, signed in, by whatever name of this
// machine it was opened.
func TestPhoneLeadsToTheDashboard(t *testing.T) {
	p := &phone{PhoneOptions: PhoneOptions{Enter: func() string { return "http://127.0.0.1:8080/enter?token=abc" }}}
	w := httptest.NewRecorder()
	p.dashboard(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/phone/dashboard", nil))
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != "/enter?token=abc" {
		t.Errorf("%d to %q", w.Code, to)
	}
	p.Enter = func() string { return "" }
	w = httptest.NewRecorder()
	p.dashboard(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/phone/dashboard", nil))
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("before the program is up: %d", w.Code)
	}
}
