package agent

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"astromesh/config"
	"astromesh/runtime/guardrail"
	"astromesh/runtime/model"
	"astromesh/runtime/tool"
)

func templateNames(cfg *config.Agent) iter.Seq[string] { return maps.Keys(cfg.Spec.Prompts.Templates) }

// candidates are the models of an agent in the order in which they are tried:
// the newer form's default, or primary, fallback, extra.
func candidates(m config.Models) (list []config.Candidate, strategy string) {
	if m.Default != nil && len(m.Default.Candidates) > 0 {
		return m.Default.Candidates, cmp.Or(m.Default.Strategy, m.Routing.Strategy)
	}
	for _, c := range []*config.Candidate{m.Primary, m.Fallback} {
		if c != nil {
			list = append(list, *c)
		}
	}
	for _, c := range m.Extra {
		list = append(list, c.Candidate)
	}
	return list, m.Routing.Strategy
}

// buildModels makes the candidates and the router in front of them. One that
// cannot be made is left out with a warning, as long as another is there.
func (a *Agent) buildModels(parts Parts) error {
	list, strategy := candidates(a.cfg.Spec.Model)
	var problems []error
	for i, c := range list {
		llm, err := buildModel(c, parts)
		if err != nil {
			problems = append(problems, fmt.Errorf("spec.model, candidate %d: %w", i+1, err))
			continue
		}
		a.models = append(a.models, llm)
	}
	switch {
	case len(list) == 0:
		return errors.New("spec.model names no model: write primary.provider and primary.model")
	case len(a.models) == 0:
		return errors.Join(problems...)
	}
	for _, p := range problems {
		a.warn("%v: it is left out", p)
	}
	routing := parts.Providers.Spec.Routing
	if strategy = cmp.Or(strategy, routing.DefaultStrategy); strategy != "" && !slices.Contains(model.Strategies(), strategy) {
		a.warn("routing strategy %s is not acted on in this release: capability_match is used", strategy)
		strategy = ""
	}
	router := model.NewRouter(a.models, model.RouterConfig{
		Strategy:         strategy,
		FailureThreshold: routing.CircuitBreaker.FailureThreshold,
		Recovery:         time.Duration(routing.CircuitBreaker.RecoveryTimeout),
		Servers:          parts.Servers,
	})
	a.chat = router.Chat
	return nil
}

func buildModel(c config.Candidate, parts Parts) (model.LLM, error) {
	if parts.Model != nil {
		return parts.Model(c)
	}
	kind := cmp.Or(c.Provider, c.Source)
	var from config.Provider
	if c.ProviderRef != "" {
		found, ok := parts.Providers.Spec.Providers[c.ProviderRef]
		if !ok {
			return nil, fmt.Errorf("providerRef %q is not in providers.yaml", c.ProviderRef)
		}
		from = found
		kind = cmp.Or(kind, found.Type)
	}
	switch cmp.Or(kind, "ollama") {
	case "ollama":
		return parts.Servers.Ollama(model.OllamaConfig{
			Endpoint: cmp.Or(c.Endpoint, from.Endpoint), Model: c.Model, Timeout: time.Duration(c.Timeout),
			KeepAlive: (*time.Duration)(c.KeepAlive), Think: c.Think, Parameters: c.Parameters, Parallel: from.Parallel,
		})
	case "builtin":
		return model.NewBuiltin(c.Model, c.Parameters)
	default:
		return nil, fmt.Errorf("provider %q of model %q cannot be used in this version", kind, c.Model)
	}
}

// buildTools gathers the tools that the agent declares and may call.
func (a *Agent) buildTools(parts Parts) {
	var declared []tool.Declared
	for _, t := range a.cfg.Spec.Tools {
		d := tool.Declared{Type: t.Type, Name: t.Name, Description: t.Description, Config: t.Config}
		if t.RateLimit != nil {
			d.Window = cmp.Or(time.Duration(t.RateLimit.WindowSeconds), time.Minute)
			d.MaxCalls = cmp.Or(t.RateLimit.MaxCalls, 10)
		}
		declared = append(declared, d)
	}
	registry, problems := tool.New(declared, tool.Sources{Now: parts.Now, UserContext: parts.UserContext})
	if p := a.cfg.Spec.Permissions; p != nil && p.AllowedActions != nil {
		registry.Keep(*p.AllowedActions)
	}
	for _, p := range problems {
		a.warn("%s", p)
	}
	a.tools = registry
}

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
