package config

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// models checks every candidate of an agent.
func (d *decoder) models(m *Models) {
	const at = "spec.model"
	d.choice(at+".routing.strategy", m.Routing.Strategy, "strategy", strategies())
	if m.Primary != nil {
		d.candidate(at+".primary", m.Primary)
	}
	if m.Fallback != nil {
		d.candidate(at+".fallback", m.Fallback)
	}
	for i := range m.Extra {
		d.candidate(at+".extra."+m.Extra[i].Name, &m.Extra[i].Candidate)
	}
	if m.Default != nil {
		d.role(at+".default", m.Default)
	}
	for name, role := range m.Roles {
		d.role(at+".roles."+name, &role)
	}
	d.duration(at+".routing.health_check_interval", m.Routing.HealthCheckInterval)
	d.twoForms(m)
	if len(m.Ordered()) == 0 && !d.failed(at) {
		d.errorf(at, "spec.model names no model; write at least primary with provider and model")
	}
}

func (d *decoder) role(at string, r *ModelRole) {
	d.choice(at+".strategy", r.Strategy, "strategy", strategies())
	for i := range r.Candidates {
		d.candidate(fmt.Sprintf("%s.candidates[%d]", at, i), &r.Candidates[i])
	}
}

// candidate checks one candidate, and moves keep_alive and think out of
// parameters, where files write them too, to their own fields.
func (d *decoder) candidate(at string, c *Candidate) {
	kind := c.Kind()
	path := at + ".provider"
	if c.Provider == "" && c.Source != "" {
		path = at + ".source"
	}
	switch {
	case c.Provider != "" && c.Source != "" && c.Provider != c.Source:
		d.errorf(at+".source", "provider and source name the same thing and differ; keep one")
	case kind == "" && c.ProviderRef == "" && !d.failed(at):
		d.errorf(at, "this model names no provider: write provider: ollama, or providerRef with a name from %s", providersFile)
	case kind != "" || d.has(path):
		d.choice(path, kind, "provider", providerTypes())
	}
	if c.Model == "" && c.ProviderRef == "" && kind != "" && !d.failed(at+".model") {
		d.errorf(at+".model", "model is missing: name the model to ask%s", modelHint(kind))
	}
	d.duration(at+".timeout", c.Timeout)
	d.server(at, kind, c.Endpoint, c.APIKeyEnv)
	if c.ProviderRef == "" {
		d.needsEndpoint(at, kind, c.Endpoint)
	}
	if kind == "builtin" {
		d.faq(at, c)
		return
	}
	d.moveOut(at, c)
	d.parameters(at+".parameters", c.Parameters)
	d.parametersOf(at, c, kind)
}

func modelHint(kind string) string {
	if kind == "builtin" {
		return "; builtin has faq"
	}
	return ""
}

// moveOut takes keep_alive and think out of parameters.
func (d *decoder) moveOut(at string, c *Candidate) {
	if v, ok := c.Parameters["keep_alive"]; ok {
		span, err := parseDuration(fmt.Sprint(v))
		switch {
		case err != nil:
			d.errorf(at+".parameters.keep_alive", `keep_alive must be a number of seconds, a duration such as "10m", or -1 for ever`)
		case c.KeepAlive == nil:
			c.KeepAlive = &span
		case *c.KeepAlive != span:
			d.twice(at, "keep_alive")
		}
		delete(c.Parameters, "keep_alive")
	}
	if v, ok := c.Parameters["think"]; ok {
		think, err := parseBool(fmt.Sprint(v))
		switch {
		case err != nil:
			d.errorf(at+".parameters.think", "think must be true or false")
		case c.Think == nil:
			c.Think = &think
		case *c.Think != think:
			d.twice(at, "think")
		}
		delete(c.Parameters, "think")
	}
}

// twice warns of a key that stands beside parameters and, different, among them.
func (d *decoder) twice(at, key string) {
	d.addAt(d.keyPlace(at+".parameters."+key), Warning, key+" is written twice: the one beside parameters counts")
}

// parameters checks what is sent to a model server with each request.
func (d *decoder) parameters(at string, p map[string]any) {
	kinds := parameterKinds()
	for name, value := range p {
		path := join(at, name)
		want, known := kinds[name]
		if !known {
			continue // what that means is for the kind of server, see parametersOf
		}
		fixed, err := parameter(want, value)
		if err != "" {
			d.errorf(path, "%s must be %s", path, err)
			continue
		}
		p[name] = fixed
	}
	if a, b := p["max_tokens"], p["num_predict"]; a != nil && b != nil && fmt.Sprint(a) != fmt.Sprint(b) {
		d.errorf(join(at, "num_predict"), "max_tokens and num_predict name the same thing and differ; keep one")
	}
	d.ranges(at, p)
}

// parameter turns a value into the type that a parameter has; the error says
// what it must be.
func parameter(want string, value any) (fixed any, problem string) {
	text, _ := value.(string) // a number in quotes, or out of a variable
	switch want {
	case "number":
		switch v := value.(type) {
		case int, float64:
			return v, ""
		}
		if f, err := parseFloat(text); err == nil {
			return f, ""
		}
		return nil, "a number"
	case "integer":
		if i, err := wholeNumber(fmt.Sprint(value)); err == nil {
			return i, ""
		}
		return nil, "a whole number"
	default:
		if text != "" {
			return []any{text}, ""
		}
		list, ok := value.([]any)
		if !ok || slices.ContainsFunc(list, func(v any) bool { s, ok := v.(string); return !ok || s == "" }) {
			return nil, "a text or a list of texts"
		}
		return list, ""
	}
}

// ranges refuses numbers that a server would refuse, or silently bend: what loads
// here is what whoever makes the model takes, too.
func (d *decoder) ranges(at string, p map[string]any) {
	for _, r := range []struct {
		name      string
		low, high float64
	}{
		{"temperature", 0, 5}, {"top_p", 0, 1}, {"min_p", 0, 1},
		{"presence_penalty", -2, 2}, {"frequency_penalty", -2, 2}, {"repeat_penalty", 0, 10}, {"typical_p", 0, 1},
		{"top_k", 0, 1 << 20}, {"num_ctx", 128, 1 << 24}, {"max_tokens", 1, 1 << 20}, {"num_predict", 1, 1 << 20},
		{"seed", -1, math.MaxInt32}, {"repeat_last_n", -1, 1 << 20}, {"num_keep", -1, 1 << 20},
	} {
		d.between(at, p, r.name, r.low, r.high)
	}
}

// between refuses a number that is there and not in a range.
func (d *decoder) between(at string, p map[string]any, name string, low, high float64) {
	value := reflect.ValueOf(p[name])
	var f float64
	switch {
	case !value.IsValid():
		return
	case value.CanInt():
		f = float64(value.Int())
	case value.CanFloat():
		f = value.Float()
	}
	if path := join(at, name); f < low || f > high {
		d.errorf(path, "%s must be between %s and %s", path, plainNumber(low), plainNumber(high))
	}
}

func plainNumber(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// faq checks the questions and answers of the builtin provider.
func (d *decoder) faq(at string, c *Candidate) {
	if path := at + ".model"; c.Model != "" && c.Model != "faq" {
		d.errorf(path, "the builtin provider has the model faq only, not %s", d.word(path, c.Model))
	}
	at += ".parameters"
	fallback, _ := c.Parameters["default"].(string)
	list, isList := c.Parameters["faq"].([]any)
	switch {
	case c.Parameters["faq"] != nil && !isList:
		d.errorf(at+".faq", "faq must be a list of {q: question, a: answer}")
	case len(list) == 0 && strings.TrimSpace(fallback) == "":
		d.errorf(at, "the builtin provider needs parameters.faq, a list of {q: question, a: answer}, or parameters.default, a text")
	}
	if c.Parameters["default"] != nil && fallback == "" {
		d.errorf(at+".default", "default must be a text")
	}
	for i, entry := range list {
		path := fmt.Sprintf("%s.faq[%d]", at, i)
		m, _ := entry.(map[string]any)
		q, a := m["q"], m["a"]
		if (!isSentence(q) || !isSentence(a)) && !d.failed(path) {
			d.errorf(path, "each entry of faq is {q: question, a: answer}, both texts")
		}
	}
	for _, name := range sortedKeys(c.Parameters) {
		if path := join(at, name); name != "faq" && name != "default" {
			d.addAt(d.keyPlace(path), Warning, "unknown parameter "+quote(name)+": it has no effect"+didYouMean(name, []string{"faq", "default"}))
		}
	}
}

func isSentence(v any) bool {
	s, ok := v.(string)
	return ok && strings.TrimSpace(s) != ""
}
