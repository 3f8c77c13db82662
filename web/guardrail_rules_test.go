package web

import (
	"strings"
	"testing"
	"time"

	"astromesh/config"
	"astromesh/runtime/agent"
	"astromesh/runtime/model"
	"astromesh/store"
)

// guardedBy puts an agent with these rules in service.
func (d *dash) guardedBy(name string, rules config.Guardrails) {
	d.t.Helper()
	cfg := &config.Agent{Metadata: config.Metadata{Name: name}}
	cfg.Spec.Model.Primary = &config.Candidate{Provider: "builtin", Model: "faq", Parameters: map[string]any{"default": "hi"}}
	cfg.Spec.Guardrails = rules
	a, err := agent.New(cfg, 1, agent.Parts{Store: d.store, Servers: model.NewServers(model.Options{})})
	if err != nil {
		d.t.Fatal(err)
	}
	d.server.Agents.Set(append(d.server.Agents.List(), a))
}

// TestGuardrailPageSaysEveryKind: rules of each kind in words, in three languages,
// their finds among the hits, and the box to try them.
func TestGuardrailPageSaysEveryKind(t *testing.T) {
	d := newDash(t)
	d.guardedBy("strict", config.Guardrails{
		Input: []config.Guardrail{
			{Type: "topic_filter", ForbiddenTopics: []string{"politics", "religion"}},
			{Type: "content_filter", Action: "redact", ForbiddenKeywords: []string{"spam"}, BlockedPatterns: []string{`\bkys\b`}},
			{Type: "pii_detection", Entities: []string{"CUIT", "AR_DNI", "MX_CURP", "RFC"}},
		},
		Output: []config.Guardrail{{Type: "cost_limit", MaxTokensPerTurn: 500}, {Type: "topic_filter", Action: "warn", BlockedTopics: []string{"prices"}}},
	})
	conv := d.wrote("strict", "34600000009", "Eva", "")
	at := store.At(time.Now())
	hits := []store.GuardrailHit{{TurnID: "t9", ConversationID: conv, Agent: "strict", Direction: "input", Rule: "topic_filter", Entity: "TOPIC", Action: "block", At: at}}
	turn := store.Turn{ID: "t9", ConversationID: conv, Agent: "strict", Outcome: "blocked", ReceivedAt: at, EndedAt: at}
	if err := d.store.CommitTurn(store.TurnCommit{Turn: turn, Hits: hits}); err != nil {
		t.Fatal(err)
	}
	for language, wants := range map[string][]string{
		"en": {"Stops a text about these topics: politics, religion.", "Hides in a text: spam; patterns: 1.", "Ends a text at 500 tokens", "Records when a text is about these topics: prices.", "A forbidden topic",
			"Argentine CUIT and CUIL, Argentine DNI, Mexican CURP, Mexican RFC"},
		"es":    {"Detiene un texto sobre estos temas: politics, religion.", "Termina un texto en 500 tokens", "Tema no permitido"},
		"pt-BR": {"Barra um texto sobre estes assuntos: politics, religion.", "Termina um texto em 500 tokens", "Assunto não permitido"},
	} {
		html := d.staff.page("/guardrails", "Accept-Language", language)
		for _, want := range wants {
			if !strings.Contains(html, want) {
				t.Errorf("%s: the page lacks %q", language, want)
			}
		}
	}
}
