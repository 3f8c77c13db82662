package agent

import (
	"slices"
	"strings"
	"testing"
	"time"

	"astromesh/config"
	"astromesh/runtime/model"
)

// effectful asks for each kind of effect in one answer.
func effectful() model.Response {
	call := func(id, name string, args map[string]any) model.ToolCall {
		return model.ToolCall{ID: id, Name: name, Arguments: args}
	}
	return model.Response{ToolCalls: []model.ToolCall{
		call("1", "send_message", map[string]any{"text": "Your code: 4471, questions to boss@example.org"}),
		call("2", "hand_over", map[string]any{"reason": "wants a refund"}),
		call("3", "cache_store", map[string]any{"action": "set", "key": "size", "value": "42"}),
	}}
}

// What tools want done stands in the result of a turn that answered. Of one that
// did not only the call for a person is left.
func TestEffectsOfATurn(t *testing.T) {
	for _, c := range []struct {
		name    string
		then    []model.Response // after the tools
		rule    *config.Guardrail
		outcome Outcome
	}{
		{"answered", []model.Response{words("Done.")}, nil, Answered},
		{"no answer", []model.Response{words(""), words("")}, nil, Failed},
		{"blocked reply", []model.Response{words("Done, darn it.")}, &config.Guardrail{Type: "content_filter", Action: "block", ForbiddenKeywords: []string{"darn"}}, Blocked},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := helper(func(s *config.AgentSpec) {
				for _, name := range []string{"send_message", "hand_over", "cache_store"} {
					s.Tools = append(s.Tools, config.Tool{Type: "builtin", Name: name})
				}
				s.Guardrails.Output = []config.Guardrail{{Type: "pii_detection", Action: "redact"}}
				if c.rule != nil {
					s.Guardrails.Output = append(s.Guardrails.Output, *c.rule)
				}
			})
			a := newAgent(t, cfg, says(append([]model.Response{effectful()}, c.then...)...))
			r := turnOf(t, a, said("my money back"))
			if r.Outcome != c.outcome || r.HandOver != "wants a refund" {
				t.Fatalf("%s (%s), handed over: %q", r.Outcome, r.Reason, r.HandOver)
			}
			if c.outcome != Answered {
				if len(r.Also)+len(r.Kept)+len(r.Noted) > 0 {
					t.Errorf("kept of it: %q %v", r.Also, r.Kept)
				}
				return
			}
			sent := "Your code: 4471, questions to [REDACTED_EMAIL]"
			if !slices.Equal(r.Also, []string{sent}) || r.Remember[1].Content != sent+"\n\nDone." {
				t.Errorf("sent %q, remembered %q", r.Also, r.Remember[1].Content)
			}
			rows := r.KeptChanges("helper", noon())
			if len(rows) != 1 || rows[0].Value != "42" || rows[0].ExpiresAt.Time().Sub(noon()) != 30*24*time.Hour {
				t.Errorf("kept %+v", rows)
			}
			var found int
			for _, v := range r.Verdicts {
				found += len(v.Findings)
			}
			if found != 1 {
				t.Errorf("%d findings in %+v", found, r.Verdicts)
			}
		})
	}
}

// A tool that does wrong is a line for the owner, once.
func TestNoticesOfATurn(t *testing.T) {
	cfg := helper(func(s *config.AgentSpec) {
		s.Tools[0].RateLimit = &config.ToolRate{MaxCalls: 1, WindowSeconds: config.Duration(time.Hour)}
	})
	zones := func(zone string) model.Response { return calls("datetime_now", map[string]any{"timezone": zone}) }
	r := turnOf(t, newAgent(t, cfg, says(zones("UTC"), zones("Asia/Tokyo"), zones("Europe/Rome"), words("Noon."))), said("hello"))
	if len(r.Notices) != 1 || !strings.Contains(r.Notices[0].Text, "The tool datetime_now was called more than 1 times in 1h0m0s") || r.Reply != "Noon." {
		t.Errorf("%q, notices %+v", r.Reply, r.Notices)
	}
}

// A word that the guardrails forbid cannot be put together out of what the last
// gate takes away.
func TestMessageOfAToolIsJudgedAsItIsRead(t *testing.T) {
	cfg := helper(func(s *config.AgentSpec) {
		s.Tools = []config.Tool{{Type: "builtin", Name: "send_message"}}
		s.Guardrails.Output = []config.Guardrail{{Type: "content_filter", ForbiddenKeywords: []string{"darn"}}}
	})
	m := says(calls("send_message", map[string]any{"text": "da<think>x</think>rn"}), words("Done."))
	if r := turnOf(t, newAgent(t, cfg, m), said("hello")); len(r.Also) > 0 {
		t.Errorf("sent %q", r.Also)
	}
}
