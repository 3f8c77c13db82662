package reach

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

const hook = "/v1/channels/whatsapp/webhook"

func networks(t testing.TB, text string) []netip.Prefix {
	t.Helper()
	list, wrong := Networks(text)
	if wrong != "" {
		t.Fatalf("%q is no network", wrong)
	}
	return list
}

// Who calls is what the nearest trusted proxy saw, never what the caller says.
func TestClientAddress(t *testing.T) {
	proxy := Settings{Way: Proxy, Trusted: networks(t, "127.0.0.0/8, 10.0.0.0/8")}
	for name, c := range map[string]struct {
		settings Settings
		peer     string
		header   []string
		want     string // "" = nobody
		proxied  bool
	}{
		"direct":                    {proxy, "203.0.113.5:9", nil, "203.0.113.5", false},
		"direct, made up":           {proxy, "203.0.113.5:9", []string{"198.51.100.1"}, "203.0.113.5", false},
		"through the proxy":         {proxy, "127.0.0.1:9", []string{"198.51.100.1"}, "198.51.100.1", true},
		"through two proxies":       {proxy, "127.0.0.1:9", []string{"198.51.100.1, 10.1.1.1"}, "198.51.100.1", true},
		"in two headers":            {proxy, "127.0.0.1:9", []string{"198.51.100.1", "10.1.1.1"}, "198.51.100.1", true},
		"made up before the proxy":  {proxy, "127.0.0.1:9", []string{"192.0.2.1, 198.51.100.1"}, "198.51.100.1", true},
		"nonsense":                  {proxy, "127.0.0.1:9", []string{"unknown"}, "", true},
		"nothing":                   {proxy, "127.0.0.1:9", nil, "", true},
		"with a port":               {proxy, "127.0.0.1:9", []string{"198.51.100.1:443"}, "198.51.100.1", true},
		"IPv6":                      {proxy, "127.0.0.1:9", []string{"[2001:db8::1]"}, "2001:db8::1", true},
		"IPv4 as IPv6":              {proxy, "[::ffff:127.0.0.1]:9", []string{"::ffff:198.51.100.1"}, "198.51.100.1", true},
		"no proxy chosen":           {Settings{Way: None, Trusted: proxy.Trusted}, "127.0.0.1:9", []string{"198.51.100.1"}, "127.0.0.1", false},
		"an address that is no one": {proxy, "@", []string{"198.51.100.1"}, "", false},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, hook, nil)
		r.RemoteAddr = c.peer
		r.Header["X-Forwarded-For"] = c.header
		got, proxied := c.settings.client(r)
		if want, _ := netip.ParseAddr(c.want); got != want || proxied != c.proxied {
			t.Errorf("%s: %v, %t", name, got, proxied)
		}
	}
}

// Everything but the webhook stays open, and a made-up mark opens nothing.
func TestGuard(t *testing.T) {
	k := New(Parts{Path: hook, Settings: Settings{Networks: networks(t, "203.0.113.0/24")}})
	guarded := k.Guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	ask := func(path, mark string) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.RemoteAddr = "192.0.2.1:9"
		if mark != "" {
			r.Header.Set(CheckHeader, mark)
		}
		w := httptest.NewRecorder()
		guarded.ServeHTTP(w, r)
		return w.Code
	}
	own := k.marks.make()
	for name, c := range map[string]struct {
		path, mark string
		want       int
	}{
		"a stranger": {hook, "", 403}, "the sign of life": {"/healthz", "", 200},
		"a made-up mark": {hook, "AAAA", 403}, "our own": {hook, own, 200},
	} {
		if got := ask(c.path, c.mark); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	k.marks.forget(own)
	if got := ask(hook, own); got != 403 {
		t.Errorf("a mark whose check is over: %d", got)
	}
}

// Whatever stands in X-Forwarded-For, a caller is never taken for one of the
// trusted proxies, nor let in for an address that stands before the last hop.
func FuzzForwardedFor(f *testing.F) {
	for _, seed := range []string{"198.51.100.1", "203.0.113.9, 198.51.100.1", ",,", "[::1]:1", "unknown", "127.0.0.1", "203.0.113.9,127.0.0.1,x"} {
		f.Add(seed)
	}
	s := Settings{Way: Proxy, Trusted: networks(f, "127.0.0.1"), Networks: networks(f, "203.0.113.0/24")}
	f.Fuzz(func(t *testing.T, made string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, hook, nil)
		r.RemoteAddr = "127.0.0.1:9"
		r.Header["X-Forwarded-For"] = []string{made, "198.51.100.1"} // the proxy adds whom it saw
		if got, _ := s.client(r); got != netip.MustParseAddr("198.51.100.1") || s.mayCall(r) {
			t.Errorf("%q made the caller %v", made, got)
		}
	})
}

func FuzzNetworks(f *testing.F) {
	for _, seed := range []string{"203.0.113.0/24", "::ffff:192.0.2.0/120, 10.1.2.3", "fe80::1%eth0", "0.0.0.0/0;::/0", "x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, wrong := Networks(text)
		for _, p := range list {
			if wrong != "" || !p.IsValid() || !p.Contains(p.Addr()) {
				t.Errorf("%q: %v, wrong %q", text, p, wrong)
			}
		}
	})
}
