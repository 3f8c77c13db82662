package tool

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// emptySchema is the parameters of a tool that takes none.
const emptySchema = `{"type":"object","properties":{}}`

// Schema turns the parameters of a file into JSON Schema, always the same bytes.
// They are JSON Schema already, or the short form, a map from a parameter's name
// to its type and description, with required: true, enum and default where wanted.
func Schema(parameters map[string]any) (json.RawMessage, error) {
	if len(parameters) == 0 {
		return json.RawMessage(emptySchema), nil
	}
	schema := parameters
	if isShort(parameters) {
		var err error
		if schema, err = fromShort(parameters); err != nil {
			return nil, err
		}
	}
	// Maps are written in the order of their keys.
	b, err := json.Marshal(schema)
	if err != nil {
		return nil, errors.New("the parameters cannot be written as JSON")
	}
	return b, nil
}

// isShort tells the forms apart. A JSON Schema of an object says type: object or
// has properties; in the short form "type" and "properties" would be the names of
// parameters, and their values maps with a type of their own.
func isShort(p map[string]any) bool {
	if kind, written := p["type"]; written {
		_, text := kind.(string)
		return !text
	}
	if properties, written := p["properties"].(map[string]any); written {
		_, kind := properties["type"].(string)
		return kind
	}
	for _, key := range []string{"$ref", "$schema", "allOf", "anyOf", "oneOf"} {
		if _, written := p[key]; written {
			return false
		}
	}
	return true
}

func fromShort(p map[string]any) (map[string]any, error) {
	properties, required := map[string]any{}, []string{}
	for _, name := range slices.Sorted(maps.Keys(p)) {
		parameter, ok := p[name].(map[string]any)
		switch kind := p[name].(type) {
		case map[string]any:
			parameter = maps.Clone(parameter)
		case string: // the type alone
			parameter, ok = map[string]any{"type": kind}, true
		case nil:
			parameter, ok = map[string]any{}, true
		}
		if !ok {
			return nil, fmt.Errorf("the parameter %s must be a map with type and description", clip(name, 60))
		}
		wanted, said := parameter["required"].(bool)
		if said { // in JSON Schema the word stands beside properties, with a list
			delete(parameter, "required")
		}
		kind, err := typeWord(parameter["type"])
		if err != nil {
			return nil, fmt.Errorf("the parameter %s: %w", clip(name, 60), err)
		}
		parameter["type"] = kind
		properties[name] = parameter
		if wanted {
			required = append(required, name)
		}
	}
	return map[string]any{"type": "object", "properties": properties, "required": required}, nil
}

// typeWord takes the words that people write for JSON Schema's.
func typeWord(v any) (any, error) {
	if v == nil {
		return "string", nil
	}
	word, ok := v.(string)
	if !ok {
		return v, nil // a list of types: JSON Schema knows it
	}
	words := map[string]string{
		"string": "string", "str": "string", "text": "string", "integer": "integer", "int": "integer",
		"number": "number", "float": "number", "boolean": "boolean", "bool": "boolean",
		"array": "array", "list": "array", "object": "object", "dict": "object", "null": "null",
	}
	if kind := words[strings.ToLower(word)]; kind != "" {
		return kind, nil
	}
	return nil, fmt.Errorf("%q is not a type: it is string, integer, number, boolean, array or object", clip(word, 40))
}
