package agent

import (
	"strings"
	"testing"
	"time"

	"astromesh/config"
	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"
	"astromesh/store/storetest"
)

// tea is a model that plays every role of every pattern: what it says depends on
// the last words of the prompt, which are the role's instruction. Its plan names
// a tool, which the server must not take for a call of it.
func tea() modeltest.Script {
	return modeltest.Script{
		Default: "What would you like?",
		Replies: map[string]string{
			"Write the plan now, as JSON only.)":  `{"steps": ["Ask datetime_now for the time", "Look whether there is tea"]}`,
			"Write the parts now, as JSON only.)": `{"parts": ["Is there tea?", "Is there cake?"]}`,
			"Do this part now.)":                  "There is some.",
			"Do the stage analyze now.)":          "The customer wants tea.",
			"Do the stage process now.)":          "We do have tea.",
			"Do the stage draft now.)":            "tea yes",
			"Decide now, as JSON only.)":          `{"worker": "worker", "task": "Look whether there is tea"}`,
			"Do this task now.)":                  "There is green tea.",
			"or hand over.)":                      `{"handoff": "kitchen", "task": "tea for two"}`,
			"in plain words.)":                    "We have **tea**, come at four.",
		},
		ToolCalls: map[string]modeltest.Call{"Do this step now.)": {Name: "datetime_now", Arguments: map[string]any{"timezone": "Europe/Madrid"}}},
		AfterTool: map[string]string{"datetime_now": "It is nearly four."},
	}
}

// TestPatternsOnARealOllama plays each pattern on a real server, which holds the
// roles to the forms of their decisions.
func TestPatternsOnARealOllama(t *testing.T) {
	server := modeltest.Start(t)
	server.Create(t, "tea", tea())
	servers := model.NewServers(model.Options{DefaultOllama: server.URL})
	st := storetest.New(t)
	for _, c := range []struct {
		pattern string
		roles   []string
		parts   string
		calls   int
	}{
		{"plan_and_execute", nil, "plan, step 1 of 2, step 2 of 2, answer", 6},
		{"parallel_fan_out", nil, "plan, branch 1 of 2, branch 2 of 2, answer", 4},
		{"pipeline", nil, "stage:analyze 1 of 3, stage:process 2 of 3, stage:synthesize 3 of 3", 3},
		{"pipeline", []string{"stage:draft", "stage:polish"}, "stage:draft 1 of 2, stage:polish 2 of 2", 2},
		{"supervisor", nil, "decision, worker:worker, decision, answer", 4},
		{"swarm", []string{"member:kitchen"}, "member:helper, member:kitchen", 2},
	} {
		t.Run(strings.Join(append(c.roles, c.pattern), " "), func(t *testing.T) {
			cfg := helper(patterned(c.pattern, c.roles...), func(s *config.AgentSpec) {
				s.Model.Primary.Model = "tea"
				s.Orchestration.TimeoutSeconds = config.Duration(5 * time.Minute) // the machine may have a lot to do
			})
			a, err := New(cfg, 1, Parts{Store: st, Now: noon, Servers: servers})
			if err != nil {
				t.Fatal(err)
			}
			r := turnOf(t, a, said("Do you have tea and cake?"))
			if r.Reply != "We have **tea**, come at four." || len(r.Usage) != c.calls {
				t.Errorf("%q %s in %d calls", r.Reply, r.Reason, len(r.Usage))
			}
			if got := sortedBranches(parts(r)); got != c.parts {
				t.Errorf("parts %q, want %q", got, c.parts)
			}
			if t.Failed() {
				for _, s := range r.Steps {
					t.Logf("%s %s %v", s.Stage, s.Name, s.Data)
				}
			}
		})
	}
}

// sortedBranches: which of two branches ends first is chance.
func sortedBranches(parts string) string {
	return strings.Replace(parts, "branch 2 of 2, branch 1 of 2", "branch 1 of 2, branch 2 of 2", 1)
}
