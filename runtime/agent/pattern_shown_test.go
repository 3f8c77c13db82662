package agent

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"astromesh/config"
	"astromesh/runtime/model"
)

// TestPatternShowsNoToolCall: a model that answers everything with the text of a
// tool call, alone or among words, in every pattern: no customer reads of it.
func TestPatternShowsNoToolCall(t *testing.T) {
	const call = `{"name": "datetime_now", "arguments": {"timezone": "UTC"}}`
	for _, pattern := range []string{"react", "plan_and_execute", "parallel_fan_out", "pipeline", "supervisor", "swarm"} {
		texts := []string{
			call, "```json\n" + call + "\n```", "<tool_call>\n" + call + "\n</tool_call>", "Let me look.\n" + call,
			`datetime_now(timezone="UTC")`, "[TOOL_CALLS] [" + call + "]",
		}
		if pattern != "react" { // the others ask for JSON, and the call may be in it
			within := strings.ReplaceAll(call, `"`, `\"`)
			texts = append(texts, `{"answer": "`+within+`"}`, `{"steps": ["look", "`+within+`"]}`)
		}
		for n, text := range texts {
			t.Run(fmt.Sprint(pattern, " ", n), func(t *testing.T) {
				m := says()
				m.say = func(context.Context, int, model.Request) (model.Response, error) { return words(text), nil }
				a := newAgent(t, helper(func(s *config.AgentSpec) {
					s.Orchestration.Pattern, s.Orchestration.MaxIterations = pattern, 8
					s.Model.Roles = map[string]config.ModelRole{"member:other": {}, "worker:other": {}}
				}), m)
				r := turnOf(t, a, said("What time is it?"))
				for _, inner := range []string{"datetime_now", "arguments", "timezone", "TOOL_CALLS"} {
					if strings.Contains(r.Reply, inner) || strings.Contains(fmt.Sprint(r.Remember), inner) {
						t.Errorf("%s: the customer reads %q", r.Outcome, r.Reply)
					}
				}
			})
		}
	}
}
