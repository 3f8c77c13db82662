package model

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// defaultMaxTokens bounds an answer where the agent sets no max_tokens. A
// WhatsApp message holds 4,096 characters, about this many tokens; without a
// bound a model that repeats itself generates until the context is full.
const defaultMaxTokens = 1024

// parameters is what an agent's `parameters` mean to Ollama.
type parameters struct {
	options   map[string]any // as /api/chat takes them, without num_ctx
	maxTokens int            // num_predict
	numCtx    int            // set by the agent, 0 = we choose
}

// parameterRule says what a parameter may be.
type parameterRule struct {
	option   string // Ollama's name, "" = the same
	integer  bool
	min, max float64
}

// The ranges are those within which Ollama's samplers are defined
// (docs/modelfile: "Valid Parameters and Values").
var parameterRules = map[string]parameterRule{
	"temperature":       {min: 0, max: 10},
	"top_p":             {min: 0, max: 1},
	"min_p":             {min: 0, max: 1},
	"typical_p":         {min: 0, max: 1},
	"top_k":             {integer: true, min: 0, max: 1 << 20},
	"seed":              {integer: true, min: -1, max: math.MaxInt32},
	"repeat_penalty":    {min: 0, max: 10},
	"repeat_last_n":     {integer: true, min: -1, max: 1 << 20},
	"presence_penalty":  {min: -2, max: 2},
	"frequency_penalty": {min: -2, max: 2},
	"num_keep":          {integer: true, min: -1, max: 1 << 20},
	"num_ctx":           {integer: true, min: 128, max: 1 << 24},
	"max_tokens":        {option: "num_predict", integer: true, min: 1, max: 1 << 20},
	"num_predict":       {integer: true, min: 1, max: 1 << 20},
}

// OllamaParameters are the parameters of an agent's file that Ollama knows.
func OllamaParameters() []string { return append(sortedNames(parameterRules), "stop") }

// parseParameters checks an agent's parameters and tells every problem at once.
func parseParameters(given map[string]any) (parameters, error) {
	p := parameters{options: map[string]any{"num_predict": defaultMaxTokens}}
	var problems []string
	for _, name := range sortedNames(given) {
		if err := p.take(name, given[name]); err != nil {
			problems = append(problems, err.Error())
		}
	}
	if len(problems) > 0 {
		return parameters{}, fmt.Errorf("model parameters: %s", strings.Join(problems, "; "))
	}
	p.maxTokens = p.options["num_predict"].(int)
	return p, nil
}

func (p *parameters) take(name string, value any) error {
	if name == "stop" {
		stop, err := stopWords(value)
		if err != nil {
			return err
		}
		p.options["stop"] = stop
		return nil
	}
	rule, ok := parameterRules[name]
	if !ok {
		return fmt.Errorf("%s is not a parameter of Ollama (there are: stop, %s)", name, strings.Join(sortedNames(parameterRules), ", "))
	}
	n, ok := number(value)
	if !ok || n < rule.min || n > rule.max || rule.integer && n != math.Trunc(n) {
		kind := "a number"
		if rule.integer {
			kind = "a whole number"
		}
		return fmt.Errorf("%s must be %s from %s to %s, not %v", name, kind, plain(rule.min), plain(rule.max), value)
	}
	option := name
	if rule.option != "" {
		option = rule.option
	}
	switch {
	case name == "num_ctx":
		p.numCtx = int(n)
	case rule.integer:
		p.options[option] = int(n)
	default:
		p.options[option] = n
	}
	return nil
}

func stopWords(value any) ([]string, error) {
	list, ok := value.([]any)
	switch v := value.(type) {
	case string:
		list, ok = []any{v}, true
	case []string:
		ok = true
		for _, s := range v {
			list = append(list, s)
		}
	}
	var words []string
	for _, entry := range list {
		s, isString := entry.(string)
		ok = ok && isString && s != ""
		words = append(words, s)
	}
	if !ok {
		return nil, fmt.Errorf("stop must be a text or a list of texts, not %v", value)
	}
	return words, nil
}

// number accepts every number type that YAML or JSON decoding hands out.
func number(value any) (float64, bool) {
	var n float64
	switch v := value.(type) {
	case int:
		n = float64(v)
	case int64:
		n = float64(v)
	case uint64:
		n = float64(v)
	case float64:
		n = v
	case float32:
		n = float64(v)
	default:
		return 0, false
	}
	return n, !math.IsNaN(n) && !math.IsInf(n, 0)
}

// plain writes a number without exponent.
func plain(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
