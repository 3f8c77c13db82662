package web

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"astromesh/store"
)

const goodPassword = "carrots and 7 peas"

// cookieOf is the session that an answer gives.
func cookieOf(w *httptest.ResponseRecorder) *http.Cookie {
	for _, c := range w.Result().Cookies() {
		if c.Name == sessionCookie {
			return c
		}
	}
	return nil
}

func TestFirstRun(t *testing.T) {
	d := newEmptyDash(t)
	visitor := d.stranger()
	for _, path := range []string{"/login", "/"} {
		if w := visitor.get(path); w.Code != http.StatusSeeOther {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := visitor.get("/setup"); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "printed a link") {
		t.Errorf("without the link: %d", w.Code)
	}
	link := "/setup?token=" + d.server.once.setupToken()
	if page := visitor.page(link); !strings.Contains(page, "Español") {
		t.Error("the first question is not the language")
	}
	if page := visitor.page(link + "&language=es"); !strings.Contains(page, "¿Quién lleva este negocio?") {
		t.Error("the second question is not in the chosen language")
	}
	form := url.Values{"token": {d.server.once.setupToken()}, "language": {"es"}, "name": {"Ana"}, "password": {goodPassword}}
	w := visitor.post("/setup", form)
	cookie := cookieOf(w)
	if w.Code != http.StatusOK || cookie == nil || cookie.SameSite != http.SameSiteStrictMode || !cookie.HttpOnly {
		t.Fatalf("claim: %d, cookie %v", w.Code, cookie)
	}
	u, err := d.store.UserByName(t.Context(), "ana")
	if err != nil || u.Role != store.RoleOwner || u.Language != "es" {
		t.Errorf("owner %+v, %v", u, err)
	}
	if w := (&operator{dash: d, cookie: cookie}).get("/"); w.Code != http.StatusOK {
		t.Errorf("the new owner is not signed in: %d", w.Code)
	}
	if w := visitor.post("/setup", form); w.Code != http.StatusForbidden {
		t.Errorf("the link works twice: %d", w.Code)
	}
	if w := visitor.get(link); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/login" {
		t.Errorf("the used link leads to %q", w.Header().Get("Location"))
	}
	if w := visitor.post("/login", url.Values{"name": {"Ana"}, "password": {goodPassword}}); w.Code != http.StatusSeeOther {
		t.Errorf("the password does not sign in: %d", w.Code)
	}
}

func TestClaimWithBadInput(t *testing.T) {
	for name, c := range map[string]struct {
		token, name, password string
		status                int
		says                  string
	}{
		"no token":       {"", "Ana", goodPassword, http.StatusForbidden, "printed a link"},
		"wrong token":    {"AAAA", "Ana", goodPassword, http.StatusForbidden, "printed a link"},
		"no name":        {"right", " ", goodPassword, http.StatusUnprocessableEntity, "Type a name"},
		"short password": {"right", "Ana", "sh0rt9", http.StatusUnprocessableEntity, "at least 10 characters"},
		"no password":    {"right", "Ana", "", http.StatusUnprocessableEntity, "Choose a password"},
		"markup":         {"right", "<b>Ana", "sh0rt9", http.StatusUnprocessableEntity, "&lt;b&gt;Ana"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newEmptyDash(t)
			token := c.token
			if good := d.server.once.setupToken(); token == "right" {
				token = good
			}
			w := d.stranger().post("/setup", url.Values{"token": {token}, "name": {c.name}, "password": {c.password}, "language": {"en"}})
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			if strings.Contains(w.Body.String(), c.password) && c.password != "" {
				t.Error("the password is sent back")
			}
			if users, err := d.store.Users(t.Context()); err != nil || len(users) > 0 {
				t.Errorf("%v, %v", users, err)
			}
		})
	}
}

func TestEnterLink(t *testing.T) {
	d := newDash(t)
	token := d.server.once.allow(d.owner.user.ID, time.Now())
	if page := d.stranger().page("/enter?token=" + token); !strings.Contains(page, token) {
		t.Fatal("the page does not hold the token")
	}
	w := d.stranger().post("/enter", url.Values{"token": {token}})
	cookie := cookieOf(w)
	if w.Code != http.StatusOK || cookie == nil || !strings.Contains(w.Body.String(), `http-equiv="refresh"`) {
		t.Fatalf("enter: %d", w.Code)
	}
	if page := (&operator{dash: d, cookie: cookie}).page("/"); !strings.Contains(page, "Olga") {
		t.Error("somebody else is signed in")
	}
	old := d.server.once.allow(d.owner.user.ID, time.Now().Add(-enterLife))
	for name, token := range map[string]string{"used": token, "old": old, "none": "", "setup": d.server.once.setupToken()} {
		if w := d.stranger().post("/enter", url.Values{"token": {token}}); w.Code != http.StatusForbidden || cookieOf(w) != nil {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	gone := d.server.once.allow(4711, time.Now())
	if w := d.stranger().post("/enter", url.Values{"token": {gone}}); w.Code != http.StatusNotFound {
		t.Errorf("of nobody: %d", w.Code)
	}
}

func TestOwnAddress(t *testing.T) {
	for bound, want := range map[string]string{"127.0.0.1:0": "http://127.0.0.1:", "0.0.0.0:0": "http://127.0.0.1:", "[::]:0": "http://127.0.0.1:"} {
		s := newDash(t).server
		if err := s.Listen("127.0.0.1:0", bound); err != nil {
			if _, none := net.Listen("tcp", "[::1]:0"); none != nil && bound == "[::]:0" {
				t.Log("left out, without IPv6: ", bound)
				continue
			}
			t.Fatal(err)
		}
		if got := s.SetupLink(); !strings.HasPrefix(got, want) || !strings.Contains(got, "/setup?token=") {
			t.Errorf("%s: %s", bound, got)
		}
		_, _ = s.publicAddr.Close(), s.adminAddr.Close()
	}
}
