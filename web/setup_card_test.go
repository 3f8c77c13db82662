package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"astromesh/config"
	"astromesh/runtime/agent"
	"astromesh/runtime/health"
	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"

	ollama "github.com/ollama/ollama/types/model"
)

const talkerYAML = `apiVersion: astromesh/v1
kind: Agent
metadata: {name: talker, version: "1.0.0"}
spec:
  identity: {display_name: Talker} # the owner's remark
  model:
    primary: {provider: ollama, model: "big:70b", parameters: {temperature: 0.2}}
    fallback: {provider: ollama, model: "other:70b"}
  prompts: {system: "Be kind."}
`

// newCardDash is a dashboard whose default agent "talker" asks for a model that
// is not there, beside an Ollama that has a small one.
func newCardDash(t *testing.T) (*dash, *modeltest.Fake) {
	t.Helper()
	fake := modeltest.NewFake()
	fake.Set("small:1b", modeltest.FakeModel{Capabilities: []ollama.Capability{"completion", "vision"}})
	fake.Listen(t)
	var d *dash
	d = newDash(t, func(p *Parts) {
		servers := model.NewServers(model.Options{DefaultOllama: fake.URL})
		compile := func(name string, yaml []byte) (*agent.Agent, config.Problems) {
			cfg, problems := config.ParseAgent(name, yaml, nil)
			if cfg == nil {
				return nil, problems
			}
			a, err := agent.New(cfg, 1, agent.Parts{Store: p.Store, Servers: servers})
			if err != nil {
				return nil, config.Problems{{File: name, Line: 1, Col: 1, Text: err.Error()}}
			}
			return a, nil
		}
		p.Servers, p.Compile = servers, compile
		p.Channel = func() Channel { return savedChannel(t, d, nil) }
		p.DefaultAgent = func() string { return "talker" }
		p.Reload = func(ctx context.Context) error {
			versions, err := d.store.LiveAgents(ctx)
			if err != nil {
				return err
			}
			var list []*agent.Agent
			for _, v := range versions {
				a, problems := compile(v.Name, []byte(v.YAML))
				if a == nil {
					return errors.New(problems.String())
				}
				list = append(list, a)
			}
			d.server.Agents.Set(list)
			return nil
		}
	})
	for name, yaml := range map[string]string{"talker": talkerYAML, "shop": shopYAML} {
		if _, err := d.store.ImportAgent(name, name+".agent.yaml", yaml); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.server.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d, fake
}

func (d *dash) talkerNow() string {
	d.t.Helper()
	v, err := d.store.LiveAgent(d.t.Context(), "talker")
	if err != nil {
		d.t.Fatal(err)
	}
	return v.YAML
}

func TestModelCard(t *testing.T) {
	d, fake := newCardDash(t)
	d.owner.page("/setup/model")
	state := d.owner.page("/setup/model/state")
	for _, want := range []string{"Ollama answers at " + fake.URL, "asks for big:70b, other:70b", "small:1b", "sees pictures", "no tools"} {
		if !strings.Contains(state, want) {
			t.Errorf("%q is not in %s", want, state)
		}
	}
	for _, name := range []string{"", "a b", "../x", `"><script>`} {
		for _, path := range []string{"/setup/model/use", "/setup/model/pull"} {
			if w := d.owner.post(path, url.Values{"model": {name}}); w.Code != http.StatusUnprocessableEntity || strings.Contains(w.Body.String(), "<script>\"") {
				t.Errorf("%s %q: %d", path, name, w.Code)
			}
		}
	}
	if w := d.owner.post("/setup/model/use", url.Values{"model": {"small:1b"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("use: %d %s", w.Code, w.Body)
	}
	yaml := d.talkerNow()
	if !strings.Contains(yaml, "small:1b") || strings.Contains(yaml, "fallback") || !strings.Contains(yaml, "temperature: 0.2") || !strings.Contains(yaml, "# the owner's remark") {
		t.Errorf("the agent is now\n%s", yaml)
	}
	if state := d.owner.page("/setup/model/state"); !strings.Contains(state, "The agent&#39;s model is there") || !strings.Contains(state, "in use") {
		t.Errorf("after: %s", state)
	}
	for name, text := range map[string]string{
		"another server":    strings.Replace(talkerYAML, "parameters", `endpoint: "http://127.0.0.1:1", parameters`, 1),
		"a list of its own": strings.Replace(shopYAML, "name: shop", "name: talker", 1),
	} {
		live, err := d.store.LiveAgent(t.Context(), "talker")
		if err == nil {
			_, err = d.store.Publish("talker", text, "Olga", live.Version)
		}
		if err != nil {
			t.Fatal(err)
		}
		if w := d.owner.post("/setup/model/use", url.Values{"model": {"small:1b"}}); w.Code != http.StatusSeeOther {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if yaml := d.talkerNow(); !strings.Contains(yaml, "small:1b") || strings.Contains(yaml, "builtin") || strings.Contains(yaml, "127.0.0.1:1") {
			t.Errorf("%s: the agent is now\n%s", name, yaml)
		}
	}
	fake.Down(true)
	if state := d.owner.page("/setup/model/state"); !strings.Contains(state, "No Ollama answers") || !strings.Contains(state, "ollama.com/download") {
		t.Errorf("down: %s", state)
	}
}

// TestPullOnThePage: it survives leaving the page, shows how far it is, and can
// be cancelled.
func TestPullOnThePage(t *testing.T) {
	d, _ := newCardDash(t)
	ended := make(chan error, 1)
	d.server.pulls.pull = func(ctx context.Context, _ string, progress func(model.PullProgress)) error {
		progress(model.PullProgress{Status: "pulling a", Completed: 5e8, Total: 2e9})
		<-ctx.Done()
		ended <- ctx.Err()
		return ctx.Err()
	}
	if w := d.owner.post("/setup/model/pull", url.Values{"model": {"gemma3:4b"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("start: %d", w.Code)
	}
	d.waitFor("the download", func() bool { return strings.Contains(d.owner.page("/setup/model"), "500 MB of 2.0 GB") })
	if w := d.owner.post("/setup/model/pull", url.Values{"model": {"other:1b"}}); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "One download is under way") {
		t.Errorf("a second one: %d", w.Code)
	}
	if e := d.owner.stream("/setup/model/stream")("gemma3:4b"); e.event != "pull" {
		t.Errorf("the stream says %+v", e)
	}
	if w := d.owner.post("/setup/model/cancel", nil); w.Code != http.StatusSeeOther {
		t.Errorf("cancel: %d", w.Code)
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
	d.waitFor("the end of the download", func() bool { return strings.Contains(d.owner.page("/setup/model"), "was cancelled") })
}

func TestAgentCard(t *testing.T) {
	d, _ := newCardDash(t)
	if page := d.owner.page("/setup/agent"); !strings.Contains(page, `value="Talker"`) || !strings.Contains(page, "Be kind.") {
		t.Error("the card does not show the agent")
	}
	card := func(name, instructions string) url.Values {
		return url.Values{"agent": {"talker"}, "shown": {"talker"}, "name": {name}, "instructions": {instructions}}
	}
	for name, c := range map[string]struct {
		values url.Values
		says   string
	}{
		"no name":        {card("", "You answer for a bakery."), "up to 100 characters"},
		"too short":      {card("Ana", "hi"), "a few sentences"},
		"a broken place": {card("Ana", "You answer for a bakery {% if %}"), "would not work like this"},
		"nobody":         {url.Values{"agent": {"nobody"}, "shown": {"talker"}}, "does not answer at present"},
	} {
		w := d.owner.post("/setup/agent", c.values)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %d", name, w.Code)
		}
		if typed := c.values.Get("instructions"); !strings.Contains(w.Body.String(), typed) {
			t.Errorf("%s: what was typed is lost", name)
		}
	}
	if d.talkerNow() != talkerYAML {
		t.Error("bad input changed the agent")
	}
	if w := d.owner.post("/setup/agent", card("La Panadería", "You answer for a bakery.\r\nOpen at nine.")); location(w) != "/setup/test" {
		t.Fatalf("save: %d %s", w.Code, w.Body)
	}
	a, ok := d.server.Agents.Get("talker")
	if !ok || a.Config().Spec.Identity.DisplayName != "La Panadería" || a.Config().Spec.Prompts.System != "You answer for a bakery.\nOpen at nine.\n" || a.Config().Spec.Model.Primary.Model != "big:70b" {
		t.Errorf("the agent is now\n%s", d.talkerNow())
	}
	if !strings.Contains(d.audits(), "Olga: agent published talker name and instructions") {
		t.Errorf("audit:\n%s", d.audits())
	}
	if w := d.owner.post("/setup/agent", url.Values{"agent": {"shop"}, "shown": {"talker"}}); location(w) != "/setup/agent?saved=saved" {
		t.Errorf("another agent: %d", w.Code)
	}
	if name, err := d.store.Setting(t.Context(), "whatsapp.default_agent"); err != nil || name != "shop" {
		t.Errorf("default agent %q, %v", name, err)
	}
}

// TestSetupGoesOnWhereItWas: by what is so, not by what was clicked.
func TestSetupGoesOnWhereItWas(t *testing.T) {
	d, _ := newCardDash(t)
	checks := map[string]health.Status{"models": health.Fail, "credentials": health.Fail, "graph": health.Warn}
	d.server.Health = func(context.Context) []health.Check {
		var list []health.Check
		for name, status := range checks {
			list = append(list, health.Check{Name: name, Status: status})
		}
		return list
	}
	next := func(want string) {
		t.Helper()
		if w := d.owner.get("/setup/next"); location(w) != want {
			t.Errorf("next is %q, want %q", location(w), want)
		}
	}
	for range 2 {
		next("/setup/model")
		d.owner.page("/setup/meta")
	}
	checks["models"] = health.OK
	next("/setup/meta")
	checks["credentials"], checks["graph"] = health.OK, health.OK
	next("/setup/test")
	if page := d.owner.page("/setup/test"); !strings.Contains(page, "No message yet") || !strings.Contains(page, "every 2s") {
		t.Error("the page does not wait")
	}
	d.server.Doorman.Accepted(true)
	next("/setup/done")
	if state := d.owner.page("/setup/test/state"); !strings.Contains(state, "A message has arrived") || !strings.Contains(state, "No answer yet") {
		t.Errorf("after the first webhook: %s", state)
	}
	if page := d.owner.page("/setup/done"); !strings.Contains(page, "Everything works") {
		t.Error("the last page does not say so")
	}
}
