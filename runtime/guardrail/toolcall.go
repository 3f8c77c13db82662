package guardrail

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// call is a tool call found in a text.
type call struct {
	start, end int
	name       string
	args       map[string]any
}

// TextCall is a tool call that a model wrote into its answer.
type TextCall struct {
	Name string         // one of the tools offered
	Args map[string]any // never nil; what was given without a name is under ""
}

// maxTextCalls is how many calls of one text are taken for meant.
const maxTextCalls = 16

// RecoverToolCalls finds the calls that a model wrote into its answer instead of
// making them, in their order, each once. None where the reply calls none of the
// tools offered. Calls inside reasoning do not count.
func RecoverToolCalls(reply string, offered []string) []TextCall {
	found := channelCalls(reply, offered)
	if len(found) == 0 {
		text, _ := hideReasoning(reply, nil)
		found = findCalls(text, offered)
	}
	var list []TextCall
	seen := map[string]bool{}
	var last call // the last one taken
	for _, c := range found {
		name, ok := offeredName(c.name, offered)
		within := c.start < last.end && (c.start != last.start || c.end != last.end)
		if !ok || within {
			continue // no tool, or a part of the call before
		}
		if c.args == nil {
			c.args = map[string]any{}
		}
		last = c
		key, err := json.Marshal(c.args)
		if err != nil || seen[name+string(key)] {
			continue
		}
		seen[name+string(key)] = true
		if list = append(list, TextCall{Name: name, Args: c.args}); len(list) == maxTextCalls {
			break
		}
	}
	return list
}

// findCalls gives the calls in the order of the text; they may overlap.
func findCalls(text string, offered []string) []call {
	calls := slices.Concat(markedCalls(text, offered), namedTags(text, offered), jsonCalls(text, offered),
		codeCalls(text, offered), actionCalls(text, offered), saidCalls(text, offered))
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
	return tidy(emptyFence.ReplaceAllString(kept.String(), "")), true
}

// emptyFence is a code fence that held several calls and nothing else.
var emptyFence = regexp.MustCompile("(?m)^[ \\t]*```[a-zA-Z_+-]*[ \\t]*\\n\\s*```[ \\t]*$")

// offeredName matches a name as models misspell it: with the namespace of
// OpenAI's format, in another case, with dashes or nothing for underscores.
func offeredName(name string, offered []string) (string, bool) {
	if name == "" {
		return "", false
	}
	plain := func(s string) string {
		s = strings.ToLower(strings.TrimSpace(s))
		for _, space := range []string{"functions.", "function.", "tools.", "tool.", "default_api.", "api."} {
			s = strings.TrimPrefix(s, space)
		}
		return strings.NewReplacer("-", "", "_", "", " ", "").Replace(s)
	}
	for _, o := range offered {
		if o == name {
			return o, true
		}
	}
	for _, o := range offered {
		if plain(o) == plain(name) && plain(o) != "" {
			return o, true
		}
	}
	return "", false
}
