package tool

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"astromesh/runtime/model"
)

//go:embed agent.md
var agentWords string

// colleagueLimit is how long another agent may take: the turn's own limit stands
// above it, and is the one that counts.
const colleagueLimit = 15 * time.Minute

// querySchema is what another agent is asked where the file says nothing else.
const querySchema = `{"type":"object","properties":{"query":{"type":"string",` +
	`"description":"The question or task, with everything that is needed to answer it."}},"required":["query"]}`

// colleague is another agent as a tool: it reads the query as its own message,
// with its own prompt, models, tools and guardrails, and remembers nothing.
type colleague struct {
	spec   model.ToolSpec
	target string
}

// targetOf is the agent that an entry of type agent asks: its key agent, else its name.
func targetOf(name string, config, rest map[string]any) string {
	for _, v := range []any{rest["agent"], config["agent"], name} {
		if s, ok := v.(string); ok && s != "" {
			return s
		}
	}
	return ""
}

// makeAgent offers the agent once it is in service: that is not known before the
// first turn, as agents are put in service together.
func makeAgent(d Declared, src Sources) (Made, error) {
	target := targetOf(d.Name, d.Config, d.Rest)
	if target == "" {
		return Made{}, errors.New("it does not say which agent is to be asked")
	}
	schema := json.RawMessage(querySchema)
	if len(d.Parameters) > 0 {
		var err error
		if schema, err = Schema(d.Parameters); err != nil {
			return Made{}, err
		}
	}
	name := d.Name
	if name == "" {
		name = target
	}
	return Made{Limit: colleagueLimit, Open: func(context.Context) ([]Tool, error) {
		about, ok := "", false
		if src.Agent != nil {
			about, ok = src.Agent(target)
		}
		if !ok {
			return nil, fmt.Errorf("there is no agent %q in service", target)
		}
		words := strings.TrimSpace(agentWords)
		if about != "" {
			words += " " + about
		}
		if d.Description != "" {
			words = d.Description
		}
		return []Tool{colleague{spec: model.ToolSpec{Name: name, Description: words, Parameters: schema}, target: target}}, nil
	}}, nil
}

func (a colleague) Spec() model.ToolSpec { return a.spec }

func (a colleague) Call(ctx context.Context, c Call) (string, error) {
	query := asked(c.Arguments)
	if query == "" {
		return "", errors.New("there is no question in it: say what the agent is to answer")
	}
	if c.Consult == nil {
		return "", fmt.Errorf("agent %s cannot be asked here", a.target)
	}
	return c.Consult(ctx, a.target, query, c)
}

// asked is what the other agent reads: the query, and under it what else was given.
func asked(arguments map[string]any) string {
	var lines []string
	usual := []string{"query", "message", "task", "question", "input", "text", "prompt"}
	if s := text(arguments, usual...); s != "" {
		lines = append(lines, s)
	}
	for _, key := range slices.Sorted(maps.Keys(arguments)) {
		if slices.Contains(usual, strings.ToLower(key)) {
			continue
		}
		value := scalar(arguments[key])
		if b, err := json.Marshal(arguments[key]); value == "" && err == nil && string(b) != "null" {
			value = string(b)
		}
		if value != "" && value != `""` {
			lines = append(lines, key+": "+value)
		}
	}
	return strings.Join(lines, "\n")
}
