package web

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"astromesh/config"
	"astromesh/store"

	"github.com/alexedwards/argon2id"
)

// newSettingDash is a dashboard whose channel is what was saved, less what is
// outside.
func newSettingDash(t *testing.T, outside ...string) *dash {
	t.Helper()
	d := newDash(t, func(p *Parts) {
		p.DataDir = "/data/of/the/shop"
		p.Reload = func(context.Context) error { return nil }
		p.Channel = func() Channel {
			ch := Channel{WhatsApp: config.DefaultChannels(nil).Channels.WhatsApp, Outside: map[string]bool{}}
			ch.DefaultAgent = "shop"
			for _, key := range outside {
				ch.Outside[key] = true
			}
			return ch
		}
	})
	return d
}

func (d *dash) audits() string {
	d.t.Helper()
	list, err := d.store.Audits(d.t.Context(), 0, 100)
	if err != nil {
		d.t.Fatal(err)
	}
	var b strings.Builder
	for _, a := range list {
		b.WriteString(a.User + ": " + a.Action + " " + a.Target + " " + a.Detail + "\n")
	}
	return b.String()
}

func location(w *httptest.ResponseRecorder) string { return w.Header().Get("Location") }

func TestStaffMayNotChangeSettings(t *testing.T) {
	d := newSettingDash(t)
	for _, path := range []string{
		"/settings/whatsapp", "/settings/whatsapp/check", "/settings/channel", "/settings/operators", "/settings/retention", "/settings/about",
		"/setup/next", "/setup/model", "/setup/model/state", "/setup/model/stream", "/setup/meta", "/setup/agent", "/setup/test", "/setup/done",
	} {
		if w := d.staff.get(path); w.Code != http.StatusForbidden {
			t.Errorf("GET %s as staff: %d", path, w.Code)
		}
		if w := d.stranger().get(path); w.Code != http.StatusSeeOther {
			t.Errorf("GET %s as nobody: %d", path, w.Code)
		}
	}
	for _, path := range []string{
		"/settings/whatsapp", "/settings/whatsapp/subscribe", "/settings/channel", "/settings/operators", "/settings/retention",
		"/settings/channel/agent-of-file", "/settings/operators/1/remove", "/settings/operators/1/password", "/setup/model/use", "/setup/model/pull", "/setup/model/cancel", "/setup/meta", "/setup/agent",
	} {
		if w := d.staff.post(path, url.Values{"name": {"x"}}); w.Code != http.StatusForbidden {
			t.Errorf("POST %s as staff: %d", path, w.Code)
		}
		if w := d.stranger().post(path, nil); w.Code != http.StatusUnauthorized {
			t.Errorf("POST %s as nobody: %d", path, w.Code)
		}
	}
	if w := d.staff.get("/settings"); location(w) != "/settings/account" {
		t.Errorf("staff are led to %q", location(w))
	}
	if page := d.staff.page("/settings/account"); strings.Contains(page, "/settings/operators") {
		t.Error("staff see sections that are not theirs")
	}
}

func TestOperators(t *testing.T) {
	d := newSettingDash(t)
	add := func(name, password, role string) *httptest.ResponseRecorder {
		return d.owner.post("/settings/operators", url.Values{"name": {name}, "password": {password}, "role": {role}})
	}
	for name, c := range map[string]struct{ name, password, role, says string }{
		"no name":       {"", goodPassword, "staff", "Type a name"},
		"taken":         {"SAM", goodPassword, "staff", "Somebody has that name"},
		"short":         {"Ben", "abc", "staff", "at least 10 characters"},
		"no role":       {"Ben", goodPassword, "", "Choose what this person may do"},
		"an odd role":   {"Ben", goodPassword, "root", "Choose what this person may do"},
		"kept as typed": {"Bén <b>", "abc", "owner", "Bén &lt;b&gt;"},
	} {
		if w := add(c.name, c.password, c.role); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	if w := add("Ben", goodPassword, "staff"); location(w) != "/settings/operators?saved=added" {
		t.Fatalf("add: %d %s", w.Code, w.Body)
	}
	ben, err := d.store.UserByName(t.Context(), "Ben")
	if err != nil || ben.Role != store.RoleStaff {
		t.Fatalf("%+v, %v", ben, err)
	}
	at := func(id int64, what string) string {
		return "/settings/operators/" + strconv.FormatInt(id, 10) + "/" + what
	}
	if w := d.owner.post(at(d.staff.user.ID, "password"), url.Values{"password": {"short"}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "at least 10") {
		t.Errorf("a short new password: %d", w.Code)
	}
	if w := d.staff.get("/settings/account"); w.Code != http.StatusOK {
		t.Errorf("a refused reset signs out: %d", w.Code)
	}
	if w := d.owner.post(at(d.staff.user.ID, "password"), url.Values{"password": {"peas and carrots"}}); w.Code != http.StatusSeeOther {
		t.Errorf("reset: %d", w.Code)
	}
	if w := d.staff.get("/settings/account"); w.Code != http.StatusSeeOther {
		t.Errorf("the old session lives on: %d", w.Code)
	}
	for path, want := range map[string]string{at(ben.ID, "remove"): "removed", at(d.owner.user.ID, "remove"): "self", at(d.owner.user.ID, "password"): ""} {
		if w := d.owner.post(path, nil); w.Code != http.StatusSeeOther || !strings.HasSuffix(location(w), "saved="+want) {
			t.Errorf("%s: %d %s", path, w.Code, location(w))
		}
	}
	for _, path := range []string{at(4711, "remove"), at(4711, "password"), "/settings/operators/x/remove"} {
		if w := d.owner.post(path, nil); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	for _, want := range []string{"Olga: operator added Ben staff", "Olga: password set Sam", "Olga: operator removed Ben"} {
		if !strings.Contains(d.audits(), want) {
			t.Errorf("%q is not in the audit list:\n%s", want, d.audits())
		}
	}
	if page := d.owner.page("/settings/about"); !strings.Contains(page, "operator added") || !strings.Contains(page, "/data/of/the/shop") {
		t.Error("the page About lacks the changes or the folder")
	}
}

func TestOwnPassword(t *testing.T) {
	d := newSettingDash(t)
	hash, err := argon2id.CreateHash(goodPassword, argon2id.DefaultParams)
	if err != nil {
		t.Fatal(err)
	}
	ben, err := d.store.CreateUser(store.User{Name: "Ben", Role: store.RoleStaff, PasswordHash: hash})
	if err != nil {
		t.Fatal(err)
	}
	browser := func() *operator {
		w := d.stranger().post("/login", url.Values{"name": {"ben"}, "password": {goodPassword}})
		return &operator{dash: d, user: ben, cookie: cookieOf(w)}
	}
	here, there := browser(), browser()
	for name, c := range map[string]struct{ old, new, says string }{
		"nothing":   {"", "", "Type your present password"},
		"wrong old": {"carrots and 8 peas", "peas and carrots", "That is not your present password"},
		"short new": {goodPassword, "peas", "at least 10"},
	} {
		if w := here.post("/settings/account/password", url.Values{"old": {c.old}, "password": {c.new}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	w := here.post("/settings/account/password", url.Values{"old": {goodPassword}, "password": {"peas and carrots"}})
	if w.Code != http.StatusSeeOther || cookieOf(w) == nil {
		t.Fatalf("change: %d %s", w.Code, w.Body)
	}
	if there.get("/settings/account").Code == http.StatusOK {
		t.Error("another browser is still signed in")
	}
	if here.cookie = cookieOf(w); here.get("/settings/account").Code != http.StatusOK {
		t.Error("this browser is signed out")
	}
	if w := here.post("/settings/account/signout", nil); w.Code != http.StatusSeeOther || here.get("/settings/account").Code == http.StatusOK {
		t.Errorf("signed in after signing out everywhere: %d", w.Code)
	}
}

// TestOwnPasswordIsNotGuessed: as slow as a login.
func TestOwnPasswordIsNotGuessed(t *testing.T) {
	d := newSettingDash(t)
	for range freeTries {
		d.owner.post("/settings/account/password", url.Values{"old": {"wrong"}, "password": {"peas and carrots"}})
	}
	if d.server.tries.made["account olga"].until.IsZero() { // the wait itself may be over on a slow machine
		t.Error("guessing is not slowed down")
	}
}

func TestRetentionForm(t *testing.T) {
	d := newSettingDash(t)
	if page := d.owner.page("/settings/retention"); !strings.Contains(page, `value="365"`) || !strings.Contains(page, `value="30"`) {
		t.Error("the defaults are not shown")
	}
	if w := d.owner.post("/settings/retention", url.Values{"messages": {"3"}, "events": {"x9"}}); w.Code != http.StatusUnprocessableEntity ||
		!strings.Contains(w.Body.String(), "14 to 3,650") || !strings.Contains(w.Body.String(), `value="x9"`) {
		t.Errorf("bad input: %d", w.Code)
	}
	if w := d.owner.post("/settings/retention", url.Values{"messages": {"0"}, "events": {"7"}}); w.Code != http.StatusSeeOther {
		t.Errorf("save: %d", w.Code)
	}
	if keep, err := d.store.Retention(t.Context()); err != nil || keep.Messages != 0 || keep.Events.Hours() != 7*24 {
		t.Errorf("%+v, %v", keep, err)
	}
}

func TestAppearanceForm(t *testing.T) {
	d := newSettingDash(t)
	if w := d.staff.post("/settings/appearance", url.Values{"theme": {"neon"}, "language": {"xx"}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("bad input: %d", w.Code)
	}
	if w := d.staff.post("/settings/appearance", url.Values{"theme": {"dark"}, "language": {"pt-BR"}}); w.Code != http.StatusSeeOther {
		t.Errorf("save: %d", w.Code)
	}
	if page := d.staff.page("/settings/appearance"); !strings.Contains(page, `data-theme="dark"`) || !strings.Contains(page, `lang="pt-BR"`) {
		t.Error("it is not what was chosen")
	}
	if page := d.owner.page("/settings/appearance"); strings.Contains(page, `data-theme="dark"`) {
		t.Error("it changed for others")
	}
	has(t, d.audits(), "Sam: appearance changed")
}

func TestChannelForm(t *testing.T) {
	d := newSettingDash(t, "rate_limit.max_messages", "messages.error")
	page := d.owner.page("/settings/channel")
	if !strings.Contains(page, "set from outside") || strings.Count(page, "disabled") < 4 {
		t.Error("what is set outside can be typed")
	}
	good := url.Values{
		"default_agent": {"shop"}, "rate_limit.max_messages": {"5"}, "rate_limit.window_seconds": {"60"}, "debounce.quiet_seconds": {"1.5"},
		"messages.error.en": {"not used"}, "messages.blocked.es": {" No puedo \r\n con eso. "}, "messages.blocked.en": {""},
	}
	bad := maps.Clone(good)
	bad["debounce.quiet_seconds"], bad["default_agent"] = []string{"soon"}, []string{"nobody"}
	if w := d.owner.post("/settings/channel", bad); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `value="soon"`) ||
		!strings.Contains(w.Body.String(), "Seconds from 0 to 60") || !strings.Contains(w.Body.String(), "Choose another") {
		t.Errorf("bad input: %d", w.Code)
	}
	if w := d.owner.post("/settings/channel", good); w.Code != http.StatusSeeOther {
		t.Fatalf("save: %d", w.Code)
	}
	got, err := d.store.Settings(t.Context(), "whatsapp.")
	want := map[string]string{"whatsapp.debounce.quiet_seconds": "1.5", "whatsapp.messages.blocked.es": "No puedo \n con eso."}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("saved %v, %v; want %v", got, err, want)
	}
	if !strings.Contains(d.audits(), "debounce.quiet_seconds, messages.blocked.en, messages.blocked.es") {
		t.Errorf("audit:\n%s", d.audits())
	}
}
