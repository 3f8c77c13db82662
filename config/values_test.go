package config

import (
	"cmp"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

func readSample(t *testing.T, file string) *Agent {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file + agentSuffix)
	if err != nil {
		t.Fatal(err)
	}
	agent, problems := ParseAgent(file, data, testEnv)
	if agent == nil {
		t.Fatal(problems)
	}
	return agent
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s is %#v, want %#v", what, got, want)
	}
}

func TestEveryKeyIsDecoded(t *testing.T) {
	a := readSample(t, "agents/every-key")
	equal(t, "version", a.Metadata.Version, "1.0")
	equal(t, "labels", a.Metadata.Labels, map[string]string{"tier": "1", "beta": "true"})
	p := a.Spec.Model.Primary
	equal(t, "timeout", p.Timeout.D(), 90*time.Second)
	equal(t, "keep_alive", p.KeepAlive.D(), -time.Second)
	equal(t, "think", *p.Think, false)
	equal(t, "parameters", p.Parameters, map[string]any{"temperature": 0.4, "stop": []any{"END"}, "top_p": 0.9, "max_tokens": 512, "seed": 7})
	f := a.Spec.Model.Fallback
	equal(t, "keep_alive beside parameters", f.KeepAlive.D(), 10*time.Minute)
	equal(t, "think in parameters", *f.Think, true)
	equal(t, "parameters left", f.Parameters, map[string]any{"temperature": 1})
	var order []string
	for _, c := range a.Spec.Model.Ordered() {
		order = append(order, c.Name+" "+c.Kind()+" "+c.Model)
	}
	equal(t, "order", order, []string{"primary  ", "fallback ollama small", "zebra builtin faq", "apple ollama apple:1b"})
	equal(t, "escape", a.Spec.Model.Extra[0].Parameters["default"], "hello ${GREETING}")
	equal(t, "keep_alive in quotes", a.Spec.Model.Extra[1].KeepAlive.D(), -time.Second)
	equal(t, "prompt", a.Spec.Prompts.System, "First line.\na \"b\"\n: [c]\n")
	equal(t, "iterations", a.Spec.Orchestration.Iterations(), 4)
	equal(t, "limit", a.Spec.Orchestration.Limit(), 500*time.Millisecond)
	equal(t, "max_turns", a.Spec.Memory.Conversational.MaxTurns, 16)
	equal(t, "max_chars", a.Spec.Guardrails.Input[1].MaxChars, 1000)
	equal(t, "allowed_actions", *a.Spec.Permissions.AllowedActions, []string{})
	equal(t, "tool", a.Spec.Tools[0], Tool{
		Type: "builtin", Name: "datetime_now", Config: map[string]any{"zone": "Europe/Madrid"},
		RateLimit: &ToolRate{WindowSeconds: seconds(60), MaxCalls: 10},
	})
}

// TestSampleAgents holds the last table of the format's description.
func TestSampleAgents(t *testing.T) {
	for _, c := range []struct {
		name, pattern string
		iterations    int
		limit         time.Duration
		strategy      string
		models        []string
	}{
		{"whatsapp-assistant", "react", 5, 30 * time.Second, "capability_match", []string{"ollama llava:7b", "ollama llama3.1:8b"}},
		{"support-agent", "plan_and_execute", 8, time.Minute, "capability_match", []string{"ollama llama3.1:8b"}},
		{"sales-qualifier", "react", 5, time.Minute, "cost_optimized", []string{"ollama llama3.1:8b", "openai_compat gpt-4o-mini"}},
		{"email-composer", "react", 3, time.Minute, "capability_match", []string{"ollama llama3.1:8b"}},
		{"web-researcher", "react", 5, 90 * time.Second, "capability_match", []string{"ollama llama3.1:8b"}},
		{"astromesh-copilot", "react", 5, 30 * time.Second, "capability_match", []string{"ollama llama3.1:8b"}},
		{"autolink-parts", "react", 6, 45 * time.Second, "quality_first", []string{"ollama llama3.1:8b"}},
		{"chef-iberia", "react", 10, time.Minute, "latency_optimized", []string{"ollama llama3.1:8b"}},
		{"role-router-demo", "plan_and_execute", 6, time.Minute, "cost_optimized", []string{"ollama llama3.1:8b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := readSample(t, "samples/"+c.name)
			equal(t, "name", a.Metadata.Name, c.name)
			equal(t, "pattern", a.Spec.Orchestration.Pattern, c.pattern)
			equal(t, "iterations", a.Spec.Orchestration.Iterations(), c.iterations)
			equal(t, "limit", a.Spec.Orchestration.Limit(), c.limit)
			equal(t, "strategy", cmp.Or(a.Spec.Model.Strategy(), "capability_match"), c.strategy)
			var models []string
			for _, m := range a.Spec.Model.Ordered() {
				models = append(models, m.Kind()+" "+m.Model)
			}
			equal(t, "models", models, c.models)
		})
	}
}

// TestRoundTrip: what is written out, as YAML or JSON, reads back the same.
func TestRoundTrip(t *testing.T) {
	for _, file := range []string{"agents/every-key", "samples/whatsapp-assistant", "samples/sales-qualifier", "samples/role-router-demo"} {
		a := readSample(t, file)
		out, err := yaml.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		// The one text with ${ in it has been expanded, and must not be again.
		again, problems := ParseAgent(file, []byte(strings.ReplaceAll(string(out), "${", "$${")), nil)
		if again == nil {
			t.Fatalf("%v\n%s", problems, out)
		}
		equal(t, file, again, a)

		var direct Agent
		if err := yaml.Unmarshal(out, &direct); err != nil {
			t.Fatal(err)
		}
		equal(t, file+" limit, by the library", direct.Spec.Orchestration.Limit(), a.Spec.Orchestration.Limit())
		equal(t, file+" extra, by the library", len(direct.Spec.Model.Extra), len(a.Spec.Model.Extra))

		text, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), `"timeout_seconds":30000000000`) {
			t.Error("JSON gives nanoseconds")
		}
	}
}

func TestCandidatesKeepTheirOrderInJSON(t *testing.T) {
	text, err := json.Marshal(readSample(t, "agents/every-key").Spec.Model.Extra)
	if err != nil {
		t.Fatal(err)
	}
	if z, a := strings.Index(string(text), "zebra"), strings.Index(string(text), "apple"); z < 0 || a < z {
		t.Errorf("%s", text)
	}
}

// TestFieldKinds: the decoder knows the kind of every field there is.
func TestFieldKinds(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var walk func(path string, typ reflect.Type)
	walk = func(path string, typ reflect.Type) {
		if _, own := reflect.New(typ).Interface().(nodeDecoder); own || seen[typ] {
			return
		}
		seen[typ] = true
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(path, typ.Elem())
		case reflect.Struct:
			for i := range typ.NumField() {
				field := typ.Field(i)
				if _, tagged := field.Tag.Lookup("yaml"); !tagged {
					t.Errorf("%s.%s has no yaml tag", path, field.Name)
				}
				walk(path+"."+field.Name, field.Type)
			}
		case reflect.String, reflect.Int, reflect.Float64, reflect.Bool, reflect.Interface:
		default:
			t.Errorf("%s is of kind %s, which no file can set", path, typ.Kind())
		}
	}
	for _, v := range []any{Agent{}, Channels{}, Providers{}, Runtime{}} {
		walk(reflect.TypeOf(v).Name(), reflect.TypeOf(v))
	}
}

func TestDefaults(t *testing.T) {
	c, _ := Load(Dir("testdata/folders/nothing"), func(name string) (string, bool) { return "v99.1", name == "ASTROMESH_GRAPH_VERSION" })
	w := c.Channels.Channels.WhatsApp
	equal(t, "graph version", w.GraphVersion, "v99.1")
	equal(t, "rate limit", w.RateLimit, RateLimit{seconds(60), 30})
	equal(t, "debounce", w.Debounce, Debounce{seconds(2), seconds(15)})
	equal(t, "loop guard", w.LoopGuard, LoopGuard{seconds(60), 20})
	equal(t, "signs", []bool{w.TypingIndicator, w.MarkAsRead}, []bool{true, true})
	equal(t, "unsure", w.UnsurePolicy, "resend")
	equal(t, "unsure wait", w.UnsureWaitSeconds, seconds(60))
	equal(t, "breaker", c.Providers.Spec.Routing.CircuitBreaker, CircuitBreaker{3, seconds(60)})
	equal(t, "retry", c.Runtime.Spec.RetryFor.D(), 2*time.Minute)
	for _, m := range []Localized{w.Messages.Error, w.Messages.TooLong, w.Messages.Blocked, w.Messages.Unsupported} {
		for _, language := range []string{"en", "es", "pt"} {
			if len(m[language]) < 20 || len(m[language]) > 200 {
				t.Errorf("%s: %q", language, m[language])
			}
		}
	}
}

func TestChannelsOverTheDefaults(t *testing.T) {
	c, problems := Load(Dir("testdata/folders/plain"), testEnv)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	w := c.Channels.Channels.WhatsApp
	equal(t, "quiet", w.Debounce, Debounce{0, seconds(15)})
	equal(t, "typing", w.TypingIndicator, false)
	equal(t, "read", w.MarkAsRead, true)
	equal(t, "number", w.PhoneNumberID, "106540352242922")
	equal(t, "token is trimmed", w.AccessToken.Reveal(), "hunter2-is-the-secret")
	equal(t, "plain text", w.Messages.Error.In("es"), "We will be right back.")
	equal(t, "own language", w.Messages.TooLong.In("pt"), "Mais curto")
	equal(t, "own English", w.Messages.TooLong.In("en"), "Shorter please")
	equal(t, "kept", w.Messages.TooLong.In("es"), DefaultMessages().TooLong["es"])
	equal(t, "empty keeps", w.Messages.Blocked, DefaultMessages().Blocked)
	equal(t, "missing keeps", w.Messages.Unsupported, DefaultMessages().Unsupported)
	equal(t, "retry_for at the top", c.Runtime.Spec.RetryFor.D(), 90*time.Second)
}

func TestRuntimeDefaultsAndProviderRef(t *testing.T) {
	c, _ := Load(Dir("testdata/folders/cross"), nil)
	f, _ := c.Agent("other")
	equal(t, "iterations", f.Agent.Spec.Orchestration.Iterations(), 3)
	equal(t, "limit", f.Agent.Spec.Orchestration.Limit(), 20*time.Second)
	got, ok := c.Providers.Resolve(Candidate{ProviderRef: "box", Model: "m"})
	equal(t, "found", ok, true)
	equal(t, "resolved", got, Candidate{ProviderRef: "box", Provider: "ollama", Model: "m", Endpoint: "http://box:11434"})
	_, ok = c.Providers.Resolve(Candidate{ProviderRef: "ghost"})
	equal(t, "ghost", ok, false)
}

func TestDraftsKeepTheirNames(t *testing.T) {
	c, problems := Load(Dir("testdata/folders/draft"), nil)
	f, ok := c.Agent("main")
	if !ok || f.Agent != nil || len(f.YAML) == 0 {
		t.Errorf("%v %v", ok, f)
	}
	if problems.For("testdata/folders/draft/channels.yaml").HasErrors() {
		t.Error("a draft is no agent to channels.yaml")
	}
	equal(t, "part of all", problems.For(f.File), f.Problems)
}

func TestUnset(t *testing.T) {
	data := "channels:\n  whatsapp:\n    verify_token: a${ONE}b\n    access_token: \"${TWO:-x}\"\n    app_secret: |-\n\n      ${ONE} and ${ONE}\n      $${NOT} ${1x} ${open\n"
	d, c := newDecoder("c.yaml", nil), DefaultChannels(nil)
	d.decode([]byte(data), &c)
	w := c.Channels.WhatsApp
	equal(t, "inside", w.VerifyToken.Reveal(), "ab")
	equal(t, "default", w.AccessToken.Reveal(), "x")
	equal(t, "escaped and malformed", w.AppSecret.Reveal(), "and \n${NOT} ${1x} ${open")
	equal(t, "unset", d.problems.Unset().Strings(), []string{
		"c.yaml:3:20: note: the environment variable ONE is not set, so this is empty",
		"c.yaml:7:7: note: the environment variable ONE is not set, so this is empty",
	})
	equal(t, "names", d.problems.Unset()[0].Variable, "ONE")
	equal(t, "errors", d.problems.HasErrors(), false)
	equal(t, "warnings", len(d.problems.Warnings()), 1)
}

func TestNearest(t *testing.T) {
	for _, c := range [][2]string{{"temprature", "temperature"}, {"MODEL", "model"}, {"modle", "model"}, {"xyz", ""}, {"ab", "abc"}, {strings.Repeat("a", 1000), ""}} {
		if got := nearest(c[0], []string{"model", "temperature", "abc"}); got != c[1] {
			t.Errorf("%s: %q", c[0], got)
		}
	}
}
