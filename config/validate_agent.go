package config

import (
	"fmt"
	"regexp"
	"strings"
)

const (
	// maxName bounds metadata.name: it stands in addresses, tables and file names.
	maxName = 64
	// longestGuardrail is the highest sensible max_chars.
	longestGuardrail = 1_000_000
)

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
	d.tools(a.Spec.Tools)
	d.memory(a.Spec.Memory.Conversational)
	d.guardrails("spec.guardrails.input", a.Spec.Guardrails.Input)
	d.guardrails("spec.guardrails.output", a.Spec.Guardrails.Output)
	d.permissions(a)
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

func (d *decoder) orchestration(at string, o Orchestration) {
	if o.Pattern == "glyph" {
		d.errorf(at+".pattern", "the pattern glyph is not supported: it runs a program; choose %s", oneOf(patterns()))
	} else {
		d.choice(at+".pattern", o.Pattern, "pattern", patterns())
	}
	d.positive(at+".max_iterations", o.MaxIterations)
	d.duration(at+".timeout_seconds", o.TimeoutSeconds)
	d.duration(at+".timeout", o.Timeout)
	if o.TimeoutSeconds > 0 && o.Timeout > 0 && o.TimeoutSeconds != o.Timeout {
		d.errorf(at+".timeout", "timeout and timeout_seconds name the same thing and differ; keep one")
	}
}

func (d *decoder) memory(m *ConversationalMemory) {
	const at = "spec.memory.conversational"
	if m == nil {
		return
	}
	if m.Backend != "" || d.has(at+".backend") {
		switch {
		case !contains(memoryBackends(), m.Backend):
			d.errorf(at+".backend", "%s is not a backend: it is %s%s", d.word(at+".backend", m.Backend), oneOf(memoryBackends()), didYouMean(m.Backend, memoryBackends()))
		case m.Backend != "sqlite":
			d.warnf(at+".backend", "%s names the same store here as sqlite: everything is kept in the program's own database", m.Backend)
		}
	}
	d.choice(at+".strategy", m.Strategy, "strategy of memory", memoryStrategies())
	d.positive(at+".max_turns", m.MaxTurns)
	d.positive(at+".max_tokens", m.MaxTokens)
}

func (d *decoder) guardrails(at string, rules []Guardrail) {
	kinds := guardrailTypes()
	for i, g := range rules {
		at := fmt.Sprintf("%s[%d]", at, i)
		if d.failed(at) {
			continue
		}
		if g.Type == "" && !d.has(at+".type") {
			d.errorf(at, "this guardrail has no type: it is %s", oneOf(sortedKeys(kinds)))
			continue
		}
		if !d.choice(at+".type", g.Type, "guardrail", sortedKeys(kinds)) {
			continue
		}
		actions := kinds[g.Type]
		if path := at + ".action"; g.Action != "" && !contains(actions, g.Action) {
			d.errorf(path, "%s is not an action of %s: it is %s%s", d.word(path, g.Action), g.Type, oneOf(actions), didYouMean(g.Action, actions))
		}
		d.limits(at, g)
		for j, entity := range g.Entities {
			if path := fmt.Sprintf("%s.entities[%d]", at, j); !isEntity(entity) {
				d.errorf(path, "%s is not something that pii_detection looks for: it is %s", d.word(path, entity), oneOf(entities()))
			}
		}
		for j, pattern := range g.BlockedPatterns {
			d.pattern(fmt.Sprintf("%s.blocked_patterns[%d]", at, j), pattern)
		}
	}
}

func (d *decoder) limits(at string, g Guardrail) {
	if g.Type == "max_length" && g.MaxChars == 0 && !d.failed(at+".max_chars") {
		d.errorf(at+".max_chars", "max_length needs max_chars, the number of characters to allow, more than 0")
	}
	if g.MaxChars > longestGuardrail {
		d.errorf(at+".max_chars", "max_chars is more than %d, which no message can reach", longestGuardrail)
	}
	d.positive(at+".max_tokens_per_turn", g.MaxTokensPerTurn)
}

// pattern checks a regular expression. Go's are checked in linear time, at the
// price of look-around, which other programs' files sometimes use.
func (d *decoder) pattern(path, pattern string) {
	_, err := regexp.Compile(pattern)
	if err == nil {
		return
	}
	text := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
	if _, changed := d.written[path]; changed {
		text = "the value of the variable cannot be used"
	}
	d.errorf(path, "this regular expression does not compile: %s", strings.ReplaceAll(text, "`", `"`))
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
		declared = append(declared, t.Name)
	}
	for i, name := range *p.AllowedActions {
		if path := fmt.Sprintf("%s[%d]", at, i); !contains(declared, name) {
			d.warnf(path, "%s is allowed, but spec.tools declares no such tool%s", d.word(path, name), didYouMean(name, declared))
		}
	}
}
