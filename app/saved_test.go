package app

import (
	"net/http"
	"testing"
	"time"

	"astromesh/runtime/channel/whatsapp/emulator"
)

func (r *rig) save(plain, secret map[string]string) {
	r.t.Helper()
	if err := r.app.store.PutSettings(plain, secret); err != nil {
		r.t.Fatal(err)
	}
	if err := r.app.applySettings(r.ctx); err != nil {
		r.t.Fatal(err)
	}
}

// TestSavedSettings: what is typed in the dashboard is used at once where the
// files say nothing, and not where they do.
func TestSavedSettings(t *testing.T) {
	r := newRig(t, rigOptions{channels: "    debounce: {max_seconds: 5}\n    messages: {blocked: No}\n"})
	r.save(map[string]string{
		"whatsapp.default_agent": "other", "whatsapp.rate_limit.max_messages": "1", "whatsapp.debounce.quiet_seconds": "0.5",
		"whatsapp.loop_guard.max_messages": "7", "whatsapp.loop_guard.window_seconds": "nonsense",
		"whatsapp.messages.error.es": "Uy", "whatsapp.messages.blocked.en": "Never", "whatsapp.waba_id": "2000",
	}, map[string]string{"whatsapp.access_token": "ignored"})
	c := r.app.channelSettings()
	if c.DefaultAgent != "shop" || !c.Outside["default_agent"] || c.RateLimit.MaxMessages != 1000 || c.AccessToken.Reveal() != testToken || !c.Outside["access_token"] {
		t.Errorf("what the file gives is changed: %+v", c)
	}
	if c.Debounce.QuietSeconds.D() != 500*time.Millisecond || c.Outside["debounce.quiet_seconds"] || c.LoopGuard.MaxMessages != 7 || c.LoopGuard.WindowSeconds.D() != time.Minute || c.WABAID != "2000" {
		t.Errorf("what it does not give is not: %+v", c.WhatsApp)
	}
	if c.Messages.Error["es"] != "Uy" || c.Messages.Error["en"] == "" || c.Messages.Blocked.In("en") != "No" || !c.Outside["messages.blocked"] {
		t.Errorf("texts: %+v", c.Messages)
	}
	r.save(map[string]string{"whatsapp.messages.error.es": "", "whatsapp.debounce.quiet_seconds": "9"}, nil)
	if c := r.app.channelSettings(); c.Messages.Error["es"] == "Uy" || c.Debounce.MaxSeconds.D() != 9*time.Second {
		t.Errorf("a removed text stays, or the quiet time is over the longest: %+v", c.WhatsApp)
	}
}

// TestSavedSettingsOutliveABrokenFile: the last good file stays in force, and
// what was saved is still not taken for it.
func TestSavedSettingsOutliveABrokenFile(t *testing.T) {
	r := newRig(t, rigOptions{})
	r.write("channels.yaml", "channels: [")
	r.save(map[string]string{"whatsapp.loop_guard.max_messages": "7"}, nil)
	r.save(map[string]string{"whatsapp.loop_guard.max_messages": "8"}, nil)
	if c := r.app.channelSettings(); c.LoopGuard.MaxMessages != 8 || c.DefaultAgent != "shop" || c.Outside["loop_guard.max_messages"] {
		t.Errorf("%+v", c)
	}
}

// TestCredentialsWorkAtOnce: typed in the dashboard, no restart.
func TestCredentialsWorkAtOnce(t *testing.T) {
	r := newRig(t, rigOptions{})
	for _, name := range []string{"WHATSAPP_VERIFY_TOKEN", "WHATSAPP_ACCESS_TOKEN", "WHATSAPP_PHONE_NUMBER_ID", "WHATSAPP_APP_SECRET"} {
		r.env[name] = ""
	}
	r.restart()
	if err := r.meta.Subscribe(r.ctx); err == nil {
		t.Fatal("a handshake without a verify token is accepted")
	}
	r.save(map[string]string{"whatsapp.phone_number_id": testPhone},
		map[string]string{"whatsapp.verify_token": testVerify, "whatsapp.access_token": testToken, "whatsapp.app_secret": testSecret})
	if err := r.meta.Subscribe(r.ctx); err != nil {
		t.Errorf("handshake: %v", err)
	}
	r.post(r.meta.Text(ana, "hello"))
	r.reads(ana, "re: hello")
	r.meta.SetSignature(emulator.SignatureMissing)
	if status, _ := r.meta.Post(r.ctx, r.meta.Text(ana, "hello")); status != http.StatusForbidden {
		t.Errorf("unsigned: %d", status)
	}
}
