package form

import (
	"net/url"
	"strings"
	"testing"
)

// A login leads on to pages of this dashboard and nowhere else.
func TestLocalPath(t *testing.T) {
	for _, s := range []string{
		"/", "/logs", "/conversations/7", "/conversations/7?q=ana&filter=needs", "/agents/shop?tab=versions",
		"/logs?q=https%3A%2F%2Fexample.org", "/logs?q=//evil.example", "/agents/caf%C3%A9", "/settings/account",
	} {
		if got := LocalPath(s); got != s {
			t.Errorf("%q: %q", s, got)
		}
	}
	for _, s := range []string{
		"", "logs", "//evil.example", "///evil.example", `/\evil.example`, `\\evil.example`, `\/evil.example`, `/logs\..\..`,
		"https://evil.example", "https:evil.example", "https:/evil.example", "HTTPS://127.0.0.1:8080/logs", "javascript:alert(1)", "data:text/html,x",
		"/%2Fevil.example", "/%2fevil.example", "/%5Cevil.example", "/%5cevil.example", "%2F%2Fevil.example", "/%252Fevil.example", "/%255cevil.example",
		"/\t/evil.example", "/\n/evil.example", "/\r\n/evil.example", "/%09/evil.example", "/%0d%0aSet-Cookie:x=1", "\t//evil.example", " //evil.example",
		"/.//evil.example", "/..//evil.example", "/logs/../..//evil.example", "/./logs", "/logs#x", "//user@evil.example", "/%zz", "/\x00", "?x=1",
		"/login", "/login?to=%2Flogs", "/logout", "/" + strings.Repeat("a", mostPath),
	} {
		if got := LocalPath(s); got != "" {
			t.Errorf("%q is taken: %q", s, got)
		}
	}
}

func FuzzLocalPath(f *testing.F) {
	for _, s := range []string{"/logs?q=1", "//evil.example", `/\evil.example`, "/%2Fevil.example", "https:evil.example", "/\t/evil.example"} {
		f.Add(s)
	}
	here, err := url.Parse("http://127.0.0.1:8080/login")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := LocalPath(s)
		if got == "" {
			return
		}
		// A browser reads a backslash as a slash, and does not see tabs and line ends.
		as := strings.NewReplacer(`\`, "/", "\t", "", "\n", "", "\r", "").Replace(strings.TrimSpace(got))
		page, err := here.Parse(as)
		if err != nil || page.Host != here.Host || page.Scheme != here.Scheme || strings.HasPrefix(page.Path, "//") {
			t.Fatalf("%q leads to %v (%v)", got, page, err)
		}
	})
}
