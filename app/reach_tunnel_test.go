package app

import (
	"strings"
	"testing"

	"astromesh/runtime/reach"
	"astromesh/web"
)

// Meta comes in through the tunnel, and nobody comes further than the webhook.
// When the tunnel is cut and comes back at another address, Meta is told.
func TestTunnel(t *testing.T) {
	w := newWorld(t)
	s := startNgrok(t, w)
	r := w.rig(rigOptions{outside: reach.Outside{Ngrok: s.address()}})
	r.choose(map[string]string{reach.KeyWay: "tunnel", reach.KeyTunnelToken: s.token})
	if up := r.phase(reach.Up); up.URL != "https://"+shopName {
		t.Errorf("the tunnel is at %q", up.URL)
	}
	r.wayIsOpen(w)
	// Where a caller comes from is what ngrok says, not what he says himself.
	r.choose(map[string]string{reach.KeyWay: "tunnel", reach.KeyTunnelToken: s.token, reach.KeyNetworks: "203.0.113.0/24"})
	r.phase(reach.Up)
	if got := r.knock(w.client(), "X-Forwarded-For", "203.0.113.9"); got != 403 {
		t.Errorf("from another network: %d", got)
	}
	r.choose(map[string]string{reach.KeyWay: "tunnel", reach.KeyTunnelToken: s.token, reach.KeyNetworks: "127.0.0.1"})
	r.phase(reach.Up)
	if got := r.knock(w.client()); got != 200 {
		t.Errorf("from a named network: %d", got)
	}

	s.setURL("https://moved.example.test")
	s.cut()
	r.until("the new address", func() bool { return r.app.reach.State().URL == "https://moved.example.test" })
	r.until("the news at Meta", func() bool {
		sub, err := r.app.graph.AppSubscription(r.ctx, "1000000000000001", testSecret)
		return err == nil && sub.Callback == "https://moved.example.test"+web.WebhookPath
	})
	r.post(r.meta.Text(ana, "at the new place"))
	r.reads(ana, "re: at the new place")
	if p := r.app.reach.State().Meta; p != nil {
		t.Errorf("Meta: %+v", p)
	}
	r.untold(s.token)
}

// untold sees that a secret is nowhere that people look.
func (r *rig) untold(secret string) {
	r.t.Helper()
	events, err := r.app.store.Events(r.ctx, "", 0, 1000)
	if err != nil {
		r.t.Fatal(err)
	}
	text := r.logText.String()
	for _, e := range events {
		text += e.Text + e.Data
	}
	st := r.app.reach.State()
	if st.Problem != nil {
		detail, mend := st.Problem.Sentences()
		text += detail + mend + st.Problem.Note
	}
	if strings.Contains(text, secret) {
		r.t.Errorf("the token was told: %s", text)
	}
}

// What may be wrong with a tunnel is one sentence each, and the webhook's own
// address works on.
func TestTunnelGoesWrong(t *testing.T) {
	for name, c := range map[string]struct {
		token, refusal string
		change         func(*reach.Outside)
		domain         string
		code           string
	}{
		"no token":         {code: "tunnel_no_token"},
		"a token no more":  {token: "withdrawn-token", code: "tunnel_token"},
		"no token at all":  {token: "secret-nonsense", refusal: "The authtoken you specified does not look like a proper ngrok authtoken.\nYour authtoken: %\r\n\r\nERR_NGROK_105\r\n", code: "tunnel_odd"},
		"used elsewhere":   {token: "second-token", refusal: "Your account is limited to 1 simultaneous ngrok agent sessions.\r\n\r\nERR_NGROK_108\r\n", code: "tunnel_busy"},
		"something new":    {token: "other-token", refusal: "No.\r\n\r\nERR_NGROK_9999\r\n", code: "tunnel_refused"},
		"not reached":      {token: "good-token", change: func(o *reach.Outside) { o.Ngrok = "localhost:1" }, code: "tunnel_reached"},
		"somebody between": {token: "good-token", change: func(o *reach.Outside) { o.Roots = newAuthority(t, "Another").pool() }, code: "tunnel_watched"},
		"another's domain": {token: "good-token", domain: "taken.ngrok.app", code: "tunnel_domain"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s := startNgrok(t, w)
			if c.refusal != "" {
				s.refusal = c.refusal
			}
			outside := reach.Outside{Ngrok: s.address(), Dial: w.dial, Roots: w.roots}
			if c.change != nil {
				c.change(&outside)
			}
			r := newRig(t, rigOptions{outside: outside})
			r.choose(map[string]string{reach.KeyWay: "tunnel", reach.KeyTunnelToken: c.token, reach.KeyTunnelDomain: c.domain})
			if got := r.phase(reach.Trouble).Problem; got.Code != c.code {
				t.Errorf("the problem is %+v", got)
			}
			webhook, _ := r.app.Addrs()
			r.meta.SetCallback("http://" + webhook + web.WebhookPath)
			r.post(r.meta.Text(ana, "still there"))
			r.reads(ana, "re: still there")
			if c.token != "" {
				r.untold(c.token)
			}
		})
	}
}
