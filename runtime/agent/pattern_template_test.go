package agent

import (
	"strings"
	"testing"

	"astromesh/config"
)

// TestRoleTemplateThatACustomerBreaks: the role does its work without it, and the
// owner is told.
func TestRoleTemplateThatACustomerBreaks(t *testing.T) {
	m := says(words(twoSteps), words("It left on Monday."), words("Nine to six."), words("Done."))
	a := newAgent(t, helper(patterned("plan_and_execute"), func(s *config.AgentSpec) {
		s.Prompts.Templates = map[string]string{
			"worker": "{% if contact.name == 'Bob' %}{% for i in range(9999) %}{% for k in range(9999) %}{% endfor %}{% endfor %}{% endif %}You work.",
		}
	}), m)
	in := said("Where is it?")
	in.Customer.Name = "Bob"
	r := turnOf(t, a, in)
	if r.Outcome != Answered || r.Reply != "Done." {
		t.Fatalf("%s: %s %q", r.Outcome, r.Reason, r.Reply)
	}
	if len(r.Notices) != 1 || !strings.Contains(r.Notices[0].Text, "The template worker of agent helper could not be filled in") {
		t.Errorf("notices %v", r.Notices)
	}
}
