package app

import (
	"bufio"
	"encoding/json"
	"fmt"

	"astromesh/config"
	"astromesh/runtime/agent"
	"astromesh/runtime/guardrail"
	"astromesh/runtime/model"
)

type guardrailsCmd struct {
	Test guardrailsTestCmd `cmd:"" help:"Read {\"text\": …} a line, print what the guardrails decide."`
}

type guardrailsTestCmd struct {
	Agent     string `required:"" help:"Name of the agent."`
	Direction string `required:"" enum:"input,output" help:"input or output."`
}

// Run judges each line of the standard input with the agent's guardrails.
func (g guardrailsTestCmd) Run(c *command) error {
	chain, err := g.chain(c)
	if err != nil {
		return err
	}
	out := json.NewEncoder(c.stdout)
	out.SetEscapeHTML(false)
	lines := bufio.NewScanner(c.stdin)
	lines.Buffer(nil, 16<<20)
	for n := 1; lines.Scan(); n++ {
		var in struct {
			Text string `json:"text"`
		}
		if err := json.Unmarshal(lines.Bytes(), &in); err != nil {
			return fmt.Errorf(`line %d is not a JSON object {"text": "…"}`, n)
		}
		v := chain.Run(in.Text)
		answer := struct {
			Action   guardrail.Action    `json:"action"`
			Text     string              `json:"text"`
			Findings []guardrail.Finding `json:"findings"`
		}{v.Action, v.Text, v.Findings}
		if answer.Findings == nil {
			answer.Findings = []guardrail.Finding{}
		}
		if err := out.Encode(answer); err != nil {
			return fmt.Errorf("write answer: %w", err)
		}
	}
	return lines.Err()
}

func (g guardrailsTestCmd) chain(c *command) (guardrail.Chain, error) {
	loaded, _ := config.Load(c.source(), c.env)
	f, ok := loaded.Agent(g.Agent)
	if !ok {
		return nil, fmt.Errorf("there is no agent %q in %s", g.Agent, c.source())
	}
	if f.Agent == nil {
		return nil, fmt.Errorf("the agent has errors:\n%s", f.Problems.Errors())
	}
	a, err := agent.New(f.Agent, 0, agent.Parts{Providers: loaded.Providers, Servers: model.NewServers(model.Options{})})
	if err != nil {
		return nil, err
	}
	return a.Guardrails(g.Direction), nil
}
