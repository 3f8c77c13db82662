package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"astromesh/runtime/channel/whatsapp"
	"astromesh/runtime/reach"
)

const ngrokToken = "2abcDEF_ghiJKLmnopQRSTuvwx"

// newReachDash is a dashboard beside a way in that is not opened.
func newReachDash(t *testing.T) *dash {
	t.Helper()
	keeper := reach.New(reach.Parts{Path: WebhookPath, Credentials: func() reach.Credentials { return reach.Credentials{VerifyToken: "v"} }})
	var d *dash
	d = newDash(t, func(p *Parts) {
		p.Reach = keeper
		p.DefaultAgent = func() string { return "shop" }
		p.Reload = func(ctx context.Context) error {
			values, err := d.store.Settings(ctx, reach.Prefix)
			if err != nil {
				return err
			}
			typed, err := d.server.typedURL(ctx)
			keeper.Apply(reach.Read(values, typed))
			return err
		}
	})
	return d
}

// A choice is kept and put in service; the token is sealed and never shown.
func TestReachTunnelIsKept(t *testing.T) {
	d := newReachDash(t)
	w := d.owner.post(reachSettings, url.Values{"way": {"tunnel"}, "tunnel_token": {ngrokToken}, "tunnel_domain": {"shop.ngrok.app"}})
	if w.Code != http.StatusSeeOther {
		t.Fatalf("save: %d %s", w.Code, w.Body)
	}
	if s := d.server.Reach.Settings(); s.Way != reach.Tunnel || s.TunnelToken != ngrokToken || s.TunnelDomain != "shop.ngrok.app" {
		t.Errorf("in service is %+v", s.Way)
	}
	page := d.owner.page(reachSettings)
	if strings.Contains(page, ngrokToken) || !strings.Contains(page, "uvwx") || !strings.Contains(page, "shop.ngrok.app") {
		t.Error("the page shows the token, or not what was saved")
	}
	list, err := d.store.Audits(t.Context(), 0, 10)
	if err != nil || len(list) != 1 || strings.Contains(list[0].Detail, ngrokToken) || !strings.Contains(list[0].Detail, "tunnel token") {
		t.Errorf("the list of changes: %+v, %v", list, err)
	}
	// Without typing it again it stays.
	if w := d.owner.post(reachSettings, url.Values{"way": {"tunnel"}}); w.Code != http.StatusSeeOther {
		t.Errorf("save again: %d", w.Code)
	}
	if s := d.server.Reach.Settings(); s.TunnelToken != ngrokToken {
		t.Error("the token was lost")
	}
}

// Wrong input is said beside its field, in the reader's language, and what was
// typed stays.
func TestReachSaysWhatIsWrong(t *testing.T) {
	d := newReachDash(t)
	for name, c := range map[string]struct {
		values url.Values
		says   string
	}{
		"domain":   {url.Values{"way": {"domain"}, "domain": {"localhost"}}, "without https and nothing behind it"},
		"networks": {url.Values{"way": {""}, "networks": {"203.0.113.0/99"}}, "“203.0.113.0/99” is neither"},
		"mtls":     {url.Values{"way": {"tunnel"}, "tunnel_token": {ngrokToken}, "meta_on": {"1"}}, "A tunnel cannot ask for it"},
	} {
		w := d.owner.post(reachSettings, c.values)
		if body := w.Body.String(); w.Code != http.StatusUnprocessableEntity || !strings.Contains(body, c.says) || strings.Contains(body, ngrokToken) {
			t.Errorf("%s: %d, or %q is not said", name, w.Code, c.says)
		}
	}
	if s := d.server.Reach.Settings(); s.Way != reach.None {
		t.Errorf("something wrong is in service: %+v", s)
	}
}

// The proxy's lines are filled in with this machine's values.
func TestReachProxyLines(t *testing.T) {
	d := newReachDash(t)
	if w := d.owner.post(reachSettings, url.Values{"way": {"proxy"}, "public_url": {"https://shop.example.com:8443"}, "trusted": {""}}); w.Code != http.StatusSeeOther {
		t.Fatalf("save: %d", w.Code)
	}
	if page := d.owner.page(reachSettings); !strings.Contains(page, "shop.example.com:8443 {") || !strings.Contains(page, "listen 8443 ssl;") || !strings.Contains(page, "server_name shop.example.com;") {
		t.Error("another port is not in the lines")
	}
	for _, path := range []string{reachSettings, reachSetup} {
		if w := d.owner.post(path, url.Values{"way": {"proxy"}, "public_url": {"https://shop.example.com"}, "trusted": {"127.0.0.1"}}); w.Code != http.StatusSeeOther {
			t.Fatalf("save: %d %s", w.Code, w.Body)
		}
		page := d.owner.page(path)
		for _, line := range []string{"shop.example.com {", "reverse_proxy @astromesh 127.0.0.1:8000", "server_name shop.example.com;", "proxy_pass http://127.0.0.1:8000;"} {
			if !strings.Contains(page, line) {
				t.Errorf("%s lacks %q", path, line)
			}
		}
	}
}

// The card of the credentials shows the address of the way, and does not ask for it.
func TestMetaCardKnowsTheWay(t *testing.T) {
	d := newReachDash(t)
	d.server.Channel = func() Channel { return savedChannel(t, d, nil) }
	d.server.Probe = func(string) *whatsapp.Client { return whatsapp.NewClient(whatsapp.Config{}) } // without a token it asks nobody
	if page := d.owner.page(metaSettings); !strings.Contains(page, `name="public_url"`) || !strings.Contains(page, reachSettings) {
		t.Error("without a way the card must ask for the address, and lead to the ways")
	}
	d.owner.post(reachSettings, url.Values{"way": {"domain"}, "domain": {"shop.example.com"}})
	page := d.owner.page(metaSettings)
	if strings.Contains(page, `name="public_url"`) || !strings.Contains(page, "https://shop.example.com"+webhookPath) {
		t.Error("with a domain the card must show its address, and not ask")
	}
	// Saving the card does not touch what was typed before.
	if w := d.owner.post(metaSettings, url.Values{}); w.Code != http.StatusSeeOther {
		t.Errorf("save the card: %d", w.Code)
	}
}

// The live check says in words why it failed; staff may not even look.
func TestReachCheckAndStaff(t *testing.T) {
	d := newReachDash(t)
	d.owner.post(reachSettings, url.Values{"way": {"proxy"}, "public_url": {"https://127.0.0.1:1"}, "trusted": {"127.0.0.1"}})
	if w := d.owner.post(reachSettings+"/check", url.Values{}); w.Code != http.StatusSeeOther {
		t.Errorf("check: %d", w.Code)
	}
	if state := d.owner.page(reachSettings + "/state"); !strings.Contains(state, "Nothing answers at 127.0.0.1:1: the connection was refused.") {
		t.Errorf("the state says %s", state)
	}
	for _, path := range []string{reachSettings, reachSetup, reachSettings + "/state"} {
		if w := d.staff.get(path); w.Code != http.StatusForbidden {
			t.Errorf("staff at %s: %d", path, w.Code)
		}
	}
	for _, path := range []string{reachSettings, reachSettings + "/check", reachSettings + "/retry"} {
		if w := d.staff.post(path, url.Values{"way": {""}}); w.Code != http.StatusForbidden {
			t.Errorf("staff posting to %s: %d", path, w.Code)
		}
	}
}
