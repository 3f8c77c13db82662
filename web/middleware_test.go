package web

import (
	"net/http"
	"strings"
	"testing"
)

func TestOnlyThisMachine(t *testing.T) {
	fine := []string{"localhost", "localhost:8080", "LocalHost:1", "127.0.0.1", "127.0.0.1:65000", "[::1]", "[::1]:8080"}
	foreign := []string{"", "example.com", "example.com:8080", "localhost.example.com", "127.0.0.1.example.com", "127.0.0.2", "192.168.1.5:8080",
		"localhost:8080.example.com", "localhost:80:80", "localhost:a", "[::2]:80", "::1", "0.0.0.0:8080", "localhost.", "[localhost]:80 x"}
	for _, host := range fine {
		if !isThisMachine(host) {
			t.Errorf("%q is this machine", host)
		}
	}
	for _, host := range foreign {
		if isThisMachine(host) {
			t.Errorf("%q is not this machine", host)
		}
	}
}

// TestPhoneDoors sends what other sites could make a browser send.
func TestPhoneDoors(t *testing.T) {
	r := newPhoneRig(t)
	for name, c := range map[string]struct {
		method, path string
		header       []string
		status       int
	}{
		"page under a foreign name":   {http.MethodGet, "/", []string{"Host", "evil.example"}, http.StatusForbidden},
		"stream under a foreign name": {http.MethodGet, "/phone/stream", []string{"Host", "evil.example:8080"}, http.StatusForbidden},
		"send under a foreign name":   {http.MethodPost, "/phone/send", []string{"Host", "evil.example"}, http.StatusForbidden},
		"send from another site":      {http.MethodPost, "/phone/send", []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		"send from another origin":    {http.MethodPost, "/phone/extra/poll", []string{"Origin", "http://evil.example"}, http.StatusForbidden},
		"send by a link":              {http.MethodGet, "/phone/send", nil, http.StatusMethodNotAllowed},
		"nothing there":               {http.MethodGet, "/phone/none", nil, http.StatusNotFound},
	} {
		resp, body := r.do(c.method, c.path, strings.NewReader("text=evil"), c.header...)
		if resp.StatusCode != c.status {
			t.Errorf("%s: %d %s, want %d", name, resp.StatusCode, body, c.status)
		}
	}
	if sent := r.meta.Posts(); len(sent) > 0 {
		t.Errorf("%d messages went out", len(sent))
	}
}

func TestSecureHeaders(t *testing.T) {
	r := newPhoneRig(t)
	for _, path := range []string{"/", picturePath, "/nothing"} {
		resp, _ := r.do(http.MethodGet, path, nil)
		policy := resp.Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
			t.Errorf("GET %s: policy %q", path, policy)
		}
		if got := resp.Header.Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("GET %s: X-Content-Type-Options %q", path, got)
		}
	}
}
