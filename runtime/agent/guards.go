package agent

import (
	"errors"
	"fmt"

	"astromesh/config"
	"astromesh/runtime/guardrail"
)

// chains are the guardrails of both directions.
type chains struct {
	input, output guardrail.Chain
	skipped       []string // what they go on without, a sentence each
}

// buildChains makes the guardrails for customers of a country ("" = any), and
// keeps them.
func (a *Agent) buildChains(region string) (chains, error) {
	input, inSkipped, inErr := buildChain("input", a.cfg.Spec.Guardrails.Input, region)
	output, outSkipped, outErr := buildChain("output", a.cfg.Spec.Guardrails.Output, region)
	if err := errors.Join(inErr, outErr); err != nil {
		return chains{}, err
	}
	built := chains{input: input, output: output, skipped: append(inSkipped, outSkipped...)}
	a.checks.Store(region, built)
	return built, nil
}

// skippedRules says what the guardrails go on without.
func (a *Agent) skippedRules() []string {
	known, _ := a.checks.Load("") // built with the agent
	return known.(chains).skipped
}

// buildChain also gives, a sentence each, what it goes on without.
func buildChain(direction string, rules []config.Guardrail, region string) (guardrail.Chain, []string, error) {
	var chain guardrail.Chain
	var skipped []string
	var problems []error
	for i, r := range rules {
		at := fmt.Sprintf("spec.guardrails.%s[%d]", direction, i)
		check, without, err := buildCheck(at, r, region)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", at, err))
			continue
		}
		skipped = append(skipped, without...)
		if check != nil {
			chain = append(chain, check)
		}
	}
	return chain, skipped, errors.Join(problems...)
}

// buildCheck makes one guardrail; nil where nothing that it looks for can be used.
func buildCheck(at string, r config.Guardrail, region string) (check guardrail.Check, skipped []string, err error) {
	switch r.Type {
	case guardrail.PIIRule:
		o := guardrail.PIIOptions{Action: r.Action, Entities: r.Entities}
		if region != "" {
			o.Regions = []string{region}
		}
		check, err = guardrail.NewPII(o)
	case guardrail.MaxLengthRule:
		check, err = guardrail.NewMaxLength(r.MaxChars, r.Action)
	case guardrail.TopicFilterRule:
		check, err = guardrail.NewTopicFilter(r.Topics(), r.Action)
	case guardrail.ContentFilterRule:
		return buildContentFilter(at, r)
	case guardrail.CostLimitRule:
		check, err = guardrail.NewCostLimit(r.MaxTokensPerTurn, r.Action)
	default:
		err = fmt.Errorf("there is no guardrail %q", r.Type)
	}
	return check, nil, err
}

// buildContentFilter leaves out the patterns that cannot be used. The sentences
// hold no pattern: it may have come out of an environment variable.
func buildContentFilter(at string, r config.Guardrail) (guardrail.Check, []string, error) {
	o := guardrail.ContentOptions{Action: r.Action, Keywords: r.ForbiddenKeywords}
	var skipped []string
	for i, text := range r.BlockedPatterns {
		re, err := config.CompilePattern(text)
		if err != nil {
			skipped = append(skipped, fmt.Sprintf("%s.blocked_patterns[%d] cannot be used as a regular expression: the guardrail works without it", at, i))
			continue
		}
		o.Patterns = append(o.Patterns, re)
	}
	if len(skipped) > 0 && len(o.Keywords)+len(o.Patterns) == 0 {
		return nil, skipped, nil
	}
	check, err := guardrail.NewContentFilter(o)
	return check, skipped, err
}
