package web

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"astromesh/config"
	"astromesh/runtime/agent"
)

// newAnsweringDash is a dashboard with the agents "shop", which a file names, and
// "night". what is saved is in force, as in the program.
func newAnsweringDash(t *testing.T) *dash {
	var d *dash
	d = newDash(t, func(p *Parts) {
		night := strings.ReplaceAll(shopYAML, "name: shop", "name: night")
		cfg, problems := config.ParseAgent("night", []byte(night), nil)
		if cfg == nil {
			t.Fatal(problems)
		}
		a, err := agent.New(cfg, 1, agent.Parts{Store: p.Store})
		if err != nil {
			t.Fatal(err)
		}
		p.Agents.Set(append(p.Agents.List(), a))
		p.Reload = func(context.Context) error { return nil }
		p.Channel = func() Channel {
			ch := Channel{WhatsApp: config.DefaultChannels(nil).Channels.WhatsApp, FileAgent: "shop"}
			ch.DefaultAgent = "shop"
			if v, err := d.store.Setting(t.Context(), "whatsapp.default_agent"); err == nil {
				ch.DefaultAgent = v
			}
			return ch
		}
		p.DefaultAgent = func() string { return p.Channel().DefaultAgent }
	})
	return d
}

func (d *dash) wantSettings(want map[string]string) {
	d.t.Helper()
	if got, err := d.store.Settings(d.t.Context(), "whatsapp."); err != nil || !maps.Equal(got, want) {
		d.t.Errorf("saved %v, %v; want %v", got, err, want)
	}
}

// TestChooseTheAgent: over the file's, visibly, and back.
func TestChooseTheAgent(t *testing.T) {
	d := newAnsweringDash(t)
	over := map[string]string{"whatsapp.default_agent": "night", "whatsapp.default_agent_over": "shop"}
	if page := d.owner.page("/settings/channel"); !strings.Contains(page, "The file channels.yaml names shop. If you choose") || strings.Contains(page, "Back to shop") {
		t.Error("before: the page does not say what the file names")
	}
	if w := d.owner.post("/settings/channel", url.Values{"default_agent": {"night"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("choose: %d", w.Code)
	}
	d.wantSettings(over)
	if page := d.owner.page("/settings/channel"); !strings.Contains(page, "names shop; this one was chosen here") || !strings.Contains(page, "Back to shop") {
		t.Error("after: the page does not say that the choice is over the file")
	}
	if w := d.owner.post("/settings/channel/agent-of-file", nil); w.Code != http.StatusSeeOther {
		t.Fatalf("back: %d", w.Code)
	}
	d.wantSettings(map[string]string{})
	if w := d.owner.post("/setup/agent", url.Values{"agent": {"night"}, "shown": {"shop"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("choose on the card: %d", w.Code)
	}
	d.wantSettings(over)
	if page := d.owner.page("/setup/agent"); !strings.Contains(page, "names shop; this one was chosen here") {
		t.Error("the card does not say that the choice is over the file")
	}
	if w := d.owner.post("/settings/channel", url.Values{"default_agent": {"shop"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("choose the file's: %d", w.Code)
	}
	d.wantSettings(map[string]string{})
	if n := strings.Count(d.audits(), "Olga: channel settings changed whatsapp default_agent"); n != 4 {
		t.Errorf("%d rows of audit, want 4:\n%s", n, d.audits())
	}
}

// TestTheFilesAgentIsGone: there is no way back to an agent that answers nobody.
func TestTheFilesAgentIsGone(t *testing.T) {
	d := newAnsweringDash(t)
	if w := d.owner.post("/settings/channel", url.Values{"default_agent": {"night"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("choose: %d", w.Code)
	}
	night, _ := d.server.Agents.Get("night")
	d.server.Agents.Set([]*agent.Agent{night})
	if page := d.owner.page("/settings/channel"); strings.Contains(page, "Back to shop") || !strings.Contains(page, "shop is not in service") {
		t.Error("the page offers an agent that is gone")
	}
	if w := d.owner.post("/settings/channel/agent-of-file", nil); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("back: %d", w.Code)
	}
}
