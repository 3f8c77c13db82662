package agent

import (
	"errors"
	"fmt"

	"astromesh/config"
	"astromesh/runtime/guardrail"
)

// buildChains makes the guardrails for customers of a country ("" = any), and
// keeps them.
func (a *Agent) buildChains(region string) (chains, error) {
	input, inErr := buildChain("input", a.cfg.Spec.Guardrails.Input, region)
	output, outErr := buildChain("output", a.cfg.Spec.Guardrails.Output, region)
	if err := errors.Join(inErr, outErr); err != nil {
		return chains{}, err
	}
	built := chains{input, output}
	a.checks.Store(region, built)
	return built, nil
}

func buildChain(direction string, rules []config.Guardrail, region string) (guardrail.Chain, error) {
	var chain guardrail.Chain
	var problems []error
	for i, r := range rules {
		check, err := buildCheck(r, region)
		if err != nil {
			problems = append(problems, fmt.Errorf("spec.guardrails.%s[%d]: %w", direction, i, err))
			continue
		}
		if check != nil {
			chain = append(chain, check)
		}
	}
	return chain, errors.Join(problems...)
}

// buildCheck makes one guardrail; nil for a kind that loading has already
// warned of as not acted on in this release.
func buildCheck(r config.Guardrail, region string) (guardrail.Check, error) {
	switch r.Type {
	case guardrail.PIIRule:
		o := guardrail.PIIOptions{Action: r.Action, Entities: r.Entities}
		if region != "" {
			o.Regions = []string{region}
		}
		return guardrail.NewPII(o)
	case guardrail.MaxLengthRule:
		return guardrail.NewMaxLength(r.MaxChars, r.Action)
	case "topic_filter", "content_filter", "cost_limit":
		return nil, nil
	default:
		return nil, fmt.Errorf("there is no guardrail %q", r.Type)
	}
}
