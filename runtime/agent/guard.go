package agent

import (
	"astromesh/config"
	"astromesh/runtime/channel"
	"astromesh/runtime/guardrail"
)

// Guard is one message as the agent's input guardrails let it through, its
// attachments in brackets: what a transcript may keep of it. "" when they block.
func (a *Agent) Guard(c channel.Customer, text string, files []Attachment) string {
	t := &turn{agent: a, in: Input{Customer: c, Said: []Said{{Text: text, Files: files}}}}
	t.input, t.output = a.guards(c)
	v := t.input.Run(clean(text))
	if v.Action == guardrail.Block {
		return ""
	}
	return joinLines(v.Text, t.attachments(true))
}

// Guardrails are the agent's chain of a direction, "input" or "output", for a
// customer whose country is not known.
func (a *Agent) Guardrails(direction string) guardrail.Chain {
	input, output := a.guards(channel.Customer{})
	if direction == "output" {
		return output
	}
	return input
}

// Chain makes guardrails of rules that belong to no agent yet, for customers of
// a country (ISO 3166, "" = not known). direction is "input" or "output". The
// error names each rule that cannot work.
func Chain(direction string, rules []config.Guardrail, region string) (guardrail.Chain, error) {
	chain, _, err := buildChain(direction, rules, region)
	return chain, err
}
