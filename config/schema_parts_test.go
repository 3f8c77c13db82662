package config

import (
	"slices"
	"testing"

	"github.com/invopop/jsonschema"
)

// partKey is a key that belongs to one kind of entry only.
type partKey struct {
	name, kind string // kind is JSON's: string, object …
	means      string
	words      []said
	keys       []partKey // of an object
}

// addParts says what belongs to which type of guardrail and of tool, and which
// parameters a model has.
func addParts(t *testing.T, root *jsonschema.Schema) {
	t.Helper()
	guardrail := root.Definitions["Guardrail"]
	for _, kind := range sortedKeys(guardrailTypes()) {
		then := jsonschema.Schema{Properties: jsonschema.NewProperties()}
		action := &jsonschema.Schema{Enum: anyOf(guardrailTypes()[kind])}
		then.Properties.Set("action", action)
		for p := guardrail.Properties.Oldest(); p != nil; p = p.Next() {
			if p.Key != "type" && p.Key != "action" && !slices.Contains(guardrailKeys()[kind], p.Key) {
				then.Properties.Set(p.Key, jsonschema.FalseSchema)
			}
		}
		guardrail.AllOf = append(guardrail.AllOf, &jsonschema.Schema{If: is("type", kind), Then: &then})
	}
	parameters, _ := root.Definitions["Candidate"].Properties.Get("parameters")
	parameters.Properties = jsonschema.NewProperties()
	kinds := map[string]*jsonschema.Schema{"number": {Type: "number"}, "integer": {Type: "integer"}, "texts": {
		AnyOf: []*jsonschema.Schema{{Type: "string"}, {Type: "array", Items: &jsonschema.Schema{Type: "string"}}},
	}}
	for _, name := range sortedKeys(parameterKinds()) {
		s := *kinds[parameterKinds()[name]]
		if s.Description = parameterMeans()[name]; s.Description == "" {
			t.Errorf("the parameter %s has no description", name)
		}
		parameters.Properties.Set(name, &s)
	}
	tool := root.Definitions["Tool"]
	for _, kind := range toolTypes() {
		if keys := toolKeys()[kind]; len(keys) > 0 {
			tool.AllOf = append(tool.AllOf, &jsonschema.Schema{If: is("type", kind), Then: objectOf(keys)})
		}
	}
	for _, b := range builtinTools() {
		if len(b.keys) > 0 {
			config := []partKey{{name: "config", keys: b.keys}}
			tool.AllOf = append(tool.AllOf, &jsonschema.Schema{If: is("type", "builtin", "name", b.name), Then: objectOf(config)})
		}
	}
}

// is holds for an entry whose keys have these values.
func is(pairs ...string) *jsonschema.Schema {
	s := &jsonschema.Schema{Properties: jsonschema.NewProperties()}
	for i := 0; i < len(pairs); i += 2 {
		s.Properties.Set(pairs[i], &jsonschema.Schema{Const: pairs[i+1]})
		s.Required = append(s.Required, pairs[i])
	}
	return s
}

func objectOf(keys []partKey) *jsonschema.Schema {
	s := &jsonschema.Schema{Properties: jsonschema.NewProperties()}
	for _, k := range keys {
		p := &jsonschema.Schema{Type: k.kind, Description: k.means}
		if len(k.keys) > 0 {
			p.Properties = objectOf(k.keys).Properties
		}
		if k.kind == "array" {
			p.Items = &jsonschema.Schema{Type: "string"}
			setWords(p.Items, k.words)
		} else {
			setWords(p, k.words)
		}
		s.Properties.Set(k.name, p)
	}
	return s
}

// setWords gives the words of a key and, beside them, what each means.
func setWords(s *jsonschema.Schema, words []said) {
	if len(words) == 0 {
		return
	}
	var means []string
	for _, w := range words {
		s.Enum = append(s.Enum, w.word)
		means = append(means, w.means)
	}
	s.Extras = map[string]any{"enumDescriptions": means}
}
