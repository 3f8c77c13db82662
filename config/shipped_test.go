package config

import (
	"slices"
	"strings"
	"testing"
)

func TestShippedFiles(t *testing.T) {
	for _, c := range []struct {
		source Source
		agents []string
	}{{Embedded(), []string{"whatsapp-assistant"}}, {Demo(), []string{"demo-ollama", "demo-shop"}}, {Demo().Without("demo-ollama"), []string{"demo-shop"}}} {
		source, agents := c.source, c.agents
		c, problems := Load(source, func(name string) (string, bool) { return "1", strings.HasPrefix(name, "WHATSAPP_") })
		if len(problems) > 0 {
			t.Errorf("%s: %v", source, problems)
		}
		names := []string{}
		for _, f := range c.Agents {
			names = append(names, f.Name)
		}
		equal(t, source.String(), names, agents)
		equal(t, "default agent", c.Channels.Channels.WhatsApp.DefaultAgent, agents[len(agents)-1])
	}
}

func TestShippedAssistant(t *testing.T) {
	c, _ := Load(Embedded(), nil)
	a := c.Agents[0].Agent
	parameters := map[string]any{"temperature": 0.4, "max_tokens": 1024}
	equal(t, "primary", a.Spec.Model.Primary, &Candidate{Provider: "ollama", Model: "llava:7b", Parameters: parameters})
	equal(t, "fallback", a.Spec.Model.Fallback, &Candidate{Provider: "ollama", Model: "llama3.1:8b", Parameters: parameters})
	equal(t, "memory", a.Spec.Memory.Conversational, &ConversationalMemory{Backend: "sqlite", Strategy: "sliding_window", MaxTurns: 30, TTL: seconds(86400)})
	equal(t, "guardrails", a.Spec.Guardrails, Guardrails{
		Input:  []Guardrail{{Type: "pii_detection", Action: "redact"}, {Type: "max_length", MaxChars: 2000}},
		Output: []Guardrail{{Type: "pii_detection", Action: "redact"}},
	})
	equal(t, "labels", a.Metadata.Labels, map[string]string{"channel": "whatsapp", "tier": "production"})
	// Every customer must get the same bytes, or the model reads them all anew.
	if strings.Contains(a.Spec.Prompts.System, "{{") {
		t.Error("the system prompt changes from customer to customer")
	}
	if !slices.Contains(*a.Spec.Permissions.AllowedActions, "datetime_now") {
		t.Error("datetime_now is not allowed")
	}
}
