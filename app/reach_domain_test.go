package app

import (
	"crypto/tls"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/reach"
)

// phase waits until the way is in a phase.
func (r *rig) phase(want reach.Phase) reach.State {
	r.t.Helper()
	r.until("the phase "+string(want), func() bool { return r.app.reach.State().Phase == want })
	return r.app.reach.State()
}

// The program gets its certificate by itself from a real authority, and Meta
// comes in by it. After a restart the certificate is still there.
func TestOwnDomain(t *testing.T) {
	w := newWorld(t)
	p := startPebble(t, w)
	r := w.rig(rigOptions{outside: reach.Outside{Host: "127.0.0.1", Directory: p.directory}})
	w.leadTo("127.0.0.1:" + p.https)
	ours := map[string]string{reach.KeyWay: "domain", reach.KeyDomain: shopName, reach.KeyHTTPPort: p.http, reach.KeyHTTPSPort: p.https}
	r.choose(ours)
	up := r.phase(reach.Up)
	if up.URL != "https://"+shopName || up.Until.Before(time.Now().Add(time.Hour)) {
		t.Errorf("the way: %+v", up)
	}
	r.wayIsOpen(w)
	r.onlyWebhook(&http.Client{}, "http://127.0.0.1:"+p.http)

	r.restart()
	r.meta.SetCallback("https://" + shopName + "/v1/channels/whatsapp/webhook")
	again := r.phase(reach.Up)
	if !again.Until.Equal(up.Until) {
		t.Errorf("after a restart the certificate ends %s, before %s: it was not kept", again.Until, up.Until)
	}
	r.wayIsOpen(w)
}

// Only who holds Meta's certificate may call, where TLS ends in this program.
func TestOwnDomainAsksForMetasCertificate(t *testing.T) {
	w, meta := newWorld(t), newAuthority(t, "Meta's authority")
	p := startPebble(t, w)
	r := w.rig(rigOptions{outside: reach.Outside{Host: "127.0.0.1", Directory: p.directory}})
	w.leadTo("127.0.0.1:" + p.https)
	r.choose(map[string]string{
		reach.KeyWay: "domain", reach.KeyDomain: shopName, reach.KeyHTTPPort: p.http, reach.KeyHTTPSPort: p.https,
		reach.KeyMetaOn: "1", reach.KeyMetaCA: meta.pem(),
	})
	r.phase(reach.Up)
	r.metaOnly(w, meta)
	if got := r.app.reach.Check(r.ctx); !got.Well() {
		t.Errorf("the live check: %+v, %+v", got.Handshake, got.Call)
	}
}

// serveElsewhere is somebody else's server, where the name leads to.
func serveElsewhere(t *testing.T, w *world, p pebble) {
	t.Helper()
	plain, err := net.Listen("tcp", "127.0.0.1:"+p.http)
	if err != nil {
		t.Fatal(err)
	}
	secure, err := tls.Listen("tcp", "127.0.0.1:"+p.https, &tls.Config{Certificates: []tls.Certificate{w.ca.issue(shopName)}, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	other := &http.Server{Handler: http.NotFoundHandler(), ReadHeaderTimeout: time.Second}
	go func() { _ = other.Serve(plain) }()  // until it is closed
	go func() { _ = other.Serve(secure) }() // likewise
	t.Cleanup(func() { _ = other.Close() })
}

// What may be wrong with a domain is one sentence each, and the webhook's own
// address works on.
func TestOwnDomainGoesWrong(t *testing.T) {
	w := newWorld(t)
	p := startPebble(t, w)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	_, takenPort, err := net.SplitHostPort(taken.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change  map[string]string
		outside reach.Outside
		around  func(t *testing.T)
		code    string
		arg     string
	}{
		"port taken":   {change: map[string]string{reach.KeyHTTPSPort: takenPort}, code: "port_taken", arg: "(" + strconv.Itoa(os.Getpid()) + ")"},
		"no such name": {change: map[string]string{reach.KeyDomain: "nowhere.example.test"}, code: "acme_dns", arg: "nowhere.example.test"},
		"not reached":  {change: map[string]string{reach.KeyHTTPPort: freePort(t), reach.KeyHTTPSPort: freePort(t)}, code: "acme_connection", arg: shopName},
		"another server answers": {
			change: map[string]string{reach.KeyHTTPPort: freePort(t), reach.KeyHTTPSPort: freePort(t)},
			around: func(t *testing.T) { serveElsewhere(t, w, p) }, code: "points_away", arg: "127.0.0.1",
		},
		"a clock that is a day ahead": {
			change:  map[string]string{reach.KeyHTTPPort: freePort(t), reach.KeyHTTPSPort: freePort(t)},
			outside: reach.Outside{Now: func() time.Time { return time.Now().Add(24 * time.Hour) }}, code: "clock", arg: "24",
		},
		"nobody there": {outside: reach.Outside{Directory: "https://localhost:1/dir"}, code: "acme_reached"},
	} {
		t.Run(name, func(t *testing.T) {
			own := &world{t: t, ca: w.ca, roots: w.roots}
			c.outside.Host = "127.0.0.1"
			c.outside.Lookup = p.lookup
			if c.outside.Directory == "" {
				c.outside.Directory = p.directory
			}
			if c.around != nil {
				c.around(t)
			}
			r := own.rig(rigOptions{outside: c.outside})
			settings := map[string]string{reach.KeyWay: "domain", reach.KeyDomain: shopName, reach.KeyHTTPPort: p.http, reach.KeyHTTPSPort: p.https}
			for key, value := range c.change {
				settings[key] = value
			}
			r.choose(settings)
			got := r.phase(reach.Trouble).Problem
			if got.Code != c.code || c.arg != "" && !strings.Contains(strings.Join(got.Args, " "), c.arg) {
				t.Errorf("the problem is %+v", got)
			}
			webhook, _ := r.app.Addrs()
			r.meta.SetCallback("http://" + webhook + "/v1/channels/whatsapp/webhook")
			own.leadTo(webhook)
			r.post(r.meta.Text(ana, "still there"))
			r.reads(ana, "re: still there")
		})
	}
}
