package config

import (
	"fmt"
	"slices"
	"strings"
)

// checkDefaultAgent: a default_agent that no file defines is an error of
// channels.yaml. An agent whose file has errors exists: its last good version
// may go on answering.
func checkDefaultAgent(d *decoder, c *Config) {
	const path = "channels.whatsapp.default_agent"
	name := c.Channels.Channels.WhatsApp.DefaultAgent
	if _, ok := c.Agent(name); ok || name == "" {
		return
	}
	var names []string
	for _, f := range c.Agents {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	have := "; there is no agent at all"
	if len(names) > 0 {
		have = "; there is " + strings.Join(names, ", ")
	}
	d.errorf(path, "no file defines the agent %s%s%s", d.word(path, name), have, didYouMean(name, names))
}

// crossCheck finds what one agent's file alone cannot show, and fills in the
// defaults of runtime.yaml.
func crossCheck(c *Config) {
	seen := map[string]string{}
	calls := map[string][]string{}
	for _, f := range c.Agents {
		if f.Agent != nil {
			calls[f.Name] = append(calls[f.Name], f.Agent.Colleagues()...)
		}
	}
	for i, f := range c.Agents {
		if f.places == nil {
			continue
		}
		if first, twice := seen[f.Name]; twice {
			f.places.errorf("metadata.name", "the agent %s is already defined in %s; give this one another name", quote(f.Name), first)
		} else {
			seen[f.Name] = f.File
		}
		if f.Agent != nil {
			checkReferences(f, c)
			checkCycle(f, calls)
			checkColleagues(f, c)
			c.Runtime.ApplyTo(f.Agent)
		}
		c.Agents[i] = f.settle(f.Agent)
	}
}

// checkReferences looks up every providerRef and every agent used as a tool.
func checkReferences(f AgentFile, c *Config) {
	const at = "spec.model"
	look := func(path string, candidate Candidate) {
		known := sortedKeys(c.Providers.Spec.Providers)
		whole, ok := c.Providers.Resolve(candidate)
		if ok && candidate.ProviderRef != "" && candidate.Kind() == "" {
			f.places.parametersOf(path, &candidate, whole.Kind())
		}
		switch ref := path + ".providerRef"; {
		case candidate.ProviderRef == "":
		case ok && whole.Model == "" && whole.Kind() != "":
			f.places.errorf(ref, "no model is named: write model here, or models below %s in %s", f.places.word(ref, candidate.ProviderRef), providersFile)
		case ok && candidate.Endpoint == "":
			f.places.needsEndpoint(path, whole.Kind(), whole.Endpoint)
		case !ok:
			path = ref
			f.places.errorf(path, "%s is not a provider of %s%s", f.places.word(path, candidate.ProviderRef), providersFile, didYouMean(candidate.ProviderRef, known))
		}
	}
	m := f.Agent.Spec.Model
	for name, candidate := range map[string]*Candidate{"primary": m.Primary, "fallback": m.Fallback} {
		if candidate != nil {
			look(at+"."+name, *candidate)
		}
	}
	for _, named := range m.Extra {
		look(at+".extra."+named.Name, named.Candidate)
	}
	if m.Default != nil {
		for i, candidate := range m.Default.Candidates {
			look(fmt.Sprintf("%s.default.candidates[%d]", at, i), candidate)
		}
	}
	for name, role := range m.Roles {
		for i, candidate := range role.Candidates {
			look(fmt.Sprintf("%s.roles.%s.candidates[%d]", at, name, i), candidate)
		}
	}
}

// Colleagues are the agents that an agent may ask as tools, in the order of its
// tools: by the key agent, else by the tool's name.
func (a *Agent) Colleagues() []string {
	var names []string
	for _, t := range a.Spec.Tools {
		if t.Type != "agent" {
			continue
		}
		names = append(names, t.colleague())
	}
	return names
}

func (t Tool) colleague() string {
	for _, v := range []any{t.Rest["agent"], t.Config["agent"]} {
		if name, ok := v.(string); ok && name != "" {
			return name
		}
	}
	return t.Name
}

// checkCycle refuses agents that could call themselves, directly or through
// others: such a turn would not end.
func checkCycle(f AgentFile, calls map[string][]string) {
	if found := Circle(f.Name, calls); found != nil {
		f.places.errorf(toolAsking(f.Agent, found[1]), "agents call each other in a circle: %s", strings.Join(found, " → "))
	}
}

// toolAsking is the path of the tool that asks an agent.
func toolAsking(a *Agent, name string) string {
	for i, t := range a.Spec.Tools {
		if t.Type == "agent" && t.colleague() == name {
			return fmt.Sprintf("spec.tools[%d]", i)
		}
	}
	return "spec.tools"
}

// Circle is the way by which an agent comes to ask itself, from its name to its
// name, nil if there is none. calls says whom each agent asks.
func Circle(name string, calls map[string][]string) []string {
	visited := map[string]bool{}
	var way func(from string) []string // back to the agent, nil if there is none
	way = func(from string) []string {
		visited[from] = true
		for _, next := range calls[from] {
			if next == name {
				return []string{from, next}
			}
			if !visited[next] {
				if rest := way(next); rest != nil {
					return append([]string{from}, rest...)
				}
			}
		}
		return nil
	}
	return way(name)
}

// checkColleagues warns of agents that no file defines: they may have been made
// in the dashboard.
func checkColleagues(f AgentFile, c *Config) {
	var known []string
	for _, other := range c.Agents {
		known = append(known, other.Name)
	}
	for i, t := range f.Agent.Spec.Tools {
		if name := t.colleague(); t.Type == "agent" && name != "" && !contains(known, name) {
			path := fmt.Sprintf("spec.tools[%d]", i)
			f.places.warnf(path, "no file defines the agent %s: the model is offered this tool once an agent of that name is in service%s",
				f.places.word(path+".agent", name), didYouMean(name, known))
		}
	}
}
