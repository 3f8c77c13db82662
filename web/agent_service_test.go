package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"astromesh/store"
)

// newNightDash is a dashboard with an agent "night" that was published in it,
// beside "shop", which a file put in service and customers reach.
func newNightDash(t *testing.T) *dash {
	t.Helper()
	d := newAgentDash(t)
	if _, err := d.store.Publish("night", shopWith(t, "name: shop", "name: night"), "Olga", 0); err != nil {
		t.Fatal(err)
	}
	if err := d.server.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *dash) serves(name string) bool {
	_, ok := d.server.Agents.Get(name)
	return ok
}

// Out of service and back, with every version kept and both written down.
func TestRetireAgent(t *testing.T) {
	d := newNightDash(t)
	live := url.Values{"live": {"1"}}
	if page := d.owner.page("/agents/night"); !strings.Contains(page, "Take out of service") || !strings.Contains(page, "every conversation stay") {
		t.Error("the page does not offer it, or does not say what stays")
	}
	if w := d.owner.post("/agents/night/retire", live); w.Code != http.StatusSeeOther {
		t.Fatalf("retire: %d %s", w.Code, w.Body)
	}
	if d.serves("night") {
		t.Error("it still answers")
	}
	page := d.owner.page("/agents/night")
	if !strings.Contains(page, "Bring version 1 back") || !strings.Contains(page, "name: night") || strings.Contains(page, "/retire") {
		t.Error("the page of an agent that is out of service")
	}
	if list := d.owner.page("/agents"); !strings.Contains(list, "Taken out of service here") {
		t.Error("the list does not say it")
	}
	if w := d.owner.post("/agents/night/return", nil); w.Code != http.StatusSeeOther || !d.serves("night") {
		t.Errorf("back: %d", w.Code)
	}
	if versions, err := d.store.Versions(t.Context(), "night"); err != nil || len(versions) != 1 || !versions[0].Live {
		t.Errorf("versions: %+v, %v", versions, err)
	}
	for _, want := range []string{"Olga: agent taken out of service night version 1", "Olga: agent brought back night version 1"} {
		if !strings.Contains(d.audits(), want) {
			t.Errorf("no audit %q:\n%s", want, d.audits())
		}
	}
}

// A retired agent comes back by publishing too.
func TestPublishARetiredAgent(t *testing.T) {
	d := newNightDash(t)
	if w := d.owner.post("/agents/night/retire", url.Values{"live": {"1"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("retire: %d", w.Code)
	}
	text := strings.Replace(shopWith(t, "name: shop", "name: night"), "Be kind.", "Be kind at night.", 1)
	w := d.owner.post("/agents/night/publish", url.Values{"yaml": {text}, "from": {"yaml"}, "sure": {"1"}, "compared": {"0"}})
	if v, err := d.store.LiveAgent(t.Context(), "night"); w.Code != http.StatusSeeOther || err != nil || v.Version != 2 || !d.serves("night") {
		t.Errorf("%d, %+v, %v", w.Code, v, err)
	}
}

// What is not done, and what the owner reads instead.
func TestRetireAgentRefused(t *testing.T) {
	d := newNightDash(t)
	if _, err := d.store.ImportAgent("day", "agents/day.agent.yaml", shopWith(t, "name: shop", "name: day")); err != nil {
		t.Fatal(err)
	}
	if err := d.server.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		who          *operator
		path, live   string
		status       int
		says, serves string
	}{
		"the agent that answers":  {d.owner, "/agents/shop/retire", "1", http.StatusConflict, "choose another one first", "shop"},
		"an agent from a file":    {d.owner, "/agents/day/retire", "1", http.StatusConflict, "the file decides", "day"},
		"another version by now":  {d.owner, "/agents/night/retire", "7", http.StatusConflict, "Somebody else changed", "night"},
		"no version":              {d.owner, "/agents/night/retire", "", http.StatusConflict, "Somebody else changed", "night"},
		"back, and it never went": {d.owner, "/agents/night/return", "", http.StatusConflict, "Somebody else changed", "night"},
		"by staff":                {d.staff, "/agents/night/retire", "1", http.StatusForbidden, "", "night"},
		"back by staff":           {d.staff, "/agents/night/return", "1", http.StatusForbidden, "", "night"},
		"an agent that is not":    {d.owner, "/agents/nobody/retire", "1", http.StatusNotFound, "", "night"},
	} {
		if w := c.who.post(c.path, url.Values{"live": {c.live}}); w.Code != c.status || !strings.Contains(w.Body.String(), c.says) || !d.serves(c.serves) {
			t.Errorf("%s: %d, %q is said: %v, %s serves: %v", name, w.Code, c.says, strings.Contains(w.Body.String(), c.says), c.serves, d.serves(c.serves))
		}
	}
	if page := d.staff.page("/agents/night"); strings.Contains(page, "/retire") {
		t.Error("staff see the button")
	}
	if _, err := d.store.RetiredAgent(t.Context(), "night"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("night: %v", err)
	}
}

// What was right once may be wrong by now: it stays out, and the page says why.
func TestReturnABrokenAgent(t *testing.T) {
	d := newAgentDash(t)
	if _, err := d.store.Publish("night", "kind: Agent\n", "Olga", 0); err != nil {
		t.Fatal(err)
	}
	if err := d.store.Retire("night", 1); err != nil {
		t.Fatal(err)
	}
	if w := d.owner.post("/agents/night/return", nil); w.Code != http.StatusUnprocessableEntity || d.serves("night") {
		t.Errorf("%d", w.Code)
	}
}
