package app

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
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

// mostLine bounds a line of the input, in bytes.
const mostLine = 16 << 20

// Run judges each line of the standard input with the agent's guardrails. A line
// that cannot be read costs only itself: it is named on both outputs, in its place.
func (g guardrailsTestCmd) Run(c *command) error {
	chain, err := g.chain(c)
	if err != nil {
		return err
	}
	out := json.NewEncoder(c.stdout)
	out.SetEscapeHTML(false)
	lines := bufio.NewScanner(c.stdin)
	lines.Buffer(nil, mostLine)
	n := 0
	for lines.Scan() {
		n++
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		if err := out.Encode(c.judge(chain, n, lines.Bytes())); err != nil {
			return fmt.Errorf("write answer: %w", err)
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("line %d is longer than 16 MB", n+1)
	}
	return lines.Err()
}

// judge gives what is to be printed for line n.
func (c *command) judge(chain guardrail.Chain, n int, line []byte) any {
	var in struct {
		Text *string `json:"text"`
	}
	if err := json.Unmarshal(line, &in); err != nil || in.Text == nil {
		fault := fmt.Sprintf(`line %d is not a JSON object {"text": "…"}`, n)
		_, _ = fmt.Fprintln(c.stderr, "astromesh: "+fault) // it is in the output too
		return map[string]string{"error": fault}
	}
	v := chain.Run(*in.Text)
	if v.Findings == nil {
		v.Findings = []guardrail.Finding{}
	}
	return struct {
		Action   guardrail.Action    `json:"action"`
		Text     string              `json:"text"`
		Findings []guardrail.Finding `json:"findings"`
	}{v.Action, v.Text, v.Findings}
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
