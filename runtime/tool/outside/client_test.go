package outside

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// site is a server on this computer under the names of the public internet: the
// dialer of a test leads every name to it.
func site(t *testing.T, h http.HandlerFunc) Dial {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	var d net.Dialer
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return d.DialContext(ctx, network, s.Listener.Addr().String())
	}
}

func clientFor(t *testing.T, o Options) *Client {
	t.Helper()
	c := New(o)
	t.Cleanup(c.Close)
	return c
}

func get(t *testing.T, c *Client, address string, header ...string) (Response, error) {
	t.Helper()
	u, err := Address(address)
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return c.Do(t.Context(), Request{Method: "GET", URL: u, Header: h})
}

// Where an answer leads, and what is taken along.
func TestRedirects(t *testing.T) {
	var seen []string
	dial := site(t, func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, fmt.Sprintf("%s %s%s key=%s ref=%s", r.Method, r.Host, r.URL.Path, r.Header.Get("X-Api-Key")+r.Header.Get("Authorization")+r.Header.Get("Cookie"), r.Header.Get("Referer")))
		switch {
		case r.URL.Path == "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case r.URL.Query().Get("to") != "":
			http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusTemporaryRedirect)
		default:
			_, _ = io.WriteString(w, "arrived")
		}
	})
	c := clientFor(t, Options{List: listOf(t, "http://shop.example", "http://parts.example", "http://old.example/v1"), Dial: dial})
	for _, test := range []struct{ to, want string }{
		{"/there", "GET shop.example/there key=sesameBearer xcrumb ref="},
		{"http://parts.example/there", "GET parts.example/there key= ref="},
		{"http://old.example/v1/there", "GET old.example/v1/there key= ref="},
		{"http://old.example/v2", "!begins with /v1"},
		{"http://evil.example/", "!not allowed"},
		{"https://shop.example/", "!with http:// only"},
		{"http://shop.example:8080/", "!at port 80 only"},
		{"http://127.0.0.1/", "!not allowed"},
		{"http://2130706433/", "!number is not taken"},
		{"http://[::ffff:169.254.169.254]/latest", "!not allowed"},
		{"http://user:pw@shop.example/", "!user name or password"},
		{"//evil.example/", "!not allowed"},
		{"file:///etc/passwd", "!https:// or http://"},
		{"http://shop.example/../x", "GET shop.example/x key=sesameBearer xcrumb ref="},
	} {
		seen = nil
		res, err := get(t, c, "http://shop.example/?to="+url.QueryEscape(test.to), "X-Api-Key", "sesame", "Authorization", "Bearer x", "Cookie", "crumb")
		want, fails := strings.CutPrefix(test.want, "!")
		if fails && (err == nil || !strings.Contains(err.Error(), want) || len(seen) != 1) {
			t.Errorf("to %s: %v, %q", test.to, err, seen)
		}
		if !fails && (err != nil || res.Text != "arrived" || seen[len(seen)-1] != want) {
			t.Errorf("to %s: %v, %q", test.to, err, seen)
		}
	}
	seen = nil
	if _, err := get(t, c, "http://shop.example/loop"); err == nil || !strings.Contains(err.Error(), "more than 3 times") || len(seen) != 4 {
		t.Errorf("a loop: %v after %d requests", err, len(seen))
	}
	seen = nil
	u, err := Address("http://shop.example/?to=http://parts.example/x")
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Do(t.Context(), Request{Method: "POST", URL: u, Body: []byte(`{"card":1}`)})
	if err == nil || !strings.Contains(err.Error(), "not given what was sent") || len(seen) != 1 {
		t.Errorf("a POST led elsewhere: %v, %q", err, seen)
	}
}

// What stands in front of the guard cannot help: a name that leads into the local
// network, or does so only at the second question, reaches nobody.
func TestTheGuardSeesWhereANameLeads(t *testing.T) {
	var called int
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called++ }))
	t.Cleanup(s.Close)
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, answers := range [][]string{
		{"127.0.0.1"}, {"::1"}, {"10.0.0.1"}, {"169.254.169.254"}, {"::ffff:127.0.0.1"}, {"64:ff9b::7f00:1"}, {"0.0.0.0"}, {"::"},
	} {
		c := clientFor(t, Options{List: listOf(t, "http://rebind.example:"+port), Resolver: resolver(t, answers)})
		_, err := get(t, c, "http://rebind.example:"+port)
		if err == nil || !strings.Contains(err.Error(), "local network") {
			t.Errorf("%v: %v", answers, err)
		}
		if NotSent(err) {
			t.Errorf("%v: it would be tried again", answers)
		}
	}
	for _, host := range []string{"localhost", "127.0.0.1", "[::1]"} { // not even where the list names it
		c := clientFor(t, Options{List: listOf(t, "http://"+host+":"+port)})
		if _, err := get(t, c, "http://"+host+":"+port); err == nil || !strings.Contains(err.Error(), "local network") {
			t.Errorf("%s: %v", host, err)
		}
	}
	if called != 0 {
		t.Fatalf("the local server was called %d times", called)
	}
	own := clientFor(t, Options{List: listOf(t, "http://localhost:"+port), Local: true})
	if _, err := get(t, own, "http://localhost:"+port); err != nil || called != 1 {
		t.Errorf("the owner's own service: %v, %d calls", err, called)
	}
	t.Setenv("HTTP_PROXY", "http://"+s.Listener.Addr().String())
	c := clientFor(t, Options{List: listOf(t, "http://nowhere.example"), Resolver: resolver(t, nil)})
	if _, err := get(t, c, "http://nowhere.example"); err == nil || called != 1 {
		t.Errorf("a proxy of the environment was asked: %v", err)
	}
}

// An address that answers publicly when it is looked at, and locally when it is
// connected to.
func TestRebinding(t *testing.T) {
	r := resolver(t, []string{"93.184.216.34"}, []string{"127.0.0.1"})
	if ips, err := r.LookupNetIP(t.Context(), "ip4", "rebind.example"); err != nil || !global(ips[0]) {
		t.Fatalf("the look before: %v, %v", ips, err)
	}
	c := clientFor(t, Options{List: listOf(t, "http://rebind.example"), Resolver: r})
	if _, err := get(t, c, "http://rebind.example"); err == nil || !strings.Contains(err.Error(), "local network") {
		t.Errorf("connected: %v", err)
	}
}

// passing is a time limit that is over when a test says so.
type passing struct {
	context.Context
	over chan struct{}
}

func (p passing) Done() <-chan struct{} { return p.over }

func (p passing) Err() error {
	select {
	case <-p.over:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

func TestFailuresInWords(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	late := passing{t.Context(), make(chan struct{})}
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(late.over) // what was asked has arrived, and nobody answers
		<-r.Context().Done()
	}))
	t.Cleanup(silent.Close)
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
	}))
	t.Cleanup(broken.Close)
	for _, test := range []struct {
		address, want string
		sent          bool
	}{
		{gone.URL, "nothing answers at 127.0.0.1", false},
		{secure.URL, "127.0.0.1 has no valid certificate", true},
		{strings.Replace(silent.URL, "http", "https", 1), "127.0.0.1 does not speak https there", true},
		{silent.URL, "127.0.0.1 did not answer in time", true},
		{broken.URL, "the connection broke", true},
	} {
		c := clientFor(t, Options{List: listOf(t, test.address), Local: true})
		u, err := Address(test.address)
		if err != nil {
			t.Fatal(err)
		}
		ctx := t.Context()
		if test.address == silent.URL {
			ctx = late
		}
		_, err = c.Do(ctx, Request{Method: "GET", URL: u})
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "dial") || NotSent(err) == test.sent {
			t.Errorf("%s: %v, not sent %v", test.want, err, NotSent(err))
		}
	}
	c := clientFor(t, Options{List: listOf(t, "nowhere.example"), Resolver: resolver(t, nil)})
	if _, err := get(t, c, "https://nowhere.example"); err == nil || err.Error() != "there is no host nowhere.example" || !NotSent(err) {
		t.Errorf("no host: %v", err)
	}
	if got := inWords(tls.RecordHeaderError{}, "a"); got.Error() != "a does not speak https there" {
		t.Error(got)
	}
}
