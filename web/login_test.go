package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

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
