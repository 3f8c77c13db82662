package agent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"astromesh/config"
	"astromesh/runtime/model"
)

// chatFunc asks one of some models.
type chatFunc func(context.Context, model.Request) (model.Response, error)

// buildModels makes the candidates and the routers in front of them: one for the
// agent, one for each role. A candidate that cannot be made is left out with a
// warning, as long as another is there; a role without any has the agent's own.
func (a *Agent) buildModels(parts Parts) error {
	spec := a.cfg.Spec.Model
	list := spec.Ordered()
	if len(list) == 0 {
		return errors.New("spec.model names no model: write primary.provider and primary.model")
	}
	own, problems := a.buildCandidates("spec.model", list, parts)
	if len(own) == 0 {
		return errors.Join(problems...)
	}
	for _, p := range problems {
		a.warn("%v: it is left out", p)
	}
	for _, b := range own {
		a.models = append(a.models, b.llm)
	}
	a.chat = a.router(own, spec.Strategy(), parts).Chat
	allowed := parts.Providers.Spec.Routing.FallbackEnabled
	a.standsIn = allowed == nil || *allowed
	a.roles = map[string]chatFunc{}
	for _, name := range slices.Sorted(maps.Keys(spec.Roles)) {
		role, at := spec.Roles[name], "spec.model.roles."+name
		models := own
		if len(role.Candidates) > 0 {
			built, problems := a.buildCandidates(at, config.NamedCandidates(name, role.Candidates), parts)
			for _, p := range problems {
				a.warn("%v: it is left out", p)
			}
			if len(built) == 0 {
				a.warn("%s: none of its models can be used: the agent's own answer in their place", at)
				continue
			}
			models = built
			for _, b := range built {
				a.others = append(a.others, b.llm)
			}
		}
		a.roles[name] = a.router(models, cmp.Or(role.Strategy, spec.Routing.Strategy), parts).Chat
	}
	return nil
}

// built is a candidate and how often it is to be asked whether it is there.
type built struct {
	llm   model.LLM
	check time.Duration
}

func (a *Agent) buildCandidates(at string, list []config.NamedCandidate, parts Parts) (all []built, problems []error) {
	for i, c := range list {
		llm, err := buildModel(c.Candidate, parts)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s, candidate %d: %w", at, i+1, err))
			continue
		}
		every := cmp.Or(a.cfg.Spec.Model.Routing.HealthCheckInterval, parts.Providers.Spec.Providers[c.ProviderRef].HealthCheckInterval)
		all = append(all, built{llm, every.D()})
	}
	return all, problems
}

func (a *Agent) router(list []built, strategy string, parts Parts) *model.Router {
	routing := parts.Providers.Spec.Routing
	c := model.RouterConfig{
		Strategy:         cmp.Or(strategy, routing.DefaultStrategy),
		FailureThreshold: routing.CircuitBreaker.FailureThreshold,
		Recovery:         routing.CircuitBreaker.RecoveryTimeout.D(),
		NoFallback:       routing.FallbackEnabled != nil && !*routing.FallbackEnabled,
		Servers:          parts.Servers,
	}
	var models []model.LLM
	for _, b := range list {
		models, c.CheckEvery = append(models, b.llm), append(c.CheckEvery, b.check)
	}
	r := model.NewRouter(models, c)
	a.routers = append(a.routers, r)
	return r
}

// Watch asks the agent's models at the intervals of routing.health_check_interval,
// or of their providers, whether they are there, until ctx ends. It returns at
// once where no interval is set.
func (a *Agent) Watch(ctx context.Context) {
	var all sync.WaitGroup
	for _, r := range a.routers {
		all.Go(func() { r.Watch(ctx) })
	}
	all.Wait()
}

// chatAs gives what answers for a role: reasoner, planner, worker, synthesizer,
// supervisor or stage:x. See roleChat.
func (a *Agent) chatAs(role string) func(context.Context, model.Request) (model.Response, error) {
	chat := a.roleChat(role)
	if chat == nil {
		chat = a.chat
	}
	return func(ctx context.Context, req model.Request) (model.Response, error) {
		r, err := chat(ctx, req)
		r.Usage.Role = role
		return r, err
	}
}

// roleChat asks the models that the file names for a role. spec.orchestration.role_map
// may give it another role's, by the role's name or the stage's. A role that the
// file does not name is the general one (worker for worker:x); nil = the agent's own
// models answer for it.
func (a *Agent) roleChat(role string) chatFunc {
	general, special, _ := strings.Cut(role, ":")
	names := []string{role, general}
	for _, from := range []string{role, special, general} {
		if to := a.cfg.Spec.Orchestration.RoleMap[from]; from != "" && to != "" {
			names = []string{to}
			break
		}
	}
	for _, name := range names {
		if found := a.roles[name]; found != nil {
			return found
		}
	}
	return nil
}

func buildModel(c config.Candidate, parts Parts) (model.LLM, error) {
	if parts.Model != nil {
		return parts.Model(c)
	}
	from := parts.Providers.Spec.Providers[c.ProviderRef]
	c, found := parts.Providers.Resolve(c)
	if !found {
		return nil, fmt.Errorf("providerRef %q is not in providers.yaml", c.ProviderRef)
	}
	switch kind := cmp.Or(c.Kind(), "ollama"); kind {
	case "ollama":
		return parts.Servers.Ollama(model.OllamaConfig{
			Endpoint: c.Endpoint, Model: c.Model, Timeout: c.Timeout.D(),
			KeepAlive: (*time.Duration)(c.KeepAlive), Think: c.Think, Parameters: known(c.Parameters), Parallel: from.Parallel,
		})
	case "builtin":
		return model.NewBuiltin(c.Model, c.Parameters)
	default:
		if !config.SpeaksOpenAI(kind) {
			return nil, fmt.Errorf("provider %q of model %q cannot be used in this version", kind, c.Model)
		}
		var key string
		if c.APIKeyEnv != "" && parts.Env != nil {
			key, _ = parts.Env(c.APIKeyEnv) // one that is not set is told by whoever reads the file
		}
		return parts.Servers.OpenAI(model.OpenAIConfig{
			Kind: kind, Endpoint: c.Endpoint, Model: c.Model, Timeout: c.Timeout.D(),
			Key: strings.TrimSpace(key), KeyName: c.APIKeyEnv, Parameters: c.Parameters, Parallel: from.Parallel,
		})
	}
}

// known is what Ollama has a word for. Loading a file warns of the rest, and says
// that it has no effect.
func known(given map[string]any) map[string]any {
	parameters := maps.Clone(given)
	maps.DeleteFunc(parameters, func(name string, _ any) bool { return !slices.Contains(model.OllamaParameters(), name) })
	return parameters
}
