package web

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"astromesh/config"
	"astromesh/runtime/channel/whatsapp"
	"astromesh/runtime/channel/whatsapp/emulator"
	"astromesh/runtime/health"
)

const (
	metaToken  = "EAAGgoodtokengoodtoken"
	metaSecret = "0123456789abcdef0123456789abcdef"
	metaNumber = "106540352242922"
	metaWABA   = "2000000000000002"
	metaApp    = "1000000000000001"
)

// newMetaDash is a dashboard beside a Meta that the test plays. What is saved
// is in force at once, as in the program.
func newMetaDash(t *testing.T, graph func(http.Handler) http.Handler, outside ...string) (*dash, *emulator.Emulator) {
	t.Helper()
	meta := emulator.New(emulator.Config{
		AppID: metaApp, AppSecret: metaSecret, VerifyToken: "the-verify-token", AccessTokens: []string{metaToken},
		PhoneNumberID: metaNumber, WABAID: metaWABA, VerifiedName: "Crumb & Ember", NotSubscribed: true,
	})
	t.Cleanup(meta.Close)
	web := meta.Client()
	if graph != nil {
		web = &http.Client{Transport: answering{graph(nil)}}
	}
	var d *dash
	d = newDash(t, func(p *Parts) {
		p.Reload = func(context.Context) error { return nil }
		p.DefaultAgent = func() string { return "shop" }
		p.Probe = func(token string) *whatsapp.Client {
			return whatsapp.NewClient(whatsapp.Config{GraphURL: meta.URL(), Token: func() string { return token }, HTTP: web})
		}
		p.Channel = func() Channel { return savedChannel(t, d, outside) }
		p.Health = func(context.Context) []health.Check { return nil }
	})
	return d, meta
}

func savedChannel(t testing.TB, d *dash, outside []string) Channel {
	ch := Channel{WhatsApp: config.DefaultChannels(nil).Channels.WhatsApp, Outside: map[string]bool{}}
	saved, err := d.store.Settings(t.Context(), channelPrefix)
	if err != nil {
		t.Fatal(err)
	}
	ch.DefaultAgent = "shop"
	ch.AccessToken, ch.AppSecret, ch.VerifyToken = config.Secret(saved["whatsapp.access_token"]), config.Secret(saved["whatsapp.app_secret"]), config.Secret(saved["whatsapp.verify_token"])
	ch.PhoneNumberID, ch.WABAID, ch.AppID = saved["whatsapp.phone_number_id"], saved["whatsapp.waba_id"], saved["whatsapp.app_id"]
	for _, key := range outside {
		ch.Outside[key] = true
		ch.AccessToken = "EAAGfromthefile9876"
	}
	return ch
}

// answering is a Graph that a handler plays.
type answering struct{ http.Handler }

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	if a.Handler == nil {
		return nil, io.ErrUnexpectedEOF // nobody answers
	}
	pr, pw := io.Pipe()
	w := &piped{header: http.Header{}, pw: pw, status: make(chan int, 1)}
	go func() {
		a.ServeHTTP(w, r)
		w.WriteHeader(http.StatusOK)
		_ = pw.Close()
	}()
	return &http.Response{StatusCode: <-w.status, Header: w.header, Body: pr, Request: r}, nil
}

type piped struct {
	header http.Header
	pw     *io.PipeWriter
	status chan int
	wrote  bool
}

func (p *piped) Header() http.Header { return p.header }
func (p *piped) WriteHeader(status int) {
	if !p.wrote {
		p.wrote = true
		p.status <- status
	}
}
func (p *piped) Write(b []byte) (int, error) {
	p.WriteHeader(http.StatusOK)
	return p.pw.Write(b)
}

func allTyped() url.Values {
	return url.Values{
		"access_token": {metaToken}, "phone_number_id": {metaNumber}, "waba_id": {metaWABA}, "app_secret": {metaSecret},
		"verify_token": {"the-verify-token"}, "public_url": {"https://shop.example"},
	}
}

func TestCredentials(t *testing.T) {
	d, _ := newMetaDash(t, nil)
	if w := d.owner.post("/settings/whatsapp", allTyped()); w.Code != http.StatusSeeOther || location(w) != "/settings/whatsapp?saved=saved" {
		t.Fatalf("save: %d %s %s", w.Code, location(w), w.Body)
	}
	page := d.owner.page("/settings/whatsapp")
	for _, secret := range []string{metaToken, metaSecret} {
		if strings.Contains(page, secret) {
			t.Error("a secret is sent back")
		}
	}
	for _, want := range []string{"…oken", "…cdef", metaNumber, metaWABA, "https://shop.example/v1/channels/whatsapp/webhook", "the-verify-token"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	d.server.Doorman.Handshake(true)
	if page := d.owner.page("/settings/whatsapp"); strings.Contains(page, "the-verify-token") {
		t.Error("the verify token is shown though Meta has used it")
	}
	if raw, err := d.store.Setting(t.Context(), "whatsapp.access_token"); err != nil || raw != metaToken {
		t.Errorf("saved %q, %v", raw, err)
	}
	if !strings.Contains(d.audits(), "credentials changed whatsapp access_token, app_secret, phone_number_id, public_url, verify_token, waba_id") || strings.Contains(d.audits(), metaToken) {
		t.Errorf("audit:\n%s", d.audits())
	}
	// What is left empty stays.
	if w := d.owner.post("/settings/whatsapp", url.Values{"public_url": {"https://shop.example"}}); w.Code != http.StatusSeeOther {
		t.Errorf("nothing typed: %d", w.Code)
	}
	if raw, err := d.store.Setting(t.Context(), "whatsapp.access_token"); err != nil || raw != metaToken {
		t.Errorf("after an empty form: %q, %v", raw, err)
	}
}

func TestBadCredentials(t *testing.T) {
	for name, c := range map[string]struct{ field, typed, says string }{
		"token of nobody":   {"access_token", "EAAGsomebodyelsestoken", "Meta refuses this access token"},
		"token cut":         {"access_token", "EAAG…", "not a whole access token"},
		"number of nobody":  {"phone_number_id", "4711", "knows no number with that ID"},
		"the number itself": {"phone_number_id", "+34 600", "Digits only"},
		"account of nobody": {"waba_id", "4711", "no business account with that ID"},
		"another secret":    {"app_secret", "ffffffffffffffffffffffffffffffff", "does not belong to the app"},
		"an odd address":    {"public_url", "shop.example", "An address like https"},
		"verify token":      {"verify_token", "ab", "8 to 200 letters"},
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := newMetaDash(t, nil)
			values := allTyped()
			values.Set(c.field, c.typed)
			w := d.owner.post("/settings/whatsapp", values)
			if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), c.says) {
				t.Errorf("%d: %q is not said", w.Code, c.says)
			}
			if strings.Contains(w.Body.String(), metaSecret) || strings.Contains(w.Body.String(), metaToken) {
				t.Error("a secret is sent back")
			}
			if c.field != "access_token" && c.field != "app_secret" && !strings.Contains(w.Body.String(), `value="`+c.typed+`"`) {
				t.Error("what was typed is lost")
			}
			saved, err := d.store.Settings(t.Context(), channelPrefix)
			if err != nil || saved[channelPrefix+c.field] != "" {
				t.Errorf("saved all the same: %v, %v", saved, err)
			}
			// What is right need not be typed again, unless the token is to prove it.
			if got := saved["whatsapp.access_token"] != ""; got != (c.field != "access_token") || c.field == "access_token" && len(saved) != 1 {
				t.Errorf("kept: %v", saved)
			}
		})
	}
}

// debugged is a Graph that describes every token in the same way.
func debugged(t *testing.T, description string) func(http.Handler) http.Handler {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body := `{"id":"` + metaNumber + `","verified_name":"Shop","quality_rating":"GREEN","data":[]}`
			if strings.HasSuffix(r.URL.Path, "debug_token") {
				body = `{"data":` + description + `}`
			}
			if _, err := io.WriteString(w, body); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTemporaryToken(t *testing.T) {
	soon := time.Now().Add(20 * time.Hour).Unix()
	d, _ := newMetaDash(t, debugged(t, `{"is_valid":true,"type":"USER","expires_at":`+strconv.FormatInt(soon, 10)+`,"scopes":["whatsapp_business_messaging"]}`))
	values := url.Values{"access_token": {metaToken}}
	w := d.owner.post("/setup/meta", values)
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "This token ends soon") || !strings.Contains(w.Body.String(), `name="anyway"`) {
		t.Fatalf("a temporary token: %d", w.Code)
	}
	values.Set("anyway", "1")
	if w := d.owner.post("/setup/meta", values); w.Code != http.StatusSeeOther || location(w) != "/setup/meta?saved=saved" {
		t.Errorf("taken all the same: %d %s", w.Code, location(w))
	}
	if page := d.owner.page("/settings/whatsapp/check"); !strings.Contains(page, "temporary one") {
		t.Errorf("the check says: %s", page)
	}
}

func TestTokensThatMetaDescribes(t *testing.T) {
	for name, c := range map[string]struct{ description, says string }{
		"expired":   {`{"is_valid":false,"error":{"code":190,"subcode":463}}`, "it has expired"},
		"withdrawn": {`{"is_valid":false,"error":{"code":190,"subcode":467}}`, "it was withdrawn"},
		"scopes":    {`{"is_valid":true,"type":"SYSTEM_USER","scopes":["email"]}`, "may not send messages"},
	} {
		d, _ := newMetaDash(t, debugged(t, c.description))
		if w := d.owner.post("/settings/whatsapp", url.Values{"access_token": {metaToken}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

// TestMetaOutOfReach: what cannot be tested is kept and said so.
func TestMetaOutOfReach(t *testing.T) {
	d, _ := newMetaDash(t, func(http.Handler) http.Handler { return nil })
	w := d.owner.post("/settings/whatsapp", allTyped())
	if w.Code != http.StatusSeeOther || location(w) != "/settings/whatsapp?saved=untested" {
		t.Fatalf("%d %s", w.Code, location(w))
	}
	if page := d.owner.page(location(w)); !strings.Contains(page, "Meta could not be asked about it") {
		t.Error("it is not said")
	}
	if page := d.owner.page("/settings/whatsapp/check"); !strings.Contains(page, "Meta could not be asked just now") {
		t.Errorf("the check says: %s", page)
	}
}

func TestCredentialsFromOutside(t *testing.T) {
	d, _ := newMetaDash(t, nil, "access_token")
	page := d.owner.page("/settings/whatsapp")
	if !strings.Contains(page, "set from outside") || !strings.Contains(page, "…9876") || strings.Contains(page, "EAAGfromthefile9876") {
		t.Error("what a file gives is not shown as that")
	}
	d.owner.post("/settings/whatsapp", url.Values{"access_token": {metaToken}})
	if saved, err := d.store.Settings(t.Context(), channelPrefix); err != nil || len(saved) > 0 {
		t.Errorf("saved beside the file: %v, %v", saved, err)
	}
}

func TestSubscribeAtMeta(t *testing.T) {
	d, meta := newMetaDash(t, nil)
	public, _ := d.server.Handlers()
	d.server.Webhook = func() WebhookSettings { return WebhookSettings{VerifyToken: "the-verify-token"} }
	meta.SetCallbackHandler(public)
	if w := d.owner.post("/settings/whatsapp", allTyped()); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code)
	}
	before := d.owner.page("/settings/whatsapp/check")
	for _, want := range []string{"does not expire", "Crumb &amp; Ember", "The app secret is the app", "No app gets the messages", "Let Meta send"} {
		if !strings.Contains(before, want) {
			t.Errorf("before: %q is not said in %s", want, before)
		}
	}
	if w := d.owner.post("/settings/whatsapp/subscribe", url.Values{"back": {"/setup/meta"}}); w.Code != http.StatusSeeOther || location(w) != "/setup/meta?saved=subscribed" {
		t.Fatalf("subscribe: %d %s", w.Code, w.Body)
	}
	after := d.owner.page("/settings/whatsapp/check")
	for _, want := range []string{"to shop.example", "Your app gets the messages", "Meta has checked this address"} {
		if !strings.Contains(after, want) {
			t.Errorf("after: %q is not said in %s", want, after)
		}
	}
	d.server.Webhook = func() WebhookSettings { return WebhookSettings{VerifyToken: "another"} }
	if w := d.owner.post("/settings/whatsapp/subscribe", url.Values{"back": {"https://evil.example"}}); w.Code != http.StatusUnprocessableEntity ||
		!strings.Contains(w.Body.String(), "could not reach your public address") || strings.Contains(w.Body.String(), "evil.example") {
		t.Errorf("with another verify token: %d %s", w.Code, w.Body)
	}
}
