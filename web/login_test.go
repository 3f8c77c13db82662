package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"astromesh/store"

	"github.com/alexedwards/argon2id"
)

// Who is sent to sign in arrives at the page that they asked for; a link that a
// stranger made leads to Home.
func TestLoginLeadsOn(t *testing.T) {
	d := newDash(t)
	hash, err := argon2id.CreateHash(goodPassword, argon2id.DefaultParams)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.store.CreateUser(store.User{Name: "Ben", Role: store.RoleStaff, PasswordHash: hash}); err != nil {
		t.Fatal(err)
	}
	for page, want := range map[string]string{
		"/": "/login", "/logs?q=a%20b&level=warn": "/login?to=%2Flogs%3Fq%3Da%2520b%26level%3Dwarn", "/conversations/7": "/login?to=%2Fconversations%2F7",
	} {
		if got := location(d.stranger().get(page)); got != want {
			t.Errorf("%s leads to %q, want %q", page, got, want)
		}
	}
	has(t, d.stranger().page("/login?to=%2Flogs%3Fq%3D%2522"), `name="to" value="/logs?q=%22"`)
	if strings.Contains(d.stranger().page("/login?to=%2F%2Fevil.example"), "evil") {
		t.Error("a stranger's link is in the form")
	}
	signIn := func(to, password string) (int, string, string) {
		w := d.stranger().post("/login", url.Values{"name": {"ben"}, "password": {password}, "to": {to}})
		return w.Code, location(w), w.Body.String()
	}
	for to, want := range map[string]string{"": "/", "/logs?q=1": "/logs?q=1", "//evil.example": "/", `/\evil.example`: "/", "https://evil.example": "/"} {
		if code, at, _ := signIn(to, goodPassword); code != http.StatusSeeOther || at != want {
			t.Errorf("after a login with %q: %d %q, want %q", to, code, at, want)
		}
	}
	code, _, body := signIn("/logs?q=1", "carrots and 8 peas")
	if code != http.StatusUnprocessableEntity {
		t.Errorf("a wrong password: %d", code)
	}
	has(t, body, `name="to" value="/logs?q=1"`)
	if at := location(d.staff.get("/login?to=%2Fhealth")); at != "/health" {
		t.Errorf("who is signed in already is led to %q", at)
	}
	if at := location(d.staff.get("/login?to=%2F%2Fevil.example")); at != "/" {
		t.Errorf("who is signed in already is led to %q", at)
	}
}

// loginFrom sends a login from an address.
func (d *dash) loginFrom(address, name, password string) *httptest.ResponseRecorder {
	r := d.stranger().request(http.MethodPost, "/login", url.Values{"name": {name}, "password": {password}})
	r.RemoteAddr = address + ":40000"
	w := httptest.NewRecorder()
	d.admin.ServeHTTP(w, r)
	return w
}

const tooMany = "Too many tries"

// TestLoginIsSlowedDown: by the address whatever name it tries, and by the
// account wherever it is tried from; nobody else has to wait.
func TestLoginIsSlowedDown(t *testing.T) {
	for what, of := range map[string]func(try string) (address, name string){
		"an address": func(try string) (string, string) { return "192.0.2.7", "name" + try },
		"an account": func(try string) (string, string) { return "192.0.2." + try, "Ben" },
	} {
		t.Run(what, func(t *testing.T) {
			d := newDash(t)
			slow := false
			for try := 0; try < 2*freeTries && !slow; try++ { // the first wait may be over while a slow machine looks
				address, name := of(strconv.Itoa(10 + try))
				w := d.loginFrom(address, name, "wrong")
				slow = strings.Contains(w.Body.String(), tooMany)
				if w.Code != http.StatusUnprocessableEntity || slow && try < freeTries {
					t.Fatalf("try %d: %d %s", try, w.Code, w.Body)
				}
			}
			if !slow {
				t.Errorf("%s may try on and on", what)
			}
			if w := d.loginFrom("192.0.2.200", "Zoe", "wrong"); strings.Contains(w.Body.String(), tooMany) {
				t.Error("somebody else has to wait, too")
			}
		})
	}
}

// TestLoginsAtOnceAreCounted: who sends many at the same time gets no more tries
// than who sends them one by one.
func TestLoginsAtOnceAreCounted(t *testing.T) {
	d := newDash(t)
	var looked atomic.Int32
	var all sync.WaitGroup
	for range 4 * freeTries {
		all.Go(func() {
			if w := d.loginFrom("192.0.2.7", "Ben", "wrong"); !strings.Contains(w.Body.String(), tooMany) {
				looked.Add(1)
			}
		})
	}
	all.Wait()
	if n := looked.Load(); n > freeTries+3 { // a second or two may pass meanwhile
		t.Errorf("%d passwords were looked at, %d are free", n, freeTries)
	}
}

func TestTriesWaitLonger(t *testing.T) {
	tries, now, keys := newTries(), time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), []string{"account ben"}
	for range freeTries {
		if wait := tries.take(keys, now); wait > 0 {
			t.Fatalf("a free try waits %s", wait)
		}
	}
	for _, want := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
		if wait := tries.take(keys, now); wait != want {
			t.Errorf("waits %s, want %s", wait, want)
		}
		now = now.Add(want)
		if wait := tries.take(keys, now); wait != 0 {
			t.Errorf("after the wait: %s more", wait)
		}
	}
	for range 30 {
		now = now.Add(longestWait)
		if wait := tries.take(keys, now); wait != 0 {
			t.Errorf("waits longer than the longest: %s", wait)
		}
	}
	tries.forget(keys)
	if wait := tries.take(keys, now); wait != 0 {
		t.Errorf("after the right password: %s", wait)
	}
}
