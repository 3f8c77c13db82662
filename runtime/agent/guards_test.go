package agent

import (
	"fmt"
	"strings"
	"testing"

	"astromesh/config"
	"astromesh/runtime/guardrail"
	"astromesh/runtime/model"
)

// TestGuardrailKinds: each kind of guardrail with each of its actions and both
// spellings of its keys, on what a customer writes and on what the model answers.
func TestGuardrailKinds(t *testing.T) {
	rule := func(kind, action string, change func(*config.Guardrail)) config.Guardrail {
		g := config.Guardrail{Type: kind, Action: action}
		change(&g)
		return g
	}
	forbidden := func(g *config.Guardrail) { g.ForbiddenTopics = []string{"politics"} }
	blocked := func(g *config.Guardrail) { g.BlockedTopics = []string{"politics"} }
	keywords := func(g *config.Guardrail) { g.ForbiddenKeywords = []string{"election"} }
	patterns := func(g *config.Guardrail) { g.BlockedPatterns = []string{`\belect\w+`} }
	ids := func(g *config.Guardrail) { g.Entities = []string{"AR_CUIT", "AR_DNI", "MX_CURP", "MX_RFC"} }
	short := func(g *config.Guardrail) { g.MaxChars, g.MaxTokensPerTurn = 20, 5 }
	const text, id = "Tell me of the election.", "my CUIT is 20-12345678-6"
	for _, c := range []struct {
		rule config.Guardrail
		text string
		left string // "" = stopped
	}{
		{rule("topic_filter", "", forbidden), text, ""},
		{rule("topic_filter", "block", blocked), text, ""},
		{rule("topic_filter", "redact", blocked), text, "Tell me of the [REDACTED]."},
		{rule("topic_filter", "warn", forbidden), text, text},
		{rule("content_filter", "", keywords), text, ""},
		{rule("content_filter", "", patterns), text, ""},
		{rule("content_filter", "redact", keywords), text, "Tell me of the [REDACTED]."},
		{rule("content_filter", "redact", patterns), text, "Tell me of the [REDACTED]."},
		{rule("content_filter", "warn", patterns), text, text},
		{rule("cost_limit", "", short), text, "Tell me of the"},
		{rule("cost_limit", "block", short), text, ""},
		{rule("cost_limit", "warn", short), text, text},
		{rule("max_length", "", short), text, ""},
		{rule("max_length", "truncate", short), text, "Tell me of the elect"},
		{rule("pii_detection", "", ids), id, "my CUIT is [REDACTED_CUIT]"},
		{rule("pii_detection", "block", ids), id, ""},
		{rule("pii_detection", "warn", ids), id, id},
	} {
		for _, direction := range []string{"input", "output"} {
			t.Run(fmt.Sprintf("%s %s %s", c.rule.Type, c.rule.Action, direction), func(t *testing.T) {
				in, out, asked, answer := []config.Guardrail{c.rule}, []config.Guardrail(nil), c.text, "ok"
				if direction == "output" {
					in, out, asked, answer = nil, in, "hello", c.text
				}
				m := says(words(answer))
				r := turnOf(t, newAgent(t, helper(guarded(in, out)), m), said(asked))
				got := r.Reply
				if direction == "input" {
					if got = r.UserText; (got == "") != (len(m.sent()) == 0) {
						t.Errorf("the model was asked %d times", len(m.sent()))
					}
				}
				if got != c.left || (r.Outcome == Answered) != (c.left != "") {
					t.Errorf("%s: %q, %s", r.Outcome, got, r.Reason)
				}
				if found := findings(r); len(found) != 1 || found[0].Rule != c.rule.Type {
					t.Errorf("found %+v", found)
				}
			})
		}
	}
}

func findings(r Result) (all []guardrail.Finding) {
	for _, v := range r.Verdicts {
		all = append(all, v.Findings...)
	}
	return all
}

// TestBadPatternGoesOnWithout: the rest of the rule works, and the owner is told.
func TestBadPatternGoesOnWithout(t *testing.T) {
	bad := []config.Guardrail{{Type: "content_filter", Action: "redact", ForbiddenKeywords: []string{"spam"}, BlockedPatterns: []string{"a(?=b)", `x+`, "(a{1,900}){1,900}"}}}
	nothing := []config.Guardrail{{Type: "content_filter", BlockedPatterns: []string{"["}}}
	a := newAgent(t, helper(guarded(bad, nothing)), says(words("fine")))
	if len(a.Warnings()) != 3 {
		t.Errorf("warnings %q", a.Warnings())
	}
	r := turnOf(t, a, said("spam xx ab"))
	if r.Outcome != Answered || r.UserText != "[REDACTED] [REDACTED] ab" {
		t.Errorf("%s: %q", r.Outcome, r.UserText)
	}
	for _, at := range []string{"input[0].blocked_patterns[0]", "input[0].blocked_patterns[2]", "output[0].blocked_patterns[0]"} {
		told := false
		for _, n := range r.Notices {
			told = told || n.Stage == "guardrail" && strings.Contains(n.Text, at)
		}
		if !told {
			t.Errorf("%s is in no notice: %+v", at, r.Notices)
		}
	}
}

// spends is an answer that the model counted so.
func spends(r model.Response, in, out int, cut bool) model.Response {
	r.Usage.TokensIn, r.Usage.TokensOut, r.Usage.AnswerWasCut = in, out, cut
	return r
}

// TestCostLimitBoundsTheTurn: models are told how much they may write, what they
// read does not count, and the customer has an answer all the same.
func TestCostLimitBoundsTheTurn(t *testing.T) {
	limit := func(n int, action string) func(*config.AgentSpec) {
		return guarded(nil, []config.Guardrail{{Type: "cost_limit", MaxTokensPerTurn: n, Action: action}})
	}
	clock := calls("datetime_now", map[string]any{})
	for _, c := range []struct {
		name    string
		limit   func(*config.AgentSpec)
		replies []model.Response
		most    []int // what each call may write
		plain   bool  // the last is offered no tool
		outcome Outcome
		reply   string
	}{
		{"a usual answer", limit(500, ""), []model.Response{spends(words("We open at nine."), 4000, 12, false)}, []int{500}, false, Answered, "We open at nine."},
		{"after a tool", limit(500, ""), []model.Response{spends(clock, 4000, 40, false), spends(words("It is noon."), 4000, 12, false)}, []int{500, 460}, false, Answered, "It is noon."},
		{"a tool took most of it", limit(100, ""), []model.Response{spends(clock, 10, 80, false), spends(words("It is noon."), 10, 12, false)}, []int{100, 25}, true, Answered, "It is noon."},
		{"stopped at the limit", limit(60, ""), []model.Response{spends(words("We open at nine. We close at s"), 10, 60, true)}, []int{60}, false, Answered, "We open at nine."},
		{"stopped at the limit, block", limit(60, "block"), []model.Response{spends(words("We open at nine. We close at s"), 10, 60, true)}, []int{60}, false, Blocked, ""},
		{"warn", limit(10, "warn"), []model.Response{spends(words("We open at nine. We close at six."), 10, 60, false)}, []int{0}, false, Answered, "We open at nine. We close at six."},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := says(c.replies...)
			r := turnOf(t, newAgent(t, helper(c.limit), m), said("hello"))
			if r.Outcome != c.outcome || r.Reply != c.reply {
				t.Errorf("%s: %q %s", r.Outcome, r.Reply, r.Reason)
			}
			sent := m.sent()
			for i, most := range c.most {
				if i >= len(sent) || sent[i].MaxTokens != most {
					t.Fatalf("call %d of %d may write %d, want %d", i, len(sent), sent[i].MaxTokens, most)
				}
			}
			if plain := len(sent[len(sent)-1].Tools) == 0; plain != c.plain {
				t.Errorf("the last call is offered no tool: %v", plain)
			}
			if cut := strings.Contains(c.name, "stopped") || c.name == "warn"; cut != (len(findings(r)) > 0) {
				t.Errorf("found %+v", findings(r))
			}
		})
	}
}
