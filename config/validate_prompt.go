package config

import (
	"regexp"
	"strings"
)

// included finds {% include "name" %}.
var included = regexp.MustCompile(`\{%[-+]?\s*include\s+["']([^"'\n]+)["']`)

// templates warns of texts that nothing uses. Whether they can be filled in is for
// whoever compiles the agent.
func (d *decoder) templates(a *Agent) {
	const at = "spec.prompts.templates"
	all := a.Spec.Prompts.Templates
	used := map[string]bool{}
	var follow func(text string)
	follow = func(text string) {
		for _, m := range included.FindAllStringSubmatch(text, -1) {
			if name := m[1]; !used[name] {
				used[name] = true
				follow(all[name])
			}
		}
	}
	follow(a.Spec.Prompts.System)
	for name, text := range all {
		if asksFor(a.Spec.Orchestration.Pattern, name) {
			used[name] = true
			follow(text)
		}
	}
	for _, name := range sortedKeys(all) {
		kind, role, named := strings.Cut(name, ":")
		if named && role != "" && contains([]string{"stage", "worker", "member"}, kind) {
			continue // unasked speaks of it
		}
		if !used[name] {
			d.addAt(d.keyPlace(at+"."+name), Warning, "the template "+quote(name)+" is used nowhere: write {% include "+quote(name)+
				" %} where it belongs, or give it the name of a role of the pattern")
		}
	}
}

// asksFor says whether a pattern has a role of this name: its template is told to
// that role.
func asksFor(pattern, name string) bool {
	kind, _, _ := strings.Cut(name, ":")
	roles := map[string][]string{
		"plan_and_execute": {"planner", "worker", "synthesizer"},
		"parallel_fan_out": {"planner", "worker", "synthesizer"},
		"pipeline":         {"stage"},
		"supervisor":       {"supervisor", "worker"},
		"swarm":            {"reasoner", "member"},
	}
	return contains(roles[pattern], kind)
}
