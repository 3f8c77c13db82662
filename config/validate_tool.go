package config

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strings"
	"time"
	_ "time/tzdata" // a Windows machine has no time zone files of its own

	"github.com/jmespath/go-jmespath"
)

// keysOfTool are the keys that a type of tool has besides those of every tool. A
// type that is not here takes any.
func keysOfTool() map[string][]string {
	keys := map[string][]string{"builtin": {}, "client": {}, "agent": {"agent"}}
	for kind, own := range outsideKeys() {
		keys[kind] = own
	}
	return keys
}

// builtinSettings are the keys of config that each builtin tool acts on, with
// what is right for the value: "" or a sentence's end.
func builtinSettings() map[string]map[string]func(v any) string {
	type settings = map[string]func(v any) string
	return map[string]settings{
		"cache_store": {
			"scope": words("customer", "agent"), "ttl_seconds": numberWithin(1, 400*24*60*60),
		},
		"datetime_now":     {"timezone": timeZone},
		"get_user_context": {},
		"hand_over":        {},
		"http_request":     httpRequestSettings(),
		"json_transform":   {"expression": jmesPath},
		"send_message":     {},
		"text_summarize":   {"max_words": numberWithin(1, 400)},
	}
}

// builtinNames are the names of the tools that are part of the program.
func builtinNames() []string { return sortedKeys(builtinSettings()) }

func (d *decoder) tools(tools []Tool) {
	seen := map[string]bool{}
	for i, t := range tools {
		at := fmt.Sprintf("spec.tools[%d]", i)
		if d.failed(at) {
			continue
		}
		if t.Type == "" && !d.has(at+".type") {
			d.errorf(at+".type", "this tool has no type: it is %s", oneOf(toolTypes()))
			continue
		}
		if !d.choice(at+".type", t.Type, "type of tool", toolTypes()) {
			continue
		}
		d.toolName(at, t, seen)
		d.toolKeysOf(at, t)
		if t.Type == "builtin" {
			d.builtin(at, t)
		} else {
			d.toolParameters(at+".parameters", t.Parameters)
		}
		d.outside(at, t)
		if t.RateLimit != nil {
			d.positive(at+".rate_limit.max_calls", t.RateLimit.MaxCalls)
			d.duration(at+".rate_limit.window_seconds", t.RateLimit.WindowSeconds)
		}
	}
}

// toolName checks what the model calls a tool by: servers refuse other letters,
// and small models lose them.
func (d *decoder) toolName(at string, t Tool, seen map[string]bool) {
	path := at + ".name"
	switch {
	case t.Name == "" && t.Type == "builtin":
		d.errorf(path, "this builtin tool has no name")
	case t.Name == "" && t.Type != "mcp":
		d.errorf(path, "this tool has no name: the model calls it by one")
	case t.Name != "" && seen[t.Name]:
		d.errorf(path, "there is another tool of the name %s; a model calls tools by their names", d.word(path, t.Name))
	case t.Name != "" && !regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`).MatchString(t.Name):
		d.errorf(path, "the name of a tool may have up to 64 of a-z, A-Z, 0-9, _ and -, not %s", d.word(path, t.Name))
	}
	seen[t.Name] = true
}

// toolKeysOf warns of keys that a type of tool does not have.
func (d *decoder) toolKeysOf(at string, t Tool) {
	known, checked := keysOfTool()[t.Type]
	if !checked {
		return
	}
	names := append(fieldsOf(reflect.TypeFor[Tool]()).names, known...)
	for _, key := range sortedKeys(t.Rest) {
		if !contains(known, key) && !elsewhere(t.Type, key) {
			d.addAt(d.keyPlace(join(at, key)), Warning, "unknown key "+quote(key)+within(at)+": it has no effect"+didYouMean(key, names))
		}
	}
}

// builtin checks a tool that is part of the program. One of another program's
// loads, so that its file does; the model is not offered it.
func (d *decoder) builtin(at string, t Tool) {
	settings, ours := builtinSettings()[t.Name]
	if !ours {
		if t.Name != "" {
			d.warnf(at+".name", "there is no builtin tool %s here, so the model is not offered it: there are %s%s",
				d.word(at+".name", t.Name), oneOf(builtinNames()), didYouMean(t.Name, builtinNames()))
		}
		return
	}
	if len(t.Parameters) > 0 {
		d.addAt(d.keyPlace(at+".parameters"), Warning, "parameters has no effect here: the builtin tool "+t.Name+" has its own")
	}
	for _, key := range sortedKeys(t.Config) {
		path := at + ".config." + key
		check, known := settings[key]
		if !known && key == longTimeout && settings["timeout"] != nil {
			continue
		}
		if !known {
			d.addAt(d.keyPlace(path), Warning, "unknown key "+quote(key)+within(at+".config")+": it has no effect"+didYouMean(key, sortedKeys(settings)))
			continue
		}
		if fault := check(t.Config[key]); fault != "" {
			d.errorf(path, "%s of %s %s", key, t.Name, fault)
		}
	}
}

// toolParameters checks both forms: JSON Schema, which says type: object or has
// properties, and the short form, a map from names to what they are.
func (d *decoder) toolParameters(at string, p map[string]any) {
	properties, isSchema := p["properties"].(map[string]any)
	kind, isText := p["type"].(string)
	switch {
	case isSchema && isText && kind != "object":
		d.errorf(at+".type", "the parameters of a tool are an object, not %s", d.word(at+".type", kind))
		return
	case isText && !isSchema && kind != "object":
		d.errorf(at+".type", "%s is not what parameters are: write a JSON Schema with type: object and properties, or {name: {type, description}}", d.word(at+".type", kind))
		return
	case isSchema:
		p, at = properties, at+".properties"
	case isText:
		return // an object without properties
	}
	for _, name := range sortedKeys(p) {
		d.toolParameter(at+"."+name, p[name], isSchema)
	}
}

func (d *decoder) toolParameter(at string, v any, isSchema bool) {
	switch x := v.(type) {
	case map[string]any:
		if kind, isText := x["type"].(string); isText && !contains(parameterTypes(isSchema), strings.ToLower(kind)) {
			d.errorf(at+".type", "%s is not a type of a parameter: it is string, integer, number, boolean, array or object", d.word(at+".type", kind))
		}
	case string:
		if !isSchema && !contains(parameterTypes(false), strings.ToLower(x)) {
			d.errorf(at, "%s is not a type of a parameter: it is string, integer, number, boolean, array or object", d.word(at, x))
		}
	case nil, bool: // any value at all
	default:
		d.errorf(at, "a parameter is described as {type: …, description: …}")
	}
}

func parameterTypes(isSchema bool) []string {
	types := []string{"string", "integer", "number", "boolean", "array", "object", "null"}
	if !isSchema { // as people write them
		types = append(types, "str", "text", "int", "float", "bool", "list", "dict")
	}
	return types
}

func words(allowed ...string) func(any) string {
	return func(v any) string {
		if s, ok := v.(string); ok && contains(allowed, s) {
			return ""
		}
		return "must be " + oneOf(allowed)
	}
}

func numberWithin(least, most int) func(any) string {
	return func(v any) string {
		f, ok := 0.0, true
		switch x := v.(type) {
		case int:
			f = float64(x)
		case int64:
			f = float64(x)
		case uint64:
			f = float64(x)
		case float64:
			f = x
		default:
			ok = false
		}
		if !ok || f != math.Trunc(f) || f < float64(least) || f > float64(most) {
			return fmt.Sprintf("must be a whole number from %d to %d", least, most)
		}
		return ""
	}
}

func timeZone(v any) string {
	name, ok := v.(string)
	if _, err := time.LoadLocation(name); !ok || err != nil {
		return "must be a time zone such as Europe/Madrid"
	}
	return ""
}

func jmesPath(v any) string {
	text, ok := v.(string)
	if _, err := jmespath.Compile(text); !ok || err != nil {
		return "must be a JMESPath expression, such as items[].name"
	}
	return ""
}
