package outside

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func listOf(t testing.TB, lines ...string) List {
	t.Helper()
	l, err := ParseList(lines)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// asked is what becomes of an address: "" if it may be asked, else why not.
func asked(l List, raw string) string {
	u, err := Address(raw)
	if err == nil {
		err = l.Check(u)
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestAllowList(t *testing.T) {
	l := listOf(t, "api.shop.example", "*.parts.example", "http://old.shop.example", "files.shop.example:8443", "docs.shop.example/v1/", "https://Füße.example", "93.184.216.34")
	for _, c := range []struct{ address, not string }{
		{"https://api.shop.example/orders?id=7", ""},
		{"api.shop.example/orders", ""},
		{"HTTPS://API.Shop.Example.:443/", ""},
		{"http://api.shop.example/", "with https:// only"},
		{"https://api.shop.example:8080/", "at port 443 only"},
		{"https://eu.parts.example/x", ""},
		{"https://a.b.parts.example/x", ""},
		{"https://parts.example/", "not allowed"},
		{"https://evilparts.example/", "not allowed"},
		{"https://parts.example.evil.example/", "not allowed"},
		{"http://old.shop.example/", ""},
		{"https://old.shop.example/", "with http:// only"},
		{"https://files.shop.example:8443/", ""},
		{"https://files.shop.example/", "at port 8443 only"},
		{"https://docs.shop.example/v1", ""},
		{"https://docs.shop.example/v1/a?b=/../", ""},
		{"https://docs.shop.example/v10", "begins with /v1"},
		{"https://docs.shop.example/", "begins with /v1"},
		{"https://docs.shop.example/v1/%2fadmin", "begins with /v1"},
		{"https://docs.shop.example/v1/%252e%252e/admin", `".."`},
		{"https://docs.shop.example/v1/../admin", `".."`},
		{"https://docs.shop.example/v1/%2e%2e/admin", `".."`},
		{"https://docs.shop.example/v1/..;/admin", `".."`},
		{`https://docs.shop.example/v1\..\admin`, `".."`},
		{"https://fÜße.example/", ""},
		{"https://xn--fe-pia5g.example/", "not allowed"},
		{"https://füsse.example/", "not allowed"},
		{"https://shop.example#@127.0.0.1:0/", "not allowed"},
		{"https://93.184.216.34/", ""},
		{"https://[::ffff:93.184.216.34]/", ""},
		{"https://93.184.216.35/", "not allowed"},
		{"https://unlisted.example/", "not allowed"},
	} {
		if got := asked(l, c.address); (got == "") != (c.not == "") || !strings.Contains(got, c.not) {
			t.Errorf("%s: %q, want %q", c.address, got, c.not)
		}
	}
}

// Every spelling of an address that a model could be talked into, to get past a
// list of one host, or past a list of every public host.
func TestAddressesThatAreNotTaken(t *testing.T) {
	one, all := listOf(t, "shop.example"), listOf(t, "*", "http://*")
	for _, address := range []string{
		"http://127.0.0.1/", "https://127.0.0.1./", "https://127.1/", "https://127.0.0.1:8080/", "https://2130706433/", "https://0x7f000001/",
		"https://0x7f.1/", "https://0177.0.0.1/", "https://017700000001/", "https://127.0.0.1.0x1/", "https://1.2.3.4.5/", "https://00000127.0.0.1/",
		"https://１２７.０.０.１/", "https://127。0。0。1/", "https://①②⑦.⓪.⓪.①/",
		"https://[::1]/", "https://[::]/", "https://[0:0:0:0:0:0:0:1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/",
		"https://[64:ff9b::7f00:1]/", "https://[fe80::1%25eth0]/", "https://[fd00::1]/", "https://[::127.0.0.1]/", "https://169.254.169.254/latest/meta-data",
		"https://shop.example@127.0.0.1/", "https://user:pw@shop.example/", "https://shop.example%40127.0.0.1/", "https://shop.example\\@127.0.0.1/",
		"https:/\\127.0.0.1/", "https:///127.0.0.1/", "https:127.0.0.1",
		"ftp://shop.example/", "file:///etc/passwd", "gopher://shop.example/", "javascript:alert(1)", "data:text/html,x", "unix:///run/docker.sock",
		"https://shop.example:0/", "https://shop.example:99999/", "https://shop.example:/", "https://shop.example:443:80/", "https://shop.example:８０/",
		"https://shop.example\r\nHost: evil/", "https://shop.example/\x00", "https://shop example/", "https://shop.example%00.evil.example/",
		"", " ", "https://", "https://./", "https://../", "://x", "https://[::1", "https://a]b/", "https://" + strings.Repeat("a", 5000) + ".example/",
		"https://shop.example/" + strings.Repeat("a", 5000),
	} {
		if got := asked(one, address); got == "" {
			t.Errorf("one host: %q may be asked", address)
		}
		if u, err := Address(address); err == nil && all.Check(u) == nil {
			if _, err := netip.ParseAddr(u.Hostname()); err == nil || u.Hostname() != "shop.example" {
				t.Errorf("every host: %q is taken for %s", address, u)
			}
		}
	}
	if got := asked(all, "https://anything.example/x"); got != "" {
		t.Errorf("a public host with *: %s", got)
	}
	if !all.Everywhere() || one.Everywhere() || one.Empty() || !(List{}).Empty() {
		t.Error("what a list says of itself")
	}
}

func TestAllowListCannotBeRead(t *testing.T) {
	for _, line := range []string{"", "https://", "ftp://shop.example", "shop.*.example", "**.example", "*example", "*.1.2.3.4", "shop.example?x=1",
		"user@shop.example", "shop.example:99999", "shop.example/../x", "0x7f.1", "a b"} {
		if l, err := ParseList([]string{"fine.example", line}); err == nil {
			t.Errorf("%q was read as %+v", line, l.entries[1])
		} else if !strings.Contains(err.Error(), `"`+line+`"`) {
			t.Errorf("%q: the error does not name it: %v", line, err)
		}
	}
}

// FuzzAddress: whatever is taken reads the same in every reader, and a list of
// one host lets nothing else through.
func FuzzAddress(f *testing.F) {
	for _, seed := range []string{"https://shop.example/v1/a", "https://SHOP.example.:443/v1", "http://127.0.0.1", "https://[::ffff:1.2.3.4]:9/", "a@b", "https://x/%2e%2e/", "https://０x7f.1/"} {
		f.Add(seed)
	}
	l := listOf(f, "shop.example/v1")
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := Address(raw)
		if err != nil {
			if len(err.Error()) > 200 {
				t.Errorf("the error holds %d bytes", len(err.Error()))
			}
			return
		}
		again, err := Address(u.String())
		if err != nil || again.String() != u.String() {
			t.Errorf("%.99q became %.99q, and that %.99v, %v", raw, u, again, err)
		}
		plain, err := url.Parse(u.String())
		if err != nil || plain.Host != u.Host || plain.User != nil || plain.Hostname() != u.Hostname() {
			t.Errorf("%.99q became %.99q, which reads differently: %v", raw, u, err)
		}
		if l.Check(u) == nil && (u.Hostname() != "shop.example" || u.Scheme != "https" || u.Port() != "" && u.Port() != "443" || !strings.HasPrefix(u.Path, "/v1")) {
			t.Errorf("%q was let through as %q", raw, u)
		}
	})
}

func FuzzAllowList(f *testing.F) {
	for _, seed := range []string{"shop.example", "*.x.example:8/y", "http://*", "*:80", "https://[::1]:9"} {
		f.Add(seed)
	}
	inside, err := Address("https://10.0.0.1/")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, line string) {
		l, err := ParseList([]string{line})
		if err == nil && l.Check(inside) == nil && !strings.Contains(line, "1") {
			// Full-width and other digits also hold what maps to a 1.
			if host := l.entries[0].host; host != "10.0.0.1" {
				t.Errorf("%q lets 10.0.0.1 through", line)
			}
		}
	})
}
