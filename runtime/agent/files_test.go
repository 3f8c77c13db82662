package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/config"
	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"
)

// hosts are model servers by the host of their address.
type hosts map[string]http.RoundTripper

func (h hosts) RoundTrip(r *http.Request) (*http.Response, error) {
	if to := h[r.URL.Host]; to != nil {
		return to.RoundTrip(r)
	}
	return nil, errors.New("there is no server " + r.URL.Host)
}

// fromFiles compiles the agent of some files, its models on the given servers.
func fromFiles(t *testing.T, spec, providers string, servers hosts, env config.Env) *Agent {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{
		"channels.yaml": "channels: {whatsapp: {default_agent: helper}}\n", "providers.yaml": providers,
		"agents/helper.agent.yaml": "apiVersion: astromesh/v1\nkind: Agent\nmetadata: {name: helper}\nspec:\n" + spec,
	} {
		file := filepath.Join(folder, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o750), os.WriteFile(file, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	c, problems := config.Load(config.Dir(folder), env)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	a, err := New(c.Agents[0].Agent, 1, Parts{
		Now: noon, Providers: c.Providers, Env: env, Servers: model.NewServers(model.Options{Transport: servers}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// openAI answers as a server of OpenAI's chat API does, and notes model and key.
type openAI struct{ asked *[]string }

func (s openAI) RoundTrip(r *http.Request) (*http.Response, error) {
	var body struct{ Model string }
	if r.Body != nil {
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			return nil, err
		}
	}
	*s.asked = append(*s.asked, body.Model+" "+r.Header.Get("Authorization"))
	const said = `data: {"choices":[{"delta":{"content":"I am here."}}]}` + "\n\n" + `data: {"choices":[{"delta":{},"finish_reason":"stop"}]}` + "\n\ndata: [DONE]\n\n"
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: io.NopCloser(strings.NewReader(said)), Request: r}, nil
}

// Every kind of server that speaks OpenAI's API is asked for the provider's first
// model, with the key that the variable holds.
func TestProviderKinds(t *testing.T) {
	for _, kind := range []string{"openai", "openai_compat", "vllm", "llamacpp", "hf_tgi", "litellm"} {
		var asked []string
		a := fromFiles(t, "  model: {primary: {providerRef: there}}\n",
			"spec:\n  providers:\n    there: {type: "+kind+", endpoint: \"https://there.example.com/v1\", api_key_env: SHOP_KEY, models: [big, small]}\n",
			hosts{"there.example.com": openAI{&asked}}, func(name string) (string, bool) { return "k-123", name == "SHOP_KEY" })
		if r := turnOf(t, a, forgotten("Are you there?")); r.Reply != "I am here." || !slices.Contains(asked, "big Bearer k-123") {
			t.Errorf("%s: %q %q, asked %q", kind, r.Reply, r.Reason, asked)
		}
	}
}

// twoServers are Ollamas, each of which says its name.
func twoServers() (one, two *modeltest.Fake, both hosts) {
	one, two = modeltest.NewFake(), modeltest.NewFake()
	one.Set("m", modeltest.Says("one"))
	two.Set("m", modeltest.Says("two"))
	return one, two, hosts{"one:1": one.Transport(), "two:1": two.Transport()}
}

const twoCandidates = "  model:\n    primary: {provider: ollama, model: m, endpoint: \"http://one:1\"}\n    fallback: {provider: ollama, model: m, endpoint: \"http://two:1\"}\n"

// TestTheNewerFormOfModels: candidates of model.default are asked by its strategy.
func TestTheNewerFormOfModels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, _, both := twoServers()
		a := fromFiles(t, "  model:\n    default:\n      candidates: [{provider: ollama, model: m, endpoint: \"http://one:1\"}, {source: ollama, model: m, endpoint: \"http://two:1\"}]\n"+
			"      strategy: round_robin\n", "spec: {}\n", both, nil)
		for i, want := range []string{"one", "two", "one"} {
			in := forgotten("Who is there?")
			in.Customer.UserID = fmt.Sprint(i) // another conversation
			if r := turnOf(t, a, in); r.Reply != want {
				t.Errorf("%q, want %s", r.Reply, want)
			}
		}
	})
}

// What providers.yaml says of routing holds for agents that say nothing of it.
func TestProvidersRouting(t *testing.T) {
	for name, c := range map[string]struct {
		providers string
		breaks    bool     // the first server is away for the first question
		want      []string // the answers to three
	}{
		"nothing said":  {"spec: {}\n", true, []string{"two", "one", "one"}},
		"in turn":       {"spec: {routing: {default_strategy: round_robin}}\n", false, []string{"one", "two", "one"}},
		"no fallback":   {"spec: {routing: {fallback_enabled: false}}\n", true, []string{"", "one", "one"}},
		"left alone":    {"spec: {routing: {circuit_breaker: {failure_threshold: 1, recovery_timeout: 3600}}}\n", true, []string{"two", "two", "two"}},
		"but not long":  {"spec: {routing: {circuit_breaker: {failure_threshold: 1, recovery_timeout: 90}}}\n", true, []string{"two", "two", "one"}},
		"not after one": {"spec: {routing: {circuit_breaker: {failure_threshold: 2}}}\n", true, []string{"two", "one", "one"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			one, _, both := twoServers()
			a := fromFiles(t, twoCandidates, c.providers, both, nil)
			var said []string
			for i := range c.want {
				one.Down(c.breaks && i == 0)
				in := forgotten("Who is there?")
				in.Customer.UserID = fmt.Sprint(i)
				r, err := a.Turn(t.Context(), in)
				if err != nil && !errors.Is(err, model.ErrUnavailable) {
					t.Fatal(err)
				}
				said = append(said, r.Reply)
				time.Sleep(time.Minute) // in the bubble's own time
			}
			if !slices.Equal(said, c.want) {
				t.Errorf("%s: %q, want %q", name, said, c.want)
			}
		})
	}
}

// A server that went away is noticed by asking, before a customer has to: the
// first question goes straight to the other one.
func TestProvidersAreWatched(t *testing.T) {
	for name, c := range map[string]struct{ spec, providers string }{
		"by the agent's file": {twoCandidates + "    routing: {health_check_interval: 30}\n", "spec: {}\n"},
		"by providers.yaml": {
			"  model:\n    primary: {providerRef: first, model: m}\n    fallback: {provider: ollama, model: m, endpoint: \"http://two:1\"}\n",
			"spec: {providers: {first: {type: ollama, endpoint: \"http://one:1\", health_check_interval: 30}}}\n",
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			one, _, both := twoServers()
			a := fromFiles(t, c.spec, c.providers, both, nil)
			go a.Watch(t.Context())
			one.Down(true)
			time.Sleep(5*time.Minute + time.Second) // not in the moment of asking
			one.Down(false)                         // it is back, and was not asked since
			before := len(one.Requests())
			if r := turnOf(t, a, forgotten("Who is there?")); r.Reply != "two" || len(one.Requests()) != before {
				t.Errorf("%s: %q", name, r.Reply)
			}
			time.Sleep(time.Minute)
			if r := turnOf(t, a, forgotten("And now?")); r.Reply != "one" {
				t.Errorf("%s: %q after it came back", name, r.Reply)
			}
		})
	}
}

// The planner is the role that role_map names; the worker has no models of its own.
func TestRolesFromTheFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two, both := twoServers()
		two.Set("thinker", modeltest.Says(`{"steps": []}`))
		a := fromFiles(t, "  model:\n    primary: {provider: ollama, model: m, endpoint: \"http://one:1\"}\n"+
			"    roles:\n      thinking: {candidates: [{provider: ollama, model: thinker, endpoint: \"http://two:1\"}]}\n"+
			"  orchestration: {pattern: plan_and_execute, role_map: {planner: thinking}}\n", "spec: {}\n", both, nil)
		if r := turnOf(t, a, forgotten("Who plans?")); r.Reply != "one" {
			t.Errorf("%q %q", r.Reply, r.Reason)
		}
		if len(two.Requests()) != 1 || two.Requests()[0].Model != "thinker" || len(one.Requests()) != 1 {
			t.Errorf("the thinker was asked %d times, the agent's own model %d times", len(two.Requests()), len(one.Requests()))
		}
	})
}
