package guardrail

import (
	"slices"
	"strings"
)

// call is a tool call found in a text.
type call struct {
	start, end int
	name       string
	args       map[string]any
}

// RecoverToolCall finds a call that a model wrote into its answer instead of
// making it. name is one of offered, args never nil; ok is false where the
// reply calls none of them. Calls inside reasoning do not count.
func RecoverToolCall(reply string, offered []string) (name string, args map[string]any, ok bool) {
	if name, args, ok = channelCall(reply, offered); ok {
		return name, args, true
	}
	text, _ := hideReasoning(reply, nil)
	for _, c := range findCalls(text, offered) {
		if name, ok = offeredName(c.name, offered); ok {
			if c.args == nil {
				c.args = map[string]any{}
			}
			return name, c.args, true
		}
	}
	return "", nil, false
}

// findCalls gives the calls in the order of the text; they may overlap.
func findCalls(text string, offered []string) []call {
	calls := slices.Concat(markedCalls(text, offered), jsonCalls(text, offered), codeCalls(text, offered), actionCalls(text, offered))
	slices.SortStableFunc(calls, func(a, b call) int { return a.start - b.start })
	return calls
}

// hideToolCalls takes calls out, with the code fence that held only them.
func hideToolCalls(text string, offered []string) (string, bool) {
	calls := findCalls(text, offered)
	if len(calls) == 0 {
		return text, false
	}
	var kept strings.Builder
	at := 0
	for _, c := range calls {
		start, end := withFence(text, c.start, c.end)
		if start > at {
			kept.WriteString(text[at:start])
		}
		at = max(at, end)
	}
	kept.WriteString(text[at:])
	return tidy(kept.String()), true
}

// offeredName matches a name as models misspell it: with the namespace of
// OpenAI's format, in another case, with dashes for underscores.
func offeredName(name string, offered []string) (string, bool) {
	if name == "" {
		return "", false
	}
	plain := func(s string) string {
		s = strings.ToLower(strings.TrimSpace(s))
		for _, space := range []string{"functions.", "function.", "tools.", "tool.", "default_api."} {
			s = strings.TrimPrefix(s, space)
		}
		return strings.ReplaceAll(s, "-", "_")
	}
	for _, o := range offered {
		if o == name {
			return o, true
		}
	}
	for _, o := range offered {
		if plain(o) == plain(name) {
			return o, true
		}
	}
	return "", false
}
