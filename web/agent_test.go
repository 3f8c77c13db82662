package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"astromesh/config"
	"astromesh/runtime/agent"
	"astromesh/runtime/model"
	"astromesh/store"
)

// shopWith is the rig's agent with one thing replaced.
func shopWith(t testing.TB, old, other string) string {
	t.Helper()
	if !strings.Contains(shopYAML, old) {
		t.Fatalf("the rig's agent has no %q", old)
	}
	return strings.Replace(shopYAML, old, other, 1)
}

// newAgentDash is a dashboard whose agents come from the store, as the program's do.
func newAgentDash(t testing.TB) *dash {
	t.Helper()
	var d *dash
	build := func(v store.AgentVersion) (*agent.Agent, config.Problems) {
		f := config.ReadAgent(v.Name, []byte(v.YAML), nil)
		if f.Agent == nil {
			return nil, f.Problems
		}
		if f.Agent.Metadata.Name != v.Name {
			return nil, config.Problems{f.Problem("metadata.name", config.Error, "another name")}
		}
		a, err := agent.New(f.Agent, v.Version, agent.Parts{Store: d.store, Servers: model.NewServers(model.Options{DefaultOllama: "http://127.0.0.1:1"})})
		if err != nil {
			return nil, config.Problems{f.Problem("spec", config.Error, err.Error())}
		}
		return a, f.Problems
	}
	d = newDash(t, func(p *Parts) {
		p.DefaultAgent = func() string { return "shop" }
		p.Models = func(context.Context) ([]string, error) { return []string{"llava:7b", "a<b"}, nil }
		p.Drafts = func() []Draft {
			return []Draft{{Name: "broken", File: "agents/broken.agent.yaml", YAML: "kind: Agent\n", Errors: []string{"agents/broken.agent.yaml:1:1: spec is missing"}}}
		}
		p.Compile = func(name string, yaml []byte) (*agent.Agent, config.Problems) {
			return build(store.AgentVersion{Name: name, YAML: string(yaml)})
		}
		p.Reload = func(ctx context.Context) error {
			live, err := d.store.LiveAgents(ctx)
			var list []*agent.Agent
			for _, v := range live {
				a, problems := build(v)
				if a == nil {
					return errors.New(problems.String())
				}
				list = append(list, a)
			}
			d.server.Agents.Set(list)
			return err
		}
	})
	if _, err := d.store.ImportAgent("shop", "agents/shop.agent.yaml", shopYAML); err != nil {
		t.Fatal(err)
	}
	return d
}

func yamlForm(yaml string, more ...string) url.Values {
	v := url.Values{"yaml": {yaml}, "from": {"yaml"}}
	for i := 0; i < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

var htmx = []string{"HX-Request", "true"}

func has(t *testing.T, body string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(body, p) {
			t.Errorf("%q is not in:\n%s", p, body)
		}
	}
}

func TestAgentsList(t *testing.T) {
	d := newAgentDash(t)
	if _, _, err := d.store.SaveDraft(store.AgentDraft{Name: "night", YAML: shopYAML, Author: "Olga"}); err != nil {
		t.Fatal(err)
	}
	for _, o := range []*operator{d.owner, d.staff} {
		has(t, o.page("/agents"), "/agents/shop", "answers your customers", "from the file agents/shop.agent.yaml", "/agents/night", "draft", "by Olga", "/agents/broken", "spec is missing")
	}
	if w := d.stranger().get("/agents"); w.Code != http.StatusSeeOther {
		t.Errorf("a stranger: %d", w.Code)
	}
	if w := d.owner.get("/agents/nobody"); w.Code != http.StatusNotFound {
		t.Errorf("no such agent: %d", w.Code)
	}
}

func TestAgentDraftAndPublish(t *testing.T) {
	d := newAgentDash(t)
	next := shopWith(t, "at nine", "at ten")
	w := d.owner.post("/agents/shop", yamlForm(strings.ReplaceAll(next, "\n", "\r\n"), "base", "1"), htmx...)
	if w.Code != http.StatusOK {
		t.Fatalf("save: %d %s", w.Code, w.Body)
	}
	has(t, w.Body.String(), "Draft saved.", "Customers still get version 1.")
	if draft, err := d.store.Draft(t.Context(), "shop"); err != nil || draft.YAML != next || draft.Author != "Olga" || draft.Base != 1 {
		t.Errorf("draft %+v, %v", draft, err)
	}
	has(t, d.owner.page("/agents/shop?tab=yaml"), "at ten", "Draft by Olga")
	has(t, d.owner.post("/agents/shop/changes", yamlForm(next), htmx...).Body.String(), "diff-out", "diff-in", "at ten", "Publish now")
	// Publishing shows the difference first.
	has(t, d.owner.post("/agents/shop/publish", yamlForm(next), htmx...).Body.String(), "Publish now")
	if v, err := d.store.LiveAgent(t.Context(), "shop"); err != nil || v.Version != 1 {
		t.Fatalf("published without being asked: %+v, %v", v, err)
	}
	w = d.owner.post("/agents/shop/publish", yamlForm(next, "sure", "1", "compared", "1"), htmx...)
	if w.Code != http.StatusNoContent || !strings.HasPrefix(w.Header().Get("HX-Redirect"), "/agents/shop?") {
		t.Fatalf("publish: %d %s %s", w.Code, w.Header(), w.Body)
	}
	if a, ok := d.server.Agents.Get("shop"); !ok || a.Version != 2 {
		t.Errorf("version 2 is not in service: %+v", a)
	}
	if _, err := d.store.Draft(t.Context(), "shop"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the draft is still there: %v", err)
	}
	audits, err := d.store.Audits(t.Context(), 0, 10)
	if err != nil || audits[0].Action != "agent published" || audits[0].User != "Olga" || audits[0].Target != "shop" {
		t.Errorf("audit %+v, %v", audits, err)
	}
	has(t, d.owner.page("/agents/shop?tab=versions&a=1&b=2"), "at nine", "at ten", "Olga", "From version 1 to version 2")
	w = d.owner.post("/agents/shop/restore", url.Values{"version": {"1"}, "compared": {"2"}})
	if w.Code != http.StatusSeeOther {
		t.Fatalf("restore: %d %s", w.Code, w.Body)
	}
	if v, err := d.store.LiveAgent(t.Context(), "shop"); err != nil || v.Version != 3 || v.YAML != shopYAML {
		t.Errorf("restored %+v, %v", v, err)
	}
}

// Two operators: the last save wins and says so, the last publish does not win.
func TestAgentTwoOperators(t *testing.T) {
	d := newAgentDash(t)
	mine, theirs := shopWith(t, "at nine", "at ten"), shopWith(t, "at nine", "at eleven")
	d.staff.post("/agents/shop", yamlForm(theirs, "base", "1"), htmx...)
	w := d.owner.post("/agents/shop", yamlForm(mine, "base", "1", "stamp", ""), htmx...)
	has(t, w.Body.String(), "took the place of a draft by Sam")
	draft, err := d.store.Draft(t.Context(), "shop")
	if err != nil || draft.YAML != mine {
		t.Errorf("the last save did not win: %+v, %v", draft, err)
	}
	w = d.staff.post("/agents/shop", yamlForm(theirs, "base", "1", "stamp", stampOf(draft)), htmx...)
	if strings.Contains(w.Body.String(), "took the place") {
		t.Errorf("Sam had seen it:\n%s", w.Body)
	}
	d.owner.post("/agents/shop/publish", yamlForm(mine, "sure", "1", "compared", "1"), htmx...)
	other := d.operator("Otto", store.RoleOwner)
	w = other.post("/agents/shop/publish", yamlForm(theirs, "sure", "1", "compared", "1"), htmx...)
	if w.Code != http.StatusConflict {
		t.Fatalf("publishing over Olga's: %d", w.Code)
	}
	has(t, w.Body.String(), "Olga published version 2", "at ten", "at eleven", `name="compared" value="2"`)
	if w = other.post("/agents/shop/publish", yamlForm(theirs, "sure", "1", "compared", "2"), htmx...); w.Code != http.StatusNoContent {
		t.Errorf("after having seen it: %d", w.Code)
	}
}

func TestAgentStaffMayNot(t *testing.T) {
	d := newAgentDash(t)
	for path, form := range map[string]url.Values{
		"/agents/shop/publish": yamlForm(shopYAML, "sure", "1", "compared", "1"),
		"/agents/shop/restore": {"version": {"1"}}, "/new-agent": {"name": {"x"}},
		"/agents/shop/try": yamlForm(shopYAML, "which", "draft", "say", "hello"),
	} {
		if w := d.staff.post(path, form); w.Code != http.StatusForbidden {
			t.Errorf("POST %s as staff: %d", path, w.Code)
		}
	}
	if w := d.staff.get("/new-agent"); w.Code != http.StatusForbidden {
		t.Errorf("staff are asked for a new agent's name: %d", w.Code)
	}
	if strings.Contains(d.staff.page("/agents")+d.staff.page("/agents/shop"), "/new-agent") {
		t.Error("staff are led to a new agent")
	}
	has(t, d.owner.page("/agents")+d.owner.page("/agents/shop"), `href="/new-agent"`, "/new-agent?from=shop")
	if page := d.staff.page("/agents/shop"); strings.Contains(page, `id="publish"`) {
		t.Error("staff see a button that they may not use")
	}
}

// What cannot be kept is refused in words, and what was typed stays.
func TestAgentBadText(t *testing.T) {
	d := newAgentDash(t)
	for name, c := range map[string]struct {
		yaml, words  string
		save, public int
	}{
		"not YAML":       {"a: [", "", 200, 422},
		"another's name": {shopWith(t, "name: shop", "name: other"), "", 200, 422},
		"no spec":        {"kind: Agent\n", "", 200, 422},
		"larger":         {"# " + strings.Repeat("x", 1<<20), "1 MB", 422, 422},
		"far larger":     {strings.Repeat("x", 5<<20), "1 MB", 422, 422},
		"not UTF-8":      {"a: \xff", "not text", 422, 422},
		"NUL":            {"a: \x00", "not text", 422, 422},
		"nothing":        {" \n", "nothing written", 422, 422},
	} {
		t.Run(name, func(t *testing.T) {
			w := d.owner.post("/agents/shop", yamlForm(c.yaml), htmx...)
			if w.Code != c.save {
				t.Errorf("save: %d %s", w.Code, w.Body)
			}
			has(t, w.Body.String(), c.words)
			if w = d.owner.post("/agents/shop", yamlForm(c.yaml)); w.Code != c.save {
				t.Errorf("save without a script: %d", w.Code)
			}
			if w = d.owner.post("/agents/shop/publish", yamlForm(c.yaml, "sure", "1", "compared", "1"), htmx...); w.Code != c.public {
				t.Errorf("publish: %d %s", w.Code, w.Body)
			}
			w = d.owner.post("/agents/shop/lint", yamlForm(c.yaml))
			var got struct {
				Problems []struct {
					Line     int
					Severity string
				}
			}
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || len(got.Problems) == 0 || got.Problems[0].Line < 1 {
				t.Errorf("lint: %s, %v", w.Body, err)
			}
		})
	}
	if v, err := d.store.LiveAgent(t.Context(), "shop"); err != nil || v.Version != 1 {
		t.Errorf("something was published: %+v, %v", v, err)
	}
}

func TestAgentNew(t *testing.T) {
	d := newAgentDash(t)
	for name, words := range map[string]string{"": "Give the agent a name", "Ñu": "small letters", "a/b": "small letters", "shop": "already", "broken": "already", strings.Repeat("a", 65): "at most 64"} {
		w := d.owner.post("/new-agent", url.Values{"name": {name}})
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), words) {
			t.Errorf("%q: %d, wants %q", name, w.Code, words)
		}
	}
	for name, from := range map[string]string{"from-sample": "", "Night Desk": "shop"} {
		w := d.owner.post("/new-agent", url.Values{"name": {name}, "from": {from}})
		if w.Code != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", name, w.Code, w.Body)
		}
		d.owner.page(w.Header().Get("Location"))
	}
	draft, err := d.store.Draft(t.Context(), "night-desk")
	if err != nil || !strings.Contains(draft.YAML, "name: night-desk") || !strings.Contains(draft.YAML, "We open at nine.") {
		t.Errorf("copy %+v, %v", draft, err)
	}
	if w := d.owner.post("/agents/night-desk/discard", nil); w.Header().Get("Location") != "/agents" {
		t.Errorf("discarding what was only a draft leads to %q", w.Header().Get("Location"))
	}
}

// Only this page may have styles of a script, and only of its own nonce.
func TestAgentPolicy(t *testing.T) {
	d := newAgentDash(t)
	first, second := d.owner.get("/agents/shop").Header().Get("Content-Security-Policy"), d.owner.get("/agents/shop").Header().Get("Content-Security-Policy")
	if !strings.Contains(first, "style-src 'self' 'nonce-") || strings.Contains(first, "unsafe") || first == second {
		t.Errorf("policies %q and %q", first, second)
	}
	if got := d.owner.get("/agents").Header().Get("Content-Security-Policy"); got != contentPolicy {
		t.Errorf("the list: %q", got)
	}
}
