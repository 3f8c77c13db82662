package agent

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"astromesh/runtime/model"
)

// colleague is who may be given a task: another agent, as a tool of this one, or a
// role with a name of its own (worker:billing).
type colleague struct {
	name  string // "" = the role without a name
	about string // what it is for, "" = not known
	role  string // "" = it is another agent
	task  string
	words string // what the role is told
}

// colleagues are the agent's colleagues of a kind, worker or member, in the order of
// the file: the roles first, then the other agents.
func (a *Agent) colleagues(kind string) []colleague {
	var list []colleague
	for _, name := range a.cfg.RolesOf(kind) {
		list = append(list, colleague{name: name, role: kind + ":" + name})
	}
	for _, t := range a.cfg.Spec.Tools {
		if spec, ok := a.offered(t.Name); ok && t.Type == "agent" {
			list = append(list, colleague{name: t.Name, about: spec.Description})
		}
	}
	return list
}

// help has a colleague do its task in at most so many model calls of this turn, of
// which another agent needs none: it has its own.
func (t *turn) help(ctx context.Context, p part, h colleague, most int) (string, error) {
	j := job{part: p, role: h.role, task: h.task, words: h.words, most: most, keep: 1}
	if h.role != "" {
		return t.do(ctx, j)
	}
	began := t.agent.now()
	l := &loop{turn: t, part: p.String(), branch: p.branch()}
	result, err := l.perform(ctx, model.ToolCall{Name: h.name, Arguments: map[string]any{t.agent.asks(h.name): h.task}})
	t.did(j, began, result, err)
	return result, err
}

// offered is a tool as models are told of it.
func (a *Agent) offered(name string) (model.ToolSpec, bool) {
	for _, spec := range a.tools.Specs() {
		if spec.Name == name {
			return spec, true
		}
	}
	return model.ToolSpec{}, false
}

// asks is the parameter of another agent, as a tool, that takes the task.
func (a *Agent) asks(name string) string {
	const usual = "query"
	var schema struct {
		Required []string `json:"required"`
	}
	spec, _ := a.offered(name)
	if json.Unmarshal(spec.Parameters, &schema) != nil || len(schema.Required) == 0 {
		return usual
	}
	return schema.Required[0]
}

// roster is a list of colleagues for a model that chooses one of them.
func roster(list []colleague) string {
	var lines []string
	for _, h := range list {
		line := "- " + h.name
		if h.about != "" {
			line += ": " + strings.Join(strings.Fields(h.about), " ")
		}
		lines = append(lines, clip(line, 300))
	}
	return strings.Join(lines, "\n")
}

// named finds a colleague as models spell names.
func named(list []colleague, name string) (colleague, bool) {
	plain := func(s string) string {
		return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(strings.TrimSpace(s)))
	}
	i := slices.IndexFunc(list, func(h colleague) bool { return plain(h.name) == plain(name) })
	if i < 0 {
		return colleague{}, false
	}
	return list[i], true
}

// namesOf gives the names of colleagues, for a sentence or a schema.
func namesOf(list []colleague) []string {
	var all []string
	for _, h := range list {
		all = append(all, h.name)
	}
	return all
}
