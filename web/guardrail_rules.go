package web

import (
	"cmp"
	"strconv"
	"strings"

	"astromesh/config"
	"astromesh/runtime/agent"
	"astromesh/runtime/guardrail"
	"astromesh/web/form"
)

// dryRunOf is the form with the rules that an agent has.
func dryRunOf(a *agent.Agent) form.DryRun {
	f := form.DryRun{
		Agent: a.Name(), PIIAction: form.PIIActions[0], LengthAction: form.LengthActions[0], Entities: guardrail.Entities(), MaxChars: "2000",
		TopicAction: form.FilterActions[0], ContentAction: form.FilterActions[0],
	}
	for _, r := range a.Config().Spec.Guardrails.Input {
		switch {
		case r.Type == guardrail.PIIRule && !f.PII:
			f.PII, f.Entities = true, entitiesOf(r)
			f.PIIAction = cmp.Or(r.Action, f.PIIAction)
		case r.Type == guardrail.MaxLengthRule && !f.Length:
			f.Length, f.MaxChars = true, strconv.Itoa(r.MaxChars)
			f.LengthAction = cmp.Or(r.Action, f.LengthAction)
		case r.Type == guardrail.TopicFilterRule && !f.Topic:
			f.Topic, f.Topics = true, strings.Join(r.Topics(), "\n")
			f.TopicAction = cmp.Or(r.Action, f.TopicAction)
		case r.Type == guardrail.ContentFilterRule && !f.Content:
			f.Content, f.Keywords, f.Patterns = true, strings.Join(r.ForbiddenKeywords, "\n"), strings.Join(r.BlockedPatterns, "\n")
			f.ContentAction = cmp.Or(r.Action, f.ContentAction)
		}
	}
	return f
}

// changedRules are an agent's rules with the form's in the place of the first of
// each kind that the form has, or at the end where there was none.
func changedRules(rules []config.Guardrail, f form.DryRun) []config.Guardrail {
	kinds := []string{guardrail.PIIRule, guardrail.MaxLengthRule, guardrail.TopicFilterRule, guardrail.ContentFilterRule}
	wanted := map[string]*config.Guardrail{}
	for _, kind := range kinds {
		wanted[kind] = formRule(kind, f)
	}
	var list []config.Guardrail
	for _, r := range rules {
		rule, ours := wanted[r.Type]
		switch {
		case !ours:
			list = append(list, r)
		case rule != nil:
			list = append(list, *rule)
			wanted[r.Type] = nil
		}
	}
	for _, kind := range kinds {
		if wanted[kind] != nil {
			list = append(list, *wanted[kind])
		}
	}
	return list
}

// formRule is the form's rule of a kind; nil where it is switched off.
func formRule(kind string, f form.DryRun) *config.Guardrail {
	switch {
	case kind == guardrail.PIIRule && f.PII:
		return &config.Guardrail{Type: kind, Action: f.PIIAction, Entities: f.Entities}
	case kind == guardrail.MaxLengthRule && f.Length:
		return &config.Guardrail{Type: kind, Action: f.LengthAction, MaxChars: f.Chars()}
	case kind == guardrail.TopicFilterRule && f.Topic:
		return &config.Guardrail{Type: kind, Action: f.TopicAction, ForbiddenTopics: form.Lines(f.Topics)}
	case kind == guardrail.ContentFilterRule && f.Content:
		return &config.Guardrail{Type: kind, Action: f.ContentAction, ForbiddenKeywords: form.Lines(f.Keywords), BlockedPatterns: form.Lines(f.Patterns)}
	}
	return nil
}
