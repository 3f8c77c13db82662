package agent

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"astromesh/config"
	"astromesh/runtime/model"
)

func prompts(system string, templates map[string]string) func(*config.AgentSpec) {
	return func(s *config.AgentSpec) { s.Prompts = config.Prompts{System: system, Templates: templates} }
}

// TestPromptTemplatesAreIncluded: by name, in each other, with what they name.
func TestPromptTemplatesAreIncluded(t *testing.T) {
	for _, c := range []struct {
		name, system string
		templates    map[string]string
		want         string
	}{
		{"plain", `Be short. {% include "hours" %}`, map[string]string{"hours": "Open from nine to five.\n"}, "Be short. Open from nine to five."},
		{"in single quotes", `{% include 'hours' %}`, map[string]string{"hours": "Nine."}, "Nine."},
		{"with values", `{% include "who" %}`, map[string]string{"who": "You are {{ agent.name }} for {{ contact.name }}{{ nobody.there }}."}, "You are helper for Ana."},
		{"in each other", `{% include "a" %}`, map[string]string{"a": `A {% include "b" %}`, "b": `B {% include "c" %}`, "c": "C"}, "A B C"},
		{"twice", `{% include "a" %}{% include "a" %}`, map[string]string{"a": "A{{ now.year }} "}, "A2026 A2026"},
		{"in a loop", `{% for i in range(2) %}{% include "a" %}{% endfor %}`, map[string]string{"a": "{{ i }};"}, "0;1;"},
		{"only if", `{% if contact.name == "Bob" %}{% include "a" %}{% else %}no{% endif %}`, map[string]string{"a": "A"}, "no"},
		{"missing, ignored", `x{% include "nothing" ignore missing %}y`, nil, "xy"},
		{"with context", `{% include "a" with context %}`, map[string]string{"a": "A"}, "A"},
		{"a name with a colon", `{% include "stage:look" %}`, map[string]string{"stage:look": "Look."}, "Look."},
		{"what it sets", `{% include "a" %}{{ x }}`, map[string]string{"a": "{% set x = 5 %}"}, "5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := says(words("Hello."))
			turnOf(t, newAgent(t, helper(prompts(c.system, c.templates)), m), said("hi"))
			if got := m.sent()[0].Messages[0].Content; strings.TrimSpace(got) != c.want {
				t.Errorf("system prompt %q, want %q", got, c.want)
			}
		})
	}
}

// TestPromptTemplatesThatCannotWork are refused when the agent is made, in one
// sentence with the key and the line; no file is read.
func TestPromptTemplatesThatCannotWork(t *testing.T) {
	for _, c := range []struct {
		name, system string
		templates    map[string]string
		want         string
	}{
		{"no such template", "a\n{% include 'hous' %}", map[string]string{"hours": "x"}, `spec.prompts.system: line 2: there is no template "hous"; there are hours`},
		{"a file", "{% include '/etc/passwd' %}", map[string]string{"a": "x"}, `no template "/etc/passwd"`},
		{"a name made up", "{% include 'ho' ~ 'urs' %}", map[string]string{"hours": "x"}, "in quotes"},
		{"itself", "x", map[string]string{"a": "{% include 'a' %}"}, "spec.prompts.templates.a: line 1: templates include each other in a circle: a → a"},
		{"in a circle", "x", map[string]string{"a": "1\n{% include 'b' %}", "b": "{% include 'c' %}", "c": "{% include 'a' %}"}, "in a circle: a → b → c → a"},
		{"a loop without end", "x", map[string]string{"a": "{% for i in range(9999) %}{% for k in range(9999) %}{% endfor %}{% endfor %}"}, "spec.prompts.templates.a: its loops go round"},
		{"included without end", "{% for i in range(9999) %}{% include 'a' %}{% endfor %}", map[string]string{"a": "x"}, "more than 400 times"},
		{"a lot of text", "{% for i in range(300) %}{% include 'a' %}{% endfor %}", map[string]string{"a": strings.Repeat("x", 1000)}, "longer than"},
		{"broken", "{% include 'a' %}", map[string]string{"a": "b\n{% endfor %}"}, "spec.prompts.templates.a: line 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			began := time.Now()
			cfg := helper(prompts(c.system, c.templates))
			_, err := New(cfg, 1, Parts{Now: noon, Model: func(config.Candidate) (model.LLM, error) { return says(words("x")), nil }})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if found := fmt.Sprint(CheckPrompts(cfg)); !strings.Contains(found, c.want) {
				t.Errorf("CheckPrompts gives %s", found)
			}
			if took := time.Since(began); took > time.Minute { // or what bounds it is missing
				t.Errorf("took %s", took)
			}
		})
	}
}

// TestPromptTemplateThatOnlySomeCustomersBreak: the turn goes on as for somebody of
// whom nothing is known, and the owner is told; where that breaks it too it fails in
// words.
func TestPromptTemplateThatOnlySomeCustomersBreak(t *testing.T) {
	m := says(words("Hello."))
	a := newAgent(t, helper(prompts("{% if contact.name == 'Bob' %}{% for i in range(9999) %}{% for k in range(9999) %}{% endfor %}{% endfor %}{% endif %}Hi", nil)), m)
	in := said("hi")
	in.Customer.Name = "Bob"
	r := turnOf(t, a, in)
	if r.Outcome != Answered || len(r.Notices) != 1 || !strings.Contains(r.Notices[0].Text, "The system prompt of agent helper could not be filled in for this customer") {
		t.Errorf("%s: %s %v", r.Outcome, r.Reason, r.Notices)
	}
	if first := m.sent()[0].Messages[0]; first.Content != "Hi" {
		t.Errorf("the prompt is %q", first.Content)
	}
	if r := turnOf(t, a, said("hi")); r.Outcome != Answered {
		t.Errorf("%s: %s", r.Outcome, r.Reason)
	}
}

// TestPromptVariables: each of them, in a prompt that is sent.
func TestPromptVariables(t *testing.T) {
	for template, want := range map[string]string{
		"{{ contact.name }}":                            "Ana",
		"{{ contact.id[:2] }}{{ contact.id | length }}": "c_14",
		"{{ now }}":                   "Monday, 23 November 2026, 12:07",
		"{{ now.strftime('%H:%M') }}": "12:07",
		"{{ agent.name }} {{ agent.version }} {{ agent.display_name }} {{ agent.description }}": "helper 1 Helper Helps.",
		"{{ memory | length }}{% for m in memory %} {{ m.role }}: {{ m.content }}{% endfor %}":  "2 user: hi assistant: Hello.",
		"[{{ knowledge | length }}{% for k in knowledge %}x{% endfor %}]":                       "[0]",
		"[{{ context.customer.name }}{{ context | length }}]":                                   "[0]",
		"[{{ nothing.at.all }}]": "[]",
	} {
		m := says(words("Hello."))
		a := newAgent(t, helper(prompts(template, nil), func(s *config.AgentSpec) {
			s.Identity = config.Identity{DisplayName: "Helper", Description: "Helps."}
		}), m)
		in := said("hi")
		r := turnOf(t, a, in)
		remember(t, a.store, a, in, r)
		in.TurnID = "t2"
		turnOf(t, a, in)
		if got := m.sent()[1].Messages[0].Content; got != want {
			t.Errorf("%s gives %q, want %q", template, got, want)
		}
	}
}
