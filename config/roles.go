package config

import (
	"cmp"
	"slices"
	"strings"
)

// RolesOf gives the names x of the roles KIND:x that a file names, in its order:
// the stages of a pipeline ("stage"), the workers of a supervisor ("worker"), the
// members of a swarm ("member"). A role is named by orchestration.role_map, by
// model.roles or by prompts.templates. The kind alone, without a name, is none.
func (a *Agent) RolesOf(kind string) []string {
	var names []string
	for _, role := range a.roles() {
		name, ok := strings.CutPrefix(role, kind+":")
		if name = strings.TrimSpace(name); ok && name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// usualStages are the stages of a pipeline that names none.
func usualStages() []string { return []string{"analyze", "process", "synthesize"} }

// Stages are the stages of a pipeline: those that the file names by stage:x, in
// its order. Where it names none, or only some of the usual three, to give them
// models of their own, it is the usual three.
func (a *Agent) Stages() []string {
	usual, written := usualStages(), a.RolesOf("stage")
	for _, name := range written {
		if !slices.Contains(usual, name) {
			return written
		}
	}
	return usual
}

// roles are the names of all roles, in the order of the file where it was read
// from one.
func (a *Agent) roles() []string {
	if a.written != nil {
		return a.written
	}
	return slices.Concat(sortedKeys(a.Spec.Orchestration.RoleMap), sortedKeys(a.Spec.Model.Roles), sortedKeys(a.Spec.Prompts.Templates))
}

// namedRoles are the names of roles in the order of the lines.
func (d *decoder) namedRoles() []string {
	type named struct {
		role string
		at   place
	}
	var list []named
	for path, at := range d.keys {
		for _, in := range [...]string{"spec.orchestration.role_map.", "spec.model.roles.", "spec.prompts.templates."} {
			role, ok := strings.CutPrefix(path, in)
			if ok && !strings.ContainsAny(role, ".[") {
				list = append(list, named{role, at})
			}
		}
	}
	slices.SortFunc(list, func(a, b named) int {
		return cmp.Or(cmp.Compare(a.at.line, b.at.line), cmp.Compare(a.at.col, b.at.col))
	})
	names := []string{}
	for _, n := range list {
		names = append(names, n.role)
	}
	return names
}
