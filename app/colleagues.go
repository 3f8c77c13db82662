package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"astromesh/config"
)

// asking says whom each agent asks as a tool: those of files, and those that were
// published in the dashboard. A file is what counts for an agent that has one.
func (a *App) asking(ctx context.Context, files []config.AgentFile) (map[string][]string, error) {
	calls := map[string][]string{}
	versions, err := a.store.LiveAgents(ctx)
	if err != nil {
		return nil, fmt.Errorf("the agents cannot be read: %w", err)
	}
	for _, v := range versions {
		if cfg, _ := config.ParseAgent(v.Name, []byte(v.YAML), a.opts.Env); cfg != nil {
			calls[v.Name] = cfg.Colleagues()
		}
	}
	for _, f := range files {
		if f.Agent != nil {
			calls[f.Name] = f.Agent.Colleagues()
		}
	}
	return calls, nil
}

// inCircle gives the problem of an agent that would come to ask itself by way of
// others, wherever these come from.
func inCircle(f config.AgentFile, calls map[string][]string) *config.Problem {
	way := config.Circle(f.Name, calls)
	if way == nil {
		return nil
	}
	p := f.Problem(placeOfColleague(f.Agent, way[1]), config.Error, "agents call each other in a circle: "+strings.Join(way, " → "))
	return &p
}

// checkColleagues finds what only the agents in service show of a text that is
// being written: a circle, and an agent that is not there.
func (a *App) checkColleagues(f config.AgentFile) (problems config.Problems) {
	calls := map[string][]string{}
	for _, other := range a.agents.List() {
		calls[other.Name()] = other.Config().Colleagues()
	}
	calls[f.Name] = f.Agent.Colleagues()
	if p := inCircle(f, calls); p != nil {
		problems = append(problems, *p)
	}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(calls[f.Name]))) {
		if _, ok := a.agents.Get(name); !ok && name != f.Name && name != "" {
			problems = append(problems, f.Problem(placeOfColleague(f.Agent, name), config.Warning,
				fmt.Sprintf("the agent %q is not in service: the model is offered this tool once it is", name)))
		}
	}
	return problems
}

// placeOfColleague is the path of the tool that asks an agent.
func placeOfColleague(cfg *config.Agent, name string) string {
	i := slices.Index(cfg.Colleagues(), name)
	for at, t := range cfg.Spec.Tools {
		if t.Type != "agent" {
			continue
		}
		if i == 0 {
			return fmt.Sprintf("spec.tools[%d]", at)
		}
		i--
	}
	return "spec.tools"
}
