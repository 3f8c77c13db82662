package config

import (
	"fmt"
	"regexp"
	"strings"
)

// maxName bounds metadata.name: it stands in addresses, tables and file names.
const maxName = 64

// checkAgent checks one agent by itself. What needs the other files, a
// providerRef or another agent's name, is checked by Load.
func (d *decoder) checkAgent(a *Agent) {
	d.header(a.APIVersion, a.Kind, "Agent", true)
	d.name(a.Metadata.Name)
	if d.has("spec.program") {
		d.addAt(d.keyPlace("spec.program"), Error, "spec.program is not supported: this program runs prompts and tools, not programs written in an agent's file")
	}
	if !d.has("spec") {
		d.errorf("spec", "spec is missing: it holds the model, the prompt and the rules")
		return
	}
	a.written = d.namedRoles()
	d.models(&a.Spec.Model)
	d.orchestration("spec.orchestration", a.Spec.Orchestration)
	d.roleMap(a)
	d.tools(a.Spec.Tools)
	d.memory(a.Spec.Memory.Conversational)
	d.semantic(a.Spec.Memory.Semantic)
	d.guardrails("spec.guardrails.input", a.Spec.Guardrails.Input)
	d.guardrails("spec.guardrails.output", a.Spec.Guardrails.Output)
	d.permissions(a)
	d.patternFits(a)
	d.templates(a)
	d.outputSchema("spec.output_schema", a.Spec.OutputSchema)
	for _, path := range keysForLater() {
		if _, written := d.keys[path]; written {
			d.notYet(path, strings.TrimPrefix(path, "spec."))
		}
	}
}

// name checks metadata.name.
func (d *decoder) name(name string) {
	const path = "metadata.name"
	switch {
	case d.failed(path):
	case name == "":
		d.errorf(path, "metadata.name is missing: give the agent a name of a-z, 0-9 and -")
	case len(name) > maxName:
		d.errorf(path, "metadata.name is longer than %d characters", maxName)
	case !isName(name):
		d.errorf(path, "metadata.name may hold a-z, 0-9 and - only, not %s", d.word(path, name))
	}
}

func isName(name string) bool {
	return regexp.MustCompile(`^[a-z0-9-]+$`).MatchString(name)
}

func (d *decoder) permissions(a *Agent) {
	const at = "spec.permissions.allowed_actions"
	p := a.Spec.Permissions
	if _, written := d.keys[at]; written && !d.has(at) {
		d.addAt(d.keyPlace(at), Error, "allowed_actions is empty: write [] to allow no tool, or take the key out to allow all")
	}
	if p == nil || p.AllowedActions == nil {
		return
	}
	var declared []string
	for _, t := range a.Spec.Tools {
		if t.Type == "mcp" { // its server names more of them
			return
		}
		declared = append(declared, t.Name)
	}
	for i, name := range *p.AllowedActions {
		if path := fmt.Sprintf("%s[%d]", at, i); !contains(declared, name) {
			d.warnf(path, "%s is allowed, but spec.tools declares no such tool%s", d.word(path, name), didYouMean(name, declared))
		}
	}
}
