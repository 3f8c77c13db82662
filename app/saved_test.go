package app

import (
	"net/http"
	"strings"
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
	if c.DefaultAgent != "shop" || c.FileAgent != "shop" || c.RateLimit.MaxMessages != 1000 || c.AccessToken.Reveal() != testToken || !c.Outside["access_token"] {
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

// TestChosenAgent: of the file's word and the dashboard's, the later one counts.
func TestChosenAgent(t *testing.T) {
	named := map[string]bool{"default_agent": true}
	for name, c := range map[string]struct {
		file         string
		given        map[string]bool
		chosen, over string
		want         string
		overruled    bool
	}{
		"nothing chosen":                     {"shop", named, "", "", "shop", false},
		"chosen, the file is as it was":      {"shop", named, "night", "shop", "night", false},
		"chosen, the file has changed":       {"day", named, "night", "shop", "day", true},
		"chosen, then the file named one":    {"shop", named, "night", "", "shop", true},
		"chosen, then the file names none":   {"built-in", nil, "night", "shop", "night", false},
		"chosen, the file never named one":   {"built-in", nil, "night", "", "night", false},
		"chosen, the file's name is empty":   {"", named, "night", "shop", "night", false},
		"the file has changed to the chosen": {"night", named, "night", "shop", "night", true},
	} {
		saved := map[string]string{savedAgent: c.chosen, savedAgentOver: c.over}
		if got, overruled := chosenAgent(c.file, c.given, saved); got != c.want || overruled != c.overruled {
			t.Errorf("%s: %q, %v", name, got, overruled)
		}
	}
}

const cannedAgent = `apiVersion: astromesh/v1
kind: Agent
metadata: {name: NAME, version: "1.0.0"}
spec:
  model: {primary: {provider: builtin, model: faq, parameters: {default: "This is NAME."}}}
  prompts: {system: "You are NAME."}
`

// TestChosenAgentAnswers: after restarts too, until the file names another one;
// and then it does not come back.
func TestChosenAgentAnswers(t *testing.T) {
	r := newRig(t, rigOptions{})
	for _, name := range []string{"night", "third"} {
		r.write("agents/"+name+".agent.yaml", strings.ReplaceAll(cannedAgent, "NAME", name))
	}
	r.restart()
	r.save(map[string]string{savedAgent: "night", savedAgentOver: "shop"}, nil)
	r.post(r.meta.Text(ana, "hello"))
	r.reads(ana, "This is night.")
	r.write("channels.yaml", testChannels+"    debounce: {quiet_seconds: 0, max_seconds: 7}\n")
	r.restart()
	if c := r.app.channelSettings(); c.DefaultAgent != "night" || c.FileAgent != "shop" {
		t.Errorf("after a restart with a file that changed elsewhere: %s, %s", c.DefaultAgent, c.FileAgent)
	}
	r.write("channels.yaml", strings.Replace(testChannels, "default_agent: shop", "default_agent: third", 1))
	r.until("the file's new agent", func() bool { return r.app.channelSettings().DefaultAgent == "third" })
	r.write("channels.yaml", testChannels)
	r.until("the file's first agent", func() bool { return r.app.channelSettings().DefaultAgent == "shop" })
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
