package form

import (
	"net/url"
	"path"
	"strings"
	"unicode"
)

// Login is who wants to come in. The password is never shown again.
type Login struct {
	Name     string
	Password string
	To       string // page to go on to, a local path; "" = home
	Problem  string // key of the texts; "" = none
	Wait     int    // seconds until the next try, for "login.slow"
}

// BindLogin reads the form.
func BindLogin(v url.Values) Login {
	return Login{Name: strings.TrimSpace(first(v, "name")), Password: first(v, "password"), To: LocalPath(first(v, "to"))}
}

// mostPath bounds the address that a login leads on to, in bytes.
const mostPath = 2000

// LocalPath gives back an address if it is a page of this dashboard, else "". It
// may come in a link that a stranger wrote: browsers take "//host" and "/\host"
// for another site's address and leave out tabs and line ends, so whatever has
// such a thing, encoded or not, is refused and not mended.
func LocalPath(s string) string {
	u, err := url.Parse(s) // refuses control characters
	if err != nil || len(s) > mostPath || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" || u.Fragment != "" {
		return ""
	}
	if !strings.HasPrefix(s, "/") || u.Path != path.Clean(u.Path) || strings.ContainsAny(u.Path, "\\%") || strings.ContainsFunc(u.Path, unicode.IsControl) {
		return "" // a % that is left was encoded twice
	}
	if u.Path == "/login" || u.Path == "/logout" {
		return ""
	}
	return s
}
