package app

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"astromesh/runtime/channel/whatsapp/emulator"
	"astromesh/runtime/reach"
	"astromesh/web"
)

// guide is what differs in the three guides: the world around, and what is filled
// in on the page of the way in.
type guide struct {
	outside func(*testing.T, *world) (reach.Outside, url.Values)
	behind  *proxyProgram
}

// TestDocsGuides goes the way of each guide with an empty data folder and an app
// at Meta that is subscribed to nothing: password, credentials, the way in, the
// button, the first answer. The forms are those of the pages that the guides name.
func TestDocsGuides(t *testing.T) {
	for name, g := range map[string]guide{
		"tunnel": {outside: func(t *testing.T, w *world) (reach.Outside, url.Values) {
			s := startNgrok(t, w)
			s.token = "2abcGoodTokenOfNgrok_1"
			return reach.Outside{Ngrok: s.address()}, url.Values{"way": {"tunnel"}, "tunnel_token": {s.token}}
		}},
		"domain": {outside: func(t *testing.T, w *world) (reach.Outside, url.Values) {
			p := startPebble(t, w)
			w.leadTo("127.0.0.1:" + p.https)
			return reach.Outside{Host: "127.0.0.1", Directory: p.directory},
				url.Values{"way": {"domain"}, "domain": {shopName}, "http_port": {p.http}, "https_port": {p.https}}
		}},
		"reverse-proxy, Caddy": {outside: proxied, behind: &proxies[0]},
		"reverse-proxy, nginx": {outside: proxied, behind: &proxies[1]},
	} {
		t.Run(name, func(t *testing.T) { g.follow(t) })
	}
}

func proxied(*testing.T, *world) (reach.Outside, url.Values) {
	return reach.Outside{}, url.Values{"way": {"proxy"}, "public_url": {"https://" + shopName}, "trusted": {reach.Loopback}}
}

func (g guide) follow(t *testing.T) {
	if g.behind != nil {
		g.behind.find(t)
	}
	w := newWorld(t)
	outside, way := g.outside(t, w)
	r := w.rig(rigOptions{outside: outside, meta: emulator.Config{NotSubscribed: true}})
	// Nothing is known yet: no credential here, no address there.
	r.stop()
	for name := range r.env {
		if strings.HasPrefix(name, "WHATSAPP_") {
			delete(r.env, name)
		}
	}
	r.start()
	r.meta.SetCallback("")
	if g.behind != nil {
		webhook, _ := r.app.Addrs()
		g.behind.run(t, w, reach.Front{Upstream: reach.UpstreamOf(webhook), Path: web.WebhookPath})
	}

	v := newVisitor(t, r)
	v.claim()
	card := v.get("/setup/meta")
	verify := regexp.MustCompile(`name="verify_token" value="([^"]+)"`).FindStringSubmatch(card)
	if verify == nil {
		t.Fatal("no verify token was made up")
	}
	v.post("/setup/meta", url.Values{
		"access_token": {testToken}, "phone_number_id": {testPhone}, "waba_id": {"2000000000000002"},
		"app_secret": {testSecret}, "verify_token": {html.UnescapeString(verify[1])},
	})
	v.post("/setup/reachability", way)
	r.until("the way in", func() bool { return r.app.reach.State().Phase == reach.Up })
	v.post("/settings/reachability/check", url.Values{"back": {"/setup/reachability"}})
	if s := r.app.reach.State(); !s.Check.Well() || s.Meta != nil {
		t.Fatalf("the live check: %+v, %+v; Meta: %+v", s.Check.Handshake, s.Check.Call, s.Meta)
	}
	v.post("/settings/whatsapp/subscribe", url.Values{"back": {"/setup/meta"}})

	if _, err := r.meta.Phone(ana).Write(r.ctx, "Are you open?"); err != nil {
		t.Fatal(err)
	}
	r.reads(ana, "re: Are you open?")
}

// visitor is somebody with a browser at the dashboard.
type visitor struct {
	r      *rig
	client *http.Client
}

func newVisitor(t *testing.T, r *rig) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{r: r, client: &http.Client{Jar: jar, Timeout: patience}}
}

// claim sets the owner's password with the link that the program prints.
func (v *visitor) claim() {
	v.r.t.Helper()
	link, err := url.Parse(v.r.app.web.SetupLink())
	if err != nil {
		v.r.t.Fatal(err)
	}
	v.post("/setup", url.Values{"token": {link.Query().Get("token")}, "language": {"en"}, "name": {"Ana"}, "password": {"a long pass word"}})
}

func (v *visitor) get(path string) string { return v.call(http.MethodGet, path, nil) }

func (v *visitor) post(path string, fields url.Values) {
	v.r.t.Helper()
	v.call(http.MethodPost, path, fields)
}

// call wants a page, also behind a redirect.
func (v *visitor) call(method, path string, fields url.Values) string {
	v.r.t.Helper()
	_, admin := v.r.app.Addrs()
	req, err := http.NewRequestWithContext(v.r.ctx, method, "http://"+admin+path, strings.NewReader(fields.Encode()))
	if err != nil {
		v.r.t.Fatal(err)
	}
	if fields != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := v.client.Do(req)
	if err != nil {
		v.r.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }() // it was read
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		v.r.t.Fatalf("%s %s: %d, %v\n%s", method, path, res.StatusCode, err, b)
	}
	return string(b)
}
