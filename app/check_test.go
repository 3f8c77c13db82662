package app

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"astromesh/runtime/health"
	"astromesh/runtime/outbox"
)

// fault is one thing that goes wrong around the program, and what is to be said
// by the program and by the command beside it.
type fault struct {
	spoil func(*rig)
	check string // name and status
	says  []string
	code  int
}

var faults = map[string]fault{
	"the token expires": {func(r *rig) {
		r.meta.ExpireToken(testToken)
		r.post(r.meta.Text(ana, "very private"))
		r.until("the pause", func() bool { return r.app.relay.Paused() != nil })
		r.until("the waiting reply", func() bool {
			c, err := r.app.store.OutboxCounts(r.ctx, r.app.relay.Paused().Since)
			return err == nil && c.TokenRefused == 1
		})
	}, "sending fail", []string{"1 reply waits", "System users"}, 1},
	"the token is expired": {func(r *rig) { r.meta.ExpireToken(testToken) }, "graph fail", []string{"has expired", "[190/463]", "System users"}, 1},
	"another token":        {func(r *rig) { r.meta.SetAccessTokens("EAAother") }, "graph fail", []string{"refuses the access token", "[190]"}, 1},
	"no model server":      {func(r *rig) { r.ollama.Down(true) }, "models fail", []string{"does not answer", "ollama serve", "shop cannot answer"}, 1},
	"a model is missing":   {func(r *rig) { r.ollama.Remove("seer") }, "models warn", []string{"ollama pull seer", "answers with talker"}, 0},
	"a broken agent": {func(r *rig) {
		r.write("agents/shop.agent.yaml", testAgent+"  nonsense: 1\n  prompts: [}\n")
		r.until("the draft", func() bool { return len(r.app.drafts()) > 0 })
	}, "agent warn", []string{"last good one goes on answering", "shop.agent.yaml:"}, 1},
	"a wrong verify token": {func(r *rig) {
		webhook, _ := r.app.Addrs()
		res, err := http.Get("http://" + webhook + "/v1/channels/whatsapp/webhook?hub.mode=subscribe&hub.challenge=1&hub.verify_token=nope")
		if err != nil || res.StatusCode != http.StatusForbidden || res.Body.Close() != nil {
			r.t.Fatal(res, err)
		}
		r.until("the save", func() bool {
			d, err := health.ReadDoor(r.ctx, r.app.store)
			return err == nil && !d.HandshakeAt.IsZero()
		})
	}, "handshake fail", []string{"not the one configured here", "Verify and save"}, 1},
	"another app's secret": {func(r *rig) {
		webhook, _ := r.app.Addrs()
		res, err := http.Post("http://"+webhook+"/v1/channels/whatsapp/webhook", "application/json", strings.NewReader("{}"))
		if err != nil || res.StatusCode != http.StatusForbidden || res.Body.Close() != nil {
			r.t.Fatal(res, err)
		}
		r.until("the save", func() bool {
			d, err := health.ReadDoor(r.ctx, r.app.store)
			return err == nil && d.RefusedCount == 1
		})
	}, "signature fail", []string{"1 webhook with a missing or wrong signature", "32 characters"}, 1},
	"unsigned mode": {func(r *rig) {
		r.stop()
		r.env["WHATSAPP_APP_SECRET"] = ""
		r.start()
	}, "signature fail", []string{"UNSIGNED MODE", "App settings, Basic"}, 1},
	"not subscribed": {func(r *rig) {
		before := r.app.live.Load()
		r.write("channels.yaml", testChannels+"    waba_id: \"2000000000000002\"\n    app_id: \"42\"\n")
		r.until("the reload", func() bool { return r.app.live.Load() != before })
	}, "subscription fail", []string{"Another app", "/subscribed_apps"}, 1},
	"a person is needed": {func(r *rig) {
		r.served()
		if _, err := r.app.store.Mute(1, 0, "very private"); err != nil {
			r.t.Fatal(err)
		}
	}, "people warn", []string{"1 conversation waits"}, 0},
}

func TestFaultsAreDiagnosed(t *testing.T) {
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, rigOptions{})
			f.spoil(r)
			rep := r.health()
			r.expect(rep, f)
			code, out := r.command("check", "--json")
			r.expect(r.decode([]byte(out)), f)
			if code != f.code {
				t.Errorf("exit %d, want %d: %s", code, f.code, r.decode([]byte(out)).bad())
			}
			_, text := r.command("check")
			check, status, _ := strings.Cut(f.check, " ")
			if !strings.Contains(text, fmt.Sprintf("%s  %-13s  ", strings.ToUpper(status), check)) || !strings.Contains(text, "\n      → ") {
				t.Errorf("printed:\n%s", text)
			}
		})
	}
}

func (r *rig) expect(rep report, f fault) {
	r.t.Helper()
	check, status, _ := strings.Cut(f.check, " ")
	for _, c := range rep.of(check) {
		text := c.Detail + " " + c.Mend
		if string(c.Status) == status && !slices.ContainsFunc(f.says, func(s string) bool { return !strings.Contains(text, s) }) {
			return
		}
	}
	r.t.Errorf("want %s that says %q; there is %s: %+v", f.check, f.says, rep.bad(), rep.of(check))
}

// The command beside the running program takes nothing and disturbs nothing.
func TestCheckDisturbsNothing(t *testing.T) {
	r := newRig(t, rigOptions{})
	for i := range 5 {
		if code, out := r.command("check"); code != 0 {
			t.Fatalf("%d:\n%s", code, out)
		}
		text := fmt.Sprint("message ", i)
		r.post(r.meta.Text(ana, text))
		r.reads(ana, "re: "+text)
	}
}

func TestCheckBeforeTheFirstStart(t *testing.T) {
	r := newRig(t, rigOptions{})
	r.stop()
	r.config, r.data = t.TempDir(), filepath.Join(t.TempDir(), "none")
	code, out := r.command("check")
	if code != 1 || !strings.Contains(out, "channels.yaml:1:1: this file is missing") {
		t.Errorf("empty configuration: %d\n%s", code, out)
	}
	if _, err := os.Stat(r.data); err == nil {
		t.Error("the data folder was made")
	}
	r.write("channels.yaml", testChannels)
	r.write("agents/shop.agent.yaml", testAgent)
	if code, out = r.command("check"); code != 0 || !strings.Contains(out, "is made at the first start") || !strings.Contains(out, "has not asked for this address yet") {
		t.Errorf("before the first start: %d\n%s", code, out)
	}
	r.env = map[string]string{"FAKE_OLLAMA": r.ollama.URL}
	code, out = r.command("check")
	for _, want := range []string{"FAIL  credentials", "WHATSAPP_ACCESS_TOKEN", "WARN  variables", "FAIL  signature", "WARN  graph"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not said", want)
		}
	}
	if code != 1 || r.t.Failed() {
		t.Errorf("without credentials: %d\n%s", code, out)
	}
}

// What the relay says of a pause does not move with its probes.
func TestAPauseIsACopy(t *testing.T) {
	r := newRig(t, rigOptions{})
	r.meta.ExpireToken(testToken)
	r.post(r.meta.Text(ana, "x"))
	var first *outbox.Pause
	r.until("the pause", func() bool { first = r.app.relay.Paused(); return first != nil })
	if first.Reason = "changed"; r.app.relay.Paused().Reason == "changed" {
		t.Error("a reader changed the relay's own")
	}
}
