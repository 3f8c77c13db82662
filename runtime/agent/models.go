package agent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"astromesh/config"
	"astromesh/runtime/model"
)

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

// chatAs gives what answers for a role: reasoner, planner, worker, synthesizer,
// supervisor or stage:x. A role that the file does not name is the default.
func (a *Agent) chatAs(role string) func(context.Context, model.Request) (model.Response, error) {
	if chat := a.roles[role]; chat != nil {
		return chat
	}
	return a.chat
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
