package agent

import (
	"fmt"
	"maps"
	"slices"
)

// buildPrompts compiles the system prompt and the named templates.
func (a *Agent) buildPrompts() (problems []error) {
	set := a.cfg.Spec.Prompts.Templates
	a.templates = map[string]*Template{}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		template, err := compile(set[name])
		if err != nil {
			problems = append(problems, fmt.Errorf("spec.prompts.templates.%s: %w", name, err))
			continue
		}
		a.templates[name] = template
	}
	if err := a.compilePrompt(a.cfg.Spec.Prompts.System); err != nil {
		problems = append(problems, fmt.Errorf("spec.prompts.system: %w", err))
	}
	return problems
}
