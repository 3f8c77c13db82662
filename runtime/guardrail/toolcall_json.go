package guardrail

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"astromesh/runtime/model/loosejson"
)

const (
	maxValues  = 300     // brackets of a reply that are tried as JSON
	maxRepairs = 24      // of them, or of names, that are tried as broken JSON
	maxBroken  = 8 << 10 // bytes that are read as one broken value
)

// broken reads a value that json cannot read.
func broken(text string) (value any, end int, ok bool) {
	return loosejson.Value(text[:min(len(text), maxBroken)])
}

// jsonCalls finds calls written as plain JSON.
func jsonCalls(text string, offered []string) []call {
	var calls []call
	tried, repairs := 0, 0
	for i := 0; i < len(text) && tried < maxValues; i++ {
		if text[i] != '{' && text[i] != '[' {
			continue
		}
		tried++
		value, end := readJSON(text, i, offered, &repairs)
		if value == nil {
			continue
		}
		found := callsOf(value, offered)
		if found == nil {
			found = callsInside(value, offered)
		}
		for k := range found {
			found[k].start, found[k].end = i, end
		}
		calls = append(calls, found...)
		i = end - 1 // what lies inside was looked at
	}
	return calls
}

// readJSON decodes the value at i and gives where it ends. Broken JSON is read
// only where it begins as a call does.
func readJSON(text string, i int, offered []string, repairs *int) (any, int) {
	dec := json.NewDecoder(strings.NewReader(text[i:]))
	var value any
	if dec.Decode(&value) == nil {
		return value, i + int(dec.InputOffset())
	}
	if *repairs == maxRepairs {
		return nil, 0
	}
	return repairCall(text, i, offered, repairs)
}

// callsOf reads the shapes in which models write calls.
func callsOf(value any, offered []string) []call {
	switch v := value.(type) {
	case []any:
		var calls []call
		for _, item := range v {
			one := callsOf(item, offered)
			if one == nil {
				return nil // a list of something else
			}
			calls = append(calls, one...)
		}
		return calls
	case map[string]any:
		for _, key := range [...]string{"tool_calls", "tool_uses", "function_calls"} {
			if list, ok := v[key].([]any); ok {
				return append(callsOf(list, offered), call{})
			}
		}
		for _, key := range [...]string{"function", "function_call", "tool_call"} {
			if inner, ok := v[key].(map[string]any); ok {
				if c, ok := callOf(inner, offered); ok {
					return []call{c}
				}
			}
		}
		if c, ok := callOf(v, offered); ok {
			return []call{c}
		}
		return keyedCalls(v, offered)
	}
	return nil
}

// keyedCalls reads {"book_table": {"people": 2}}: nothing but offered tools with
// their arguments.
func keyedCalls(v map[string]any, offered []string) []call {
	var calls []call
	for _, key := range slices.Sorted(maps.Keys(v)) {
		args, isObject := v[key].(map[string]any)
		if !isObject || !slices.Contains(offered, key) {
			return nil
		}
		calls = append(calls, call{name: key, args: args})
	}
	return calls
}

// callsInside looks for calls of offered tools in what is not a call itself,
// such as {"response": {"name": …}}.
func callsInside(value any, offered []string) []call {
	var calls []call
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			calls = append(calls, callsInside(item, offered)...)
		}
	case map[string]any:
		if c, ok := callOf(v, offered); ok {
			if _, known := offeredName(c.name, offered); known {
				return []call{c}
			}
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			calls = append(calls, callsInside(v[key], offered)...)
		}
	}
	return calls
}

// callOf reads {"name": …, "arguments": {…}} and its variants. A name that was
// not offered needs the exact shape: {"name": "Ana", "age": 3} is no call.
func callOf(v map[string]any, offered []string) (call, bool) {
	var c call
	argsSeen, plainName := false, false
	flat := map[string]any{} // what stands beside the name
	for _, key := range slices.Sorted(maps.Keys(v)) {
		val := v[key]
		switch strings.ToLower(key) {
		case "name", "tool", "tool_name", "function", "function_name", "action", "recipient_name":
			if s, ok := val.(string); ok && c.name == "" {
				c.name, plainName = s, key == "name"
				continue
			}
			flat[key] = val
		case "arguments", "parameters", "args", "input", "tool_input", "action_input", "params", "function_arguments", "kwargs":
			c.args, argsSeen = argsOf(val), true
		case "id", "type", "call_id", "index", "tool_call_id", "thought", "reasoning":
		default:
			flat[key] = val
		}
	}
	if _, known := offeredName(c.name, offered); known {
		if !argsSeen && len(flat) > 0 { // {"tool": "book_table", "people": 2}
			c.args, argsSeen = flat, !plainName || strings.Contains(c.name, "_")
		}
		return c, argsSeen || len(flat) == 0
	}
	return c, c.name != "" && argsSeen && len(flat) == 0
}

// argsOf takes arguments as an object or as JSON in a string.
func argsOf(value any) map[string]any {
	switch v := value.(type) {
	case map[string]any:
		return v
	case string:
		return objectIn(v)
	}
	return map[string]any{}
}

var (
	// unfinishedCall is the exact shape of a call, whatever its name.
	unfinishedCall = regexp.MustCompile(`^\{\s*"(?:name|tool|tool_name|function_name|action)"\s*:\s*"[\w.-]+"\s*,\s*"(?:arguments|parameters|args|input|tool_input|action_input|params)"\s*:\s*["{]`)
	brokenCall     = regexp.MustCompile(`^\{\s*(?:\\?["'“])?(?:name|tool|tool_name|function|function_name|action)(?:\\?["'”])?\s*:\s*(?:\\?["'“])?([\w.-]+)`)
)

// repairLook is how far behind a bracket an offered name must stand, in bytes,
// for broken JSON to be worth reading.
const repairLook = 400

// repairCall reads what small models make of JSON. It gives nil unless the text
// at i is the call of an offered tool, or in the exact shape of a call and never
// ends: the model ran out of tokens.
func repairCall(text string, i int, offered []string, repairs *int) (any, int) {
	m := brokenCall.FindStringSubmatch(text[i:min(len(text), i+repairLook)])
	near := text[i:min(len(text), i+repairLook)]
	if m == nil && !slices.ContainsFunc(offered, func(name string) bool { return name != "" && strings.Contains(near, name) }) {
		return nil, 0
	}
	*repairs++
	if value, end, ok := broken(text[i:]); ok {
		known := func(c call) bool { _, ok := offeredName(c.name, offered); return ok }
		if slices.ContainsFunc(callsOf(value, offered), known) || slices.ContainsFunc(callsInside(value, offered), known) {
			return value, i + end
		}
	}
	if m == nil || text[i] != '{' {
		return nil, 0
	}
	end, missing := balance(text, i)
	if _, known := offeredName(m[1], offered); !known && (missing == "" || !unfinishedCall.MatchString(text[i:])) {
		return nil, 0
	}
	if fence := strings.Index(text[i:end], "```"); fence > 0 && missing != "" {
		end = i + fence
	}
	return map[string]any{"name": m[1], "arguments": map[string]any{}}, end
}

// balance finds where the bracket at i closes. Where it does not, end is the
// text's end and missing what would close it.
func balance(text string, i int) (end int, missing string) {
	var open []byte
	var quote byte
	for k := i; k < len(text); k++ {
		c := text[k]
		switch {
		case quote != 0:
			if c == '\\' {
				k++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'' && k > i && strings.IndexByte("{[(:,= ", text[k-1]) >= 0:
			quote = c
		case c == '{':
			open = append(open, '}')
		case c == '[':
			open = append(open, ']')
		case c == '(':
			open = append(open, ')')
		case len(open) > 0 && c == open[len(open)-1]:
			if open = open[:len(open)-1]; len(open) == 0 {
				return k + 1, ""
			}
		}
	}
	slices.Reverse(open)
	if quote != 0 {
		open = append([]byte{quote}, open...)
	}
	return len(text), string(open)
}
