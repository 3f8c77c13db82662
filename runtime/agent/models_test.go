package agent

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"astromesh/config"
	"astromesh/runtime/model"
)

// nameTelling makes a model of each candidate that says the candidate's name.
func nameTelling(c config.Candidate) (model.LLM, error) {
	llm := says(words(c.Model))
	llm.name = "test/" + c.Model
	return llm, nil
}

// modelled compiles an agent file with these lines of spec, whose models say their
// names.
func modelled(t *testing.T, spec string, providers config.Providers) *Agent {
	t.Helper()
	cfg, problems := config.ParseAgent("shop.agent.yaml", []byte("apiVersion: astromesh/v1\nkind: Agent\nmetadata: {name: shop}\nspec:\n"+spec), nil)
	if cfg == nil {
		t.Fatal(problems)
	}
	a, err := New(cfg, 1, Parts{Model: nameTelling, Providers: providers})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// asked says who answers n times for a role.
func asked(t *testing.T, a *Agent, role string, n int) string {
	t.Helper()
	var said []string
	for range n {
		r, err := a.chatAs(role)(context.Background(), model.Request{Messages: []model.Message{{Role: model.RoleUser, Content: "hi"}}})
		if err != nil || r.Usage.Role != role {
			t.Fatalf("%+v, %v", r.Usage, err)
		}
		said = append(said, r.Content)
	}
	return strings.Join(said, "")
}

const roleSpec = `
  model:
    default: {candidates: [{provider: ollama, model: d}, {provider: ollama, model: e}], strategy: quality_first}
    roles:
      planner: {candidates: [{provider: ollama, model: p}, {provider: ollama, model: q}], strategy: round_robin}
      worker: {candidates: [{provider: ollama, model: w}]}
      "stage:first": {candidates: [{provider: ollama, model: f}]}
      cheap: {strategy: round_robin}
  orchestration: {pattern: pipeline, role_map: {"stage:second": planner, third: worker, reasoner: cheap, supervisor: default, synthesizer: nobody}}
`

func TestRolesAndTheirMap(t *testing.T) {
	a := modelled(t, roleSpec, config.Providers{})
	for role, want := range map[string]string{
		"":             "dd", // the agent itself
		"planner":      "pq", // with its own strategy
		"worker":       "ww",
		"worker:x":     "ww", // the general one
		"stage:first":  "ff",
		"stage:third":  "ww", // by the stage's name
		"stage:fourth": "dd", // not named
		"reasoner":     "de", // the agent's own models, by the role's strategy
		"supervisor":   "dd",
		"synthesizer":  "dd", // mapped to nothing
		"anything":     "dd",
	} {
		if got := asked(t, a, role, 2); got != want {
			t.Errorf("%q is answered by %s, want %s", role, got, want)
		}
	}
	if got := asked(t, modelled(t, roleSpec, config.Providers{}), "stage:second", 2); got != "pq" {
		t.Errorf("by the map: %s", got)
	}
	var names []string
	for _, m := range a.Models() {
		names = append(names, strings.TrimPrefix(m.Name(), "test/"))
	}
	slices.Sort(names)
	if got := strings.Join(names, ""); got != "defpqw" {
		t.Errorf("models %s", got)
	}
}

// What counts where a file says a thing in several places.
func TestStrategyAndFallbackOfTheFiles(t *testing.T) {
	off := false
	tests := []struct {
		name, model string
		routing     config.ProvidersRouting
		want        string
	}{
		{"primary, fallback, extra in their order", `{primary: {provider: ollama, model: a}, fallback: {source: ollama, model: b}, extra: {z: {provider: ollama, model: c}, y: {provider: ollama, model: d}}, routing: {strategy: round_robin}}`, config.ProvidersRouting{}, "abcd"},
		{"default_strategy", `{primary: {provider: ollama, model: a}, fallback: {provider: ollama, model: b}}`, config.ProvidersRouting{DefaultStrategy: "round_robin"}, "abab"},
		{"the agent's own before it", `{primary: {provider: ollama, model: a}, fallback: {provider: ollama, model: b}, routing: {strategy: quality_first}}`, config.ProvidersRouting{DefaultStrategy: "round_robin"}, "aaaa"},
		{"that of default before routing's", `{default: {candidates: [{provider: ollama, model: a}, {provider: ollama, model: b}], strategy: quality_first}, routing: {strategy: round_robin}}`, config.ProvidersRouting{}, "aaaa"},
		{"default before primary", `{primary: {provider: ollama, model: x}, default: {candidates: [{provider: ollama, model: a}]}}`, config.ProvidersRouting{}, "aaaa"},
		{"no fallback", `{primary: {provider: ollama, model: a}, fallback: {provider: ollama, model: b}}`, config.ProvidersRouting{FallbackEnabled: &off}, "aaaa"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var p config.Providers
			p.Spec.Routing = test.routing
			if got := asked(t, modelled(t, "  model: "+test.model+"\n", p), "", 4); got != test.want {
				t.Errorf("answered by %s, want %s", got, test.want)
			}
		})
	}
	// fallback_enabled: false reaches the router: the second is not asked.
	var p config.Providers
	p.Spec.Routing.FallbackEnabled = &off
	broken := func(c config.Candidate) (model.LLM, error) {
		llm := says(words("b"))
		llm.name = "test/" + c.Model
		if c.Model == "a" {
			llm.say = func(context.Context, int, model.Request) (model.Response, error) {
				return model.Response{}, &model.Error{Candidate: "test/a", Reason: "It is broken."}
			}
		}
		return llm, nil
	}
	cfg := helper(func(s *config.AgentSpec) {
		s.Model.Primary, s.Model.Fallback = &config.Candidate{Provider: "ollama", Model: "a"}, &config.Candidate{Provider: "ollama", Model: "b"}
	})
	for _, parts := range []Parts{{Model: broken, Providers: p}, {Model: broken}} {
		a, err := New(cfg, 1, parts)
		if err != nil {
			t.Fatal(err)
		}
		_, err = a.chatAs("")(t.Context(), model.Request{Messages: []model.Message{{Role: model.RoleUser, Content: "hi"}}})
		if wants := parts.Providers.Spec.Routing.FallbackEnabled != nil; (err != nil) != wants {
			t.Errorf("without fallback %v: %v", wants, err)
		}
	}
}

// A candidate takes from its provider what it does not say itself, its key from
// the environment, and is left out with a warning where it cannot be made.
func TestCandidatesAreMadeOfProviders(t *testing.T) {
	var p config.Providers
	p.Spec.Providers = map[string]config.Provider{
		"rented": {Type: "vllm", Endpoint: "http://10.0.0.5:8000", APIKeyEnv: "RENTED_KEY", Models: []string{"big", "small"}, Parallel: 2, HealthCheckInterval: config.Duration(time.Minute)},
		"own":    {Type: "ollama", Endpoint: "http://10.0.0.6:11434"},
	}
	var looked []string
	parts := Parts{Providers: p, Servers: model.NewServers(model.Options{}), Env: func(name string) (string, bool) {
		looked = append(looked, name)
		return "k", true
	}}
	cfg := helper(func(s *config.AgentSpec) {
		s.Model = config.Models{
			Primary: &config.Candidate{ProviderRef: "rented"}, Fallback: &config.Candidate{ProviderRef: "own", Model: "m"},
			Extra: config.Candidates{
				{Name: "a", Candidate: config.Candidate{ProviderRef: "rented", Model: "small", Provider: "llamacpp", Endpoint: "http://10.0.0.7/v1", APIKeyEnv: "OTHER_KEY"}},
				{Name: "b", Candidate: config.Candidate{Provider: "litellm", Model: "x"}},
				{Name: "c", Candidate: config.Candidate{ProviderRef: "nowhere", Model: "x"}},
			},
		}
	})
	a, err := New(cfg, 1, parts)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range a.Models() {
		names = append(names, m.Name())
	}
	if got, want := strings.Join(names, " "), "vllm/big@10.0.0.5:8000 ollama/m@10.0.0.6:11434 llamacpp/small@10.0.0.7"; got != want {
		t.Errorf("models %s, want %s", got, want)
	}
	if got := strings.Join(looked, " "); got != "RENTED_KEY OTHER_KEY" {
		t.Errorf("keys asked for: %s", got)
	}
	if got := strings.Join(a.Warnings(), "\n"); strings.Count(got, "it is left out") != 2 || !strings.Contains(got, `"nowhere" is not in providers.yaml`) || !strings.Contains(got, "needs an endpoint") {
		t.Errorf("warnings %s", got)
	}
}

// The models of a role are away: the agent's own stand in at once, in every
// pattern, and the owner reads it. Where nothing may stand in the turn waits.
func TestOwnModelsStandInForARole(t *testing.T) {
	off := false
	for pattern, role := range map[string]string{
		"plan_and_execute": "planner", "parallel_fan_out": "planner", "pipeline": "stage:analyze", "supervisor": "supervisor",
		"swarm": "member:orders", "react": "reasoner",
	} {
		for _, allowed := range []*bool{nil, &off} {
			cfg := helper(patterned(pattern), func(s *config.AgentSpec) {
				s.Model.Roles = map[string]config.ModelRole{role: {Candidates: []config.Candidate{{Provider: "ollama", Model: "away"}}}}
			})
			parts := Parts{Now: noon, Model: func(c config.Candidate) (model.LLM, error) {
				return byPrompt(func(_ context.Context, last string) (model.Response, error) {
					switch {
					case c.Model == "away":
						return model.Response{}, &model.Error{Candidate: "test/away", Unreachable: true, Reason: "The model away is not there."}
					case strings.Contains(last, "or hand over"):
						return words(`{"handoff": "orders"}`), nil
					case strings.Contains(last, "as JSON only"):
						return words(`{"answer": "Plain."}`), nil
					}
					return words("Plain."), nil
				}), nil
			}}
			parts.Providers.Spec.Routing.FallbackEnabled = allowed
			a, err := New(cfg, 1, parts)
			if err != nil {
				t.Fatal(err)
			}
			r, err := a.Turn(t.Context(), forgotten("hello"))
			if allowed == &off {
				if !errors.Is(err, model.ErrUnavailable) {
					t.Errorf("%s, without fallback: %q, %v", pattern, r.Reply, err)
				}
				continue
			}
			var told string
			for _, n := range r.Notices {
				told += n.Text
			}
			if err != nil || r.Reply != "Plain." || !strings.Contains(told, "No model of the role "+role+" can be reached") || !strings.Contains(told, "not there") {
				t.Errorf("%s: %q %s, %v; told %q", pattern, r.Reply, r.Reason, err, told)
			}
		}
	}
}
