package agent

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/config"
	"astromesh/runtime/model"
)

// TestToolAgentMayNotFillThePhone: the bound on messages and notes is the turn's,
// however many agents are asked.
func TestToolAgentMayNotFillThePhone(t *testing.T) {
	ask := func(q string) model.Response { return calls("stock", map[string]any{"query": q}) }
	front := says(ask("a"), ask("b"), ask("c"), words("Done."))
	back := says()
	back.say = func(_ context.Context, n int, req model.Request) (model.Response, error) {
		if last := req.Messages[len(req.Messages)-1]; last.Role == model.RoleTool {
			return words("Sent."), nil
		}
		var r model.Response
		for i := range 6 {
			id := fmt.Sprint(n, "-", i)
			r.ToolCalls = append(r.ToolCalls, model.ToolCall{ID: id, Name: "send_message", Arguments: map[string]any{"text": "Buy! " + id}})
		}
		return r, nil
	}
	r := staff(t, map[string]*script{"front": front, "stock": back}, map[string]func(*config.AgentSpec){
		"front": asks("stock"), "stock": func(s *config.AgentSpec) { s.Tools = []config.Tool{{Type: "builtin", Name: "send_message"}} },
	})
	got := turnOf(t, get(t, r, "front"), said("tea?"))
	if len(got.Also) != 3 || got.Reply != "Done." {
		t.Errorf("%d messages: %q, and %q", len(got.Also), got.Also, got.Reply)
	}
}

// TestToolAgentsMessagesPassItsGuardrails: what the agent that is asked sends, notes
// or calls a person with passes its own guardrails, and then its caller's.
func TestToolAgentsMessagesPassItsGuardrails(t *testing.T) {
	const text = "Write to bob@example.org, or call 4111 1111 1111 1111."
	front := says(calls("stock", map[string]any{"query": "tea?"}), words("Done."))
	back := says(model.Response{ToolCalls: []model.ToolCall{
		{ID: "1", Name: "send_message", Arguments: map[string]any{"text": text}}, {ID: "2", Name: "order", Arguments: map[string]any{"what": text}},
		{ID: "3", Name: "hand_over", Arguments: map[string]any{"reason": text}},
	}}, words("Sent."))
	hides := func(entity string) config.Guardrails {
		return config.Guardrails{Output: []config.Guardrail{{Type: "pii_detection", Action: "redact", Entities: []string{entity}}}}
	}
	r := staff(t, map[string]*script{"front": front, "stock": back}, map[string]func(*config.AgentSpec){
		"front": func(s *config.AgentSpec) { asks("stock")(s); s.Guardrails = hides("CREDIT_CARD") },
		"stock": func(s *config.AgentSpec) {
			s.Tools = []config.Tool{{Type: "builtin", Name: "send_message"}, {Type: "builtin", Name: "hand_over"}, {Type: "client", Name: "order", Parameters: map[string]any{"what": "string"}}}
			s.Guardrails = hides("EMAIL")
		},
	})
	got := turnOf(t, get(t, r, "front"), said("tea?"))
	const want = "Write to [REDACTED_EMAIL], or call [REDACTED_CC]."
	if !slices.Equal(got.Also, []string{want}) || len(got.Noted) != 1 || got.Noted[0].Arguments["what"] != want || got.HandOver != want {
		t.Errorf("sent %q, noted %v, handed over %q", got.Also, got.Noted, got.HandOver)
	}
}

// TestToolAgentThatFailsHasCalledAPerson: whoever was promised a person is not
// helped by hearing nothing of it; nothing else is left of an agent that failed.
func TestToolAgentThatFailsHasCalledAPerson(t *testing.T) {
	front := says(calls("stock", map[string]any{"query": "tea?"}), words("I do not know."))
	back := says(model.Response{ToolCalls: []model.ToolCall{
		{ID: "1", Name: "send_message", Arguments: map[string]any{"text": "Somebody calls you."}}, {ID: "2", Name: "hand_over", Arguments: map[string]any{"reason": "No tea"}},
	}}, words(""), words(""))
	r := staff(t, map[string]*script{"front": front, "stock": back}, map[string]func(*config.AgentSpec){
		"front": asks("stock"),
		"stock": func(s *config.AgentSpec) {
			s.Tools = []config.Tool{{Type: "builtin", Name: "send_message"}, {Type: "builtin", Name: "hand_over"}}
		},
	})
	if got := turnOf(t, get(t, r, "front"), said("tea?")); got.HandOver != "No tea" || len(got.Also) > 0 || got.Reply != "I do not know." {
		t.Errorf("handed over %q, sent %q, %q", got.HandOver, got.Also, got.Reply)
	}
}

// TestToolAgentComesTooLate: the turn's time ends while another agent works. What
// that one still finds, costs and says is not the turn's any more.
func TestToolAgentComesTooLate(t *testing.T) {
	front, back := says(calls("stock", map[string]any{"query": "tea?"})), says()
	back.say = func(ctx context.Context, _ int, _ model.Request) (model.Response, error) {
		<-ctx.Done()
		return words("Too late."), nil
	}
	r := staff(t, map[string]*script{"front": front, "stock": back}, map[string]func(*config.AgentSpec){
		"front": func(s *config.AgentSpec) {
			asks("stock")(s)
			s.Orchestration.TimeoutSeconds = config.Duration(50 * time.Millisecond)
		},
	})
	synctest.Test(t, func(t *testing.T) {
		got := turnOf(t, get(t, r, "front"), forgotten("tea?"))
		if got.Outcome != Failed || !strings.Contains(got.Reason, "timeout_seconds") || len(back.sent()) != 1 {
			t.Errorf("%s: %s; the other was asked %d times", got.Outcome, got.Reason, len(back.sent()))
		}
		for range 100 { // the detector of races sees what comes late
			_ = stages(got)
		}
	})
}
