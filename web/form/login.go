package form

import (
	"net/url"
	"strings"
)

// Login is who wants to come in. The password is never shown again.
type Login struct {
	Name     string
	Password string
	Problem  string // key of the texts; "" = none
	Wait     int    // seconds until the next try, for "login.slow"
}

// BindLogin reads the form.
func BindLogin(v url.Values) Login {
	return Login{Name: strings.TrimSpace(first(v, "name")), Password: first(v, "password")}
}
