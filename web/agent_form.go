package web

import (
	"slices"
	"strconv"
	"strings"

	"astromesh/config"
	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/goccy/go-yaml"
)

// applyFields writes what the form says differently into the YAML; everything
// else stays as it is written.
func applyFields(e *config.Edit, f form.Agent) error {
	was := agentFields(e)
	for _, change := range []func(*config.Edit, form.Agent, form.Agent) error{applyTexts, applyModels, applyRules, applyWay, applyTools} {
		if err := change(e, was, f); err != nil {
			return err
		}
	}
	return nil
}

// setOrDelete writes a value, or takes the key out where there is none.
func setOrDelete(e *config.Edit, was, now string, value any, path ...any) error {
	switch {
	case was == now:
		return nil
	case now == "":
		return e.Delete(path...)
	default:
		return e.Set(value, path...)
	}
}

func applyTexts(e *config.Edit, was, f form.Agent) error {
	instructions := f.Instructions
	if strings.Contains(instructions, "\n") {
		instructions += "\n"
	}
	turns, _ := strconv.Atoi(f.Turns) // validated before
	for _, err := range []error{
		setOrDelete(e, was.DisplayName, f.DisplayName, f.DisplayName, "spec", "identity", "display_name"),
		setOrDelete(e, was.About, f.About, f.About, "spec", "identity", "description"),
		setOrDelete(e, was.Instructions, f.Instructions, instructions, "spec", "prompts", "system"),
		setOrDelete(e, was.Turns, f.Turns, turns, "spec", "memory", "conversational", "max_turns"),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

func applyModels(e *config.Edit, was, f form.Agent) error {
	if was.FixedPrimary == "" && was.Primary != f.Primary {
		if err := setModel(e, "primary", f.Primary); err != nil {
			return err
		}
	}
	if was.FixedFallback != "" || was.Fallback == f.Fallback {
		return nil
	}
	if f.Fallback == "" {
		return e.Delete("spec", "model", "fallback")
	}
	return setModel(e, "fallback", f.Fallback)
}

func setModel(e *config.Edit, candidate, name string) error {
	if e.Get("spec", "model", candidate) == nil {
		return e.Set(yaml.MapSlice{{Key: "provider", Value: "ollama"}, {Key: "model", Value: name}}, "spec", "model", candidate)
	}
	return e.Set(name, "spec", "model", candidate, "model")
}

func applyRules(e *config.Edit, was, f form.Agent) error {
	if err := applyHidden(e, "input", was.HideIn, f.HideIn); err != nil {
		return err
	}
	if err := applyHidden(e, "output", was.HideOut, f.HideOut); err != nil {
		return err
	}
	if was.MaxLength == f.MaxLength {
		return nil
	}
	i := ruleAt(e, "input", "max_length")
	chars, _ := strconv.Atoi(f.MaxLength) // validated before
	switch {
	case f.MaxLength == "":
		return e.Delete("spec", "guardrails", "input", i)
	case i >= 0:
		return e.Set(chars, "spec", "guardrails", "input", i, "max_chars")
	default:
		return e.Set(yaml.MapSlice{{Key: "type", Value: "max_length"}, {Key: "max_chars", Value: chars}},
			"spec", "guardrails", "input", e.Len("spec", "guardrails", "input"))
	}
}

// applyHidden keeps the rule's action. Everything ticked is a rule without a
// list: what a later release finds is hidden too.
func applyHidden(e *config.Edit, direction string, was, now []string) error {
	i := ruleAt(e, direction, "pii_detection")
	same := func(name string) bool { return slices.Contains(was, name) == slices.Contains(now, name) }
	all := !slices.ContainsFunc(view.HiddenKinds(), func(name string) bool { return !slices.Contains(now, name) })
	switch {
	case !slices.ContainsFunc(view.HiddenKinds(), func(name string) bool { return !same(name) }):
		return nil
	case len(now) == 0:
		return e.Delete("spec", "guardrails", direction, i)
	case i < 0:
		rule := yaml.MapSlice{{Key: "type", Value: "pii_detection"}, {Key: "action", Value: "redact"}}
		if !all {
			rule = append(rule, yaml.MapItem{Key: "entities", Value: now})
		}
		return e.Insert(rule, "spec", "guardrails", direction)
	case all:
		return e.Delete("spec", "guardrails", direction, i, "entities")
	default:
		return e.Set(now, "spec", "guardrails", direction, i, "entities")
	}
}

// applyTools switches a tool off in the permissions, so that what the YAML says
// about it is still there when it is switched on again.
func applyTools(e *config.Edit, was, f form.Agent) error {
	for _, t := range f.Tools {
		before := slices.Contains(was.Tools, form.AgentTool{Name: t.Name, On: true})
		if before == t.On {
			continue
		}
		if t.On && toolAt(e, t.Name) < 0 {
			tool := yaml.MapSlice{{Key: "type", Value: "builtin"}, {Key: "name", Value: t.Name}}
			if err := e.Set(tool, "spec", "tools", e.Len("spec", "tools")); err != nil {
				return err
			}
		}
		if err := permit(e, t.Name, t.On); err != nil {
			return err
		}
	}
	return nil
}

func permit(e *config.Edit, name string, on bool) error {
	at := []any{"spec", "permissions", "allowed_actions"}
	list, limited := e.Get(at...).([]any)
	switch {
	case on && allowed(e, name):
		return nil
	case on:
		return e.Set(name, append(at, len(list))...)
	case limited:
		if i := slices.Index(list, any(name)); len(list) > 1 {
			return e.Delete(append(at, i)...)
		}
		return e.Set([]string{}, at...)
	}
	others := []string{}
	for i := range e.Len("spec", "tools") {
		if other := e.Text("spec", "tools", i, "name"); other != name && other != "" {
			others = append(others, other)
		}
	}
	return e.Set(others, at...)
}
