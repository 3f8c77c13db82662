package tool

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// checker holds a model's arguments against a tool's schema.
type checker struct {
	schema   map[string]any
	resolved *jsonschema.Resolved
}

// newChecker compiles a schema. It never loads what a schema refers to elsewhere:
// such a reference is an error.
func newChecker(schema json.RawMessage) (*checker, error) {
	if len(schema) == 0 {
		schema = json.RawMessage(emptySchema)
	}
	var s jsonschema.Schema
	c := &checker{}
	if err := errors.Join(json.Unmarshal(schema, &s), json.Unmarshal(schema, &c.schema)); err != nil {
		return nil, fmt.Errorf("its parameters are no JSON Schema: %w", err)
	}
	var err error
	if c.resolved, err = s.Resolve(nil); err != nil {
		return nil, fmt.Errorf("its parameters are no JSON Schema: %w", err)
	}
	return c, nil
}

// check gives the arguments as the tool may have them. Small models write "5"
// for 5, one thing for a list of one, and copies of the schema for what they do
// not know: that is mended. What cannot be is an error in words for the model.
func (c *checker) check(arguments map[string]any) (map[string]any, error) {
	// Through JSON once: the check knows JSON's types only.
	b, err := json.Marshal(arguments)
	if err != nil {
		return nil, errors.New("the arguments could not be read")
	}
	args := map[string]any{}
	if err := json.Unmarshal(b, &args); err != nil || args == nil {
		args = map[string]any{}
	}
	c.nameIt(args)
	args, _ = mended(args, c.schema, 0).(map[string]any)
	if missing := c.missing(args); len(missing) > 0 {
		return nil, fmt.Errorf("%s missing: call it again with every required argument (%s)", list(missing), list(c.required()))
	}
	if err := c.resolved.Validate(args); err != nil {
		return nil, fmt.Errorf("the arguments do not fit: %s", clip(plain(err), 300))
	}
	return args, nil
}

func (c *checker) required() []string {
	var names []string
	listed, _ := c.schema["required"].([]any)
	for _, v := range listed {
		if name, ok := v.(string); ok {
			names = append(names, name)
		}
	}
	return names
}

func (c *checker) missing(args map[string]any) []string {
	return slices.DeleteFunc(c.required(), func(name string) bool { _, there := args[name]; return there })
}

// plain takes the way through the schema out of the library's error: a model
// needs the value and the rule.
func plain(err error) string {
	text := err.Error()
	if i := strings.LastIndex(text, "validating /"); i >= 0 {
		text = text[i+len("validating /"):]
	}
	return strings.NewReplacer("properties/", "", "validating root: ", "").Replace(text)
}

// mended makes a value fit a schema's type, as far as that is beyond doubt.
func mended(v any, schema map[string]any, depth int) any {
	if depth > 8 {
		return v
	}
	kinds := kindsOf(schema)
	switch x := v.(type) {
	case map[string]any:
		return mendedMap(x, schema, kinds, depth)
	case []any:
		items, _ := schema["items"].(map[string]any)
		list := make([]any, len(x))
		for i, item := range x {
			list[i] = mended(item, items, depth+1)
		}
		return list
	case string:
		read := fromText(x, kinds)
		if _, still := read.(string); !still {
			return mended(read, schema, depth+1)
		}
		return inEnum(read, schema)
	case float64, bool:
		if len(kinds) == 1 && kinds[0] == "string" {
			return inEnum(scalar(x), schema)
		}
	}
	return inList(v, kinds, schema, depth)
}

// mendedMap mends each property, and drops what is as good as not given: null,
// and a copy of the schema in the place of a value.
func mendedMap(x, schema map[string]any, kinds []string, depth int) any {
	properties, _ := schema["properties"].(map[string]any)
	if len(kinds) == 1 && kinds[0] == "array" {
		return inList(x, kinds, schema, depth)
	}
	out := maps.Clone(x)
	for name, raw := range x {
		property, known := properties[name].(map[string]any)
		if !known {
			continue
		}
		wants := kindsOf(property)
		_, nested := raw.(map[string]any)
		switch {
		case raw == nil && !slices.Contains(wants, "null") && len(wants) > 0,
			nested && isCopy(raw, wants):
			delete(out, name)
		default:
			out[name] = mended(raw, property, depth+1)
		}
	}
	return out
}

func isCopy(raw any, wants []string) bool {
	m, _ := raw.(map[string]any)
	_, kind := m["type"].(string)
	return kind && len(wants) > 0 && !slices.Contains(wants, "object")
}

// kindsOf are the types that a schema allows; none = any.
func kindsOf(schema map[string]any) (kinds []string) {
	switch t := schema["type"].(type) {
	case string:
		return []string{t}
	case []any:
		for _, v := range t {
			if kind, ok := v.(string); ok {
				kinds = append(kinds, kind)
			}
		}
	}
	return kinds
}

// fromText reads a text as what is wanted, where a text is not.
func fromText(s string, kinds []string) any {
	if len(kinds) == 0 || slices.Contains(kinds, "string") {
		return s
	}
	trimmed := strings.TrimSpace(s)
	for _, kind := range kinds {
		switch kind {
		case "integer", "number":
			if f, err := strconv.ParseFloat(strings.Replace(trimmed, ",", ".", 1), 64); err == nil && isFinite(f) {
				return f
			}
		case "boolean":
			switch strings.ToLower(trimmed) {
			case "true", "yes", "1":
				return true
			case "false", "no", "0":
				return false
			}
		case "object", "array":
			var v any
			if json.Unmarshal([]byte(trimmed), &v) == nil {
				if _, isMap := v.(map[string]any); isMap == (kind == "object") && v != nil {
					return v
				}
			}
		}
	}
	if slices.Contains(kinds, "array") && trimmed != "" {
		return []any{s}
	}
	return s
}

func isFinite(f float64) bool { return f-f == 0 }

// inEnum finds a word among those allowed, whatever its capitals.
func inEnum(v any, schema map[string]any) any {
	word, isText := v.(string)
	allowed, _ := schema["enum"].([]any)
	if !isText || slices.Contains(allowed, v) {
		return v
	}
	for _, a := range allowed {
		if s, ok := a.(string); ok && strings.EqualFold(strings.TrimSpace(word), s) {
			return s
		}
	}
	return v
}

// inList puts one thing into a list where a list is wanted.
func inList(v any, kinds []string, schema map[string]any, depth int) any {
	if v == nil || len(kinds) != 1 || kinds[0] != "array" {
		return v
	}
	items, _ := schema["items"].(map[string]any)
	return []any{mended(v, items, depth+1)}
}
