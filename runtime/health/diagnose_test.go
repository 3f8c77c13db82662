package health

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"astromesh/config"
	"astromesh/runtime/channel/whatsapp"
	"astromesh/runtime/model"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const (
	testSecret = "0123456789abcdef0123456789abcdef"
	testToken  = "EAAtesttoken"
	testVerify = "a-made-up-word"
)

// well is a program without a flaw.
func well() Inputs {
	return Inputs{
		Now: now,
		WhatsApp: config.WhatsApp{
			AccessToken: testToken, AppSecret: testSecret, VerifyToken: testVerify,
			PhoneNumberID: "106540352242922", WABAID: "2000000000000002", AppID: "1000000000000001", DefaultAgent: "shop",
		},
		Door:   Door{HandshakeAt: now.Add(-time.Hour), HandshakeOK: true, HandshakeOKAt: now.Add(-time.Hour), AcceptedAt: now.Add(-3 * time.Minute)},
		Agents: []Agent{{Name: "shop", Serving: true}},
		Models: []AgentModels{{Agent: "shop", Tools: true, Servers: []model.ServerHealth{ollama(
			model.ModelHealth{Name: "llava:7b", Present: true, Capabilities: model.Capabilities{Vision: true}},
			model.ModelHealth{Name: "llama3.1:8b", Present: true, Capabilities: model.Capabilities{Tools: true}},
		)}}},
		Graph: Graph{
			Token:  whatsapp.TokenInfo{Valid: true, Type: "SYSTEM_USER", AppID: "1000000000000001", Scopes: []string{sendScope, accountScope}},
			Number: whatsapp.NumberInfo{ID: "106540352242922", VerifiedName: "Crumb & Ember", Quality: "GREEN", Status: "CONNECTED", ServerTime: now},
			Apps:   []whatsapp.SubscribedApp{{ID: "1000000000000001", Name: "ours"}},
		},
		Disk:   Disk{Dir: "/data", FreeKnown: true, Free: 10 << 30},
		Backup: Backup{Wanted: true, Last: now.Add(-8 * time.Hour), Since: now.Add(-90 * 24 * time.Hour)},
	}
}

func ollama(models ...model.ModelHealth) model.ServerHealth {
	return model.ServerHealth{Endpoint: "http://127.0.0.1:11434", Reachable: true, Version: "0.17.4", Models: models}
}

func TestAllIsWell(t *testing.T) {
	checks := Diagnose(well())
	var names []string
	for _, c := range checks {
		names = append(names, c.Name)
		if c.Status != OK || c.Detail == "" || c.Mend != "" {
			t.Errorf("%+v", c)
		}
	}
	want := []string{"configuration", "variables", "credentials", "signature", "handshake", "webhook", "graph", "subscription", "agent", "models", "sending", "inbox", "people", "disk", "backup", "clock"}
	if !slices.Equal(names, want) {
		t.Errorf("names = %q", names)
	}
	if got := Overall(checks); got != "ok" {
		t.Errorf("overall = %q", got)
	}
}

// flaw is one thing that is wrong, and the one line that it is to make.
type flaw struct {
	what   string
	spoil  func(*Inputs)
	name   string
	status Status
	says   []string // in detail or mend
}

// TestEachFlaw: every flaw shows in its own line, and in no other unless it
// says so, with a mend and without a secret.
func TestEachFlaw(t *testing.T) {
	for _, f := range slices.Concat(fileFlaws, doorFlaws, metaFlaws, agentFlaws, queueFlaws, machineFlaws) {
		t.Run(f.name+"/"+f.what, func(t *testing.T) {
			in := well()
			f.spoil(&in)
			checks := Diagnose(in)
			if got := Overall(checks); (got == "degraded") != (f.status == Fail) {
				t.Errorf("overall = %s", got)
			}
			var all strings.Builder
			found := false
			for _, c := range checks {
				text := c.Detail + " " + c.Mend
				all.WriteString(text)
				if c.Status == OK {
					continue
				}
				if c.Mend == "" || c.Name != f.name || f.status == OK {
					t.Errorf("unexpected: %+v", c)
				}
				found = found || c.Status == f.status && !slices.ContainsFunc(f.says, func(s string) bool { return !strings.Contains(text, s) })
			}
			if f.status != OK && !found {
				t.Errorf("no %s that says %q in %+v", f.status, f.says, checks)
			}
			noSecrets(t, all.String())
		})
	}
}

func noSecrets(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{testSecret, testToken, testVerify, "34600111222"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is told: %s", secret, text)
		}
	}
	if strings.Contains(text, "%!") {
		t.Errorf("a broken sentence: %s", text)
	}
}

func problem(s config.Severity, text, variable string) config.Problem {
	return config.Problem{File: "channels.yaml", Line: 7, Col: 3, Severity: s, Text: text, Variable: variable}
}

var fileFlaws = []flaw{
	{"error", func(in *Inputs) { in.Problems = config.Problems{problem(config.Error, "unknown key", "")} }, "configuration", Fail, []string{"channels.yaml:7:3: unknown key"}},
	{"warning", func(in *Inputs) { in.Problems = config.Problems{problem(config.Warning, "not acted on", "")} }, "configuration", Warn, []string{"channels.yaml:7:3: warning: not acted on"}},
	{"very many", func(in *Inputs) {
		for range 50 {
			in.Problems = append(in.Problems, problem(config.Error, "bad", ""))
		}
	}, "configuration", Fail, []string{"channels.yaml:7:3: bad"}},
	{"unset", func(in *Inputs) {
		in.Problems = config.Problems{problem(config.Note, "x", "SHOP_NAME"), problem(config.Note, "x", "SHOP_CITY"), problem(config.Note, "x", "SHOP_NAME")}
	}, "variables", Warn, []string{"SHOP_NAME and SHOP_CITY", "channels.yaml:7"}},
	{"unset, typed in the dashboard", func(in *Inputs) { in.Problems = config.Problems{problem(config.Note, "x", appSecretVariable)} }, "variables", OK, nil},
	{"no verify token", func(in *Inputs) { in.WhatsApp.VerifyToken = "" }, "credentials", Fail, []string{"the verify token (WHATSAPP_VERIFY_TOKEN)", "Webhook, Verify token"}},
}

// TestMissingCredentials: those flaws show in more than one line.
func TestMissingCredentials(t *testing.T) {
	in := well()
	in.WhatsApp.AccessToken, in.WhatsApp.PhoneNumberID, in.WhatsApp.AppSecret = "", "", ""
	var got []string
	for _, c := range Diagnose(in) {
		if c.Status != OK {
			got = append(got, c.Name+" "+string(c.Status))
		}
		if c.Name == "credentials" && (!strings.Contains(c.Mend, "System users") || !strings.Contains(c.Mend, "App settings, Basic") || !strings.Contains(c.Mend, "API Setup") || strings.Contains(c.Mend, "Verify token:")) {
			t.Errorf("mend = %s", c.Mend)
		}
		if c.Name == "signature" && !strings.Contains(c.Detail, "UNSIGNED MODE") {
			t.Errorf("detail = %s", c.Detail)
		}
	}
	if want := []string{"credentials fail", "signature fail", "graph warn"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTooManyProblems(t *testing.T) {
	in := well()
	for range 50 {
		in.Problems = append(in.Problems, problem(config.Error, "bad", ""))
	}
	if checks := configuration(in); len(checks) != maxProblems+1 || !strings.Contains(checks[maxProblems].Detail, "30 more") {
		t.Errorf("%d checks, the last %+v", len(checks), checks[len(checks)-1])
	}
}

// TestWithoutChannels: what cannot be read is not judged by its defaults.
func TestWithoutChannels(t *testing.T) {
	checks := Diagnose(Inputs{Now: now, Unread: true, Problems: config.Problems{problem(config.Error, "this file is missing", "")}})
	for _, c := range checks {
		if c.Name == "credentials" || c.Name == "signature" || c.Name == "agent" {
			t.Errorf("%+v", c)
		}
	}
	if Overall(checks) != "degraded" {
		t.Error("all is well without channels.yaml")
	}
}

func TestWithoutStore(t *testing.T) {
	in := well()
	in.Disk.StoreProblem = "it was written by a newer program"
	in.Door, in.Queues = Door{}, Queues{}
	for _, c := range Diagnose(in) {
		if c.Name == "webhook" || c.Name == "inbox" || c.Name == "backup" || c.Status != OK && c.Name != "disk" {
			t.Errorf("%+v", c)
		}
	}
}

func TestLengths(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Hour: "less than a minute", 59 * time.Second: "less than a minute", 61 * time.Second: "1 minute", 59 * time.Minute: "59 minutes",
		47 * time.Hour: "47 hours", 48 * time.Hour: "2 days", 100 * 24 * time.Hour: "100 days",
	} {
		if got := lasting(d); got != want {
			t.Errorf("%v = %q, want %q", d, got, want)
		}
	}
	for n, want := range []string{"", "a1", "a1 and a2", "a1, a2 and a3"} {
		var names []string
		for i := range n {
			names = append(names, fmt.Sprint("a", i+1))
		}
		if got := listing(names); got != want {
			t.Errorf("%q", got)
		}
	}
}
