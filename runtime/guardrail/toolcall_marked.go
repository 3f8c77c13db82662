package guardrail

import (
	"encoding/json"
	"regexp"
	"strings"
)

// callMarks are the pairs of marks around calls and their results: Hermes and
// Qwen tags, Llama's <|python_tag|>, Mistral's [TOOL_CALLS], Command's, Kimi's,
// Granite's and LFM's tokens, DeepSeek's wide bars, FunctionGemma. What is
// never closed reaches to the end of the text.
var (
	callTag = regexp.MustCompile(`(?i)<\s*(tool_calls?|function_calls?|tool_code|tool_uses?|invoke|tool_responses?|tool_results?|tool_outputs?|observation|` +
		`functions?|function_results?|function_response|antml:function_calls|antml:invoke)(?:[\s=][^<>]{0,300})?>`)
	callToken = regexp.MustCompile(`(?i)\[TOOL_CALLS\]|<\|python_tag\|>|<\|tool_calls?(?:_section)?(?:_begin|_start)?\|>|<\|START_ACTION\|>` +
		`|<｜tool[▁_ ](?:calls?|outputs?)[▁_ ]begin｜>|<start_function_(?:call|response)>`)
	callTokenEnd = regexp.MustCompile(`(?i)<\|eom_id\|>|<\|eot_id\|>|<\|/?tool_calls?(?:_section)?_end\|>|<\|/tool_calls?\|>|<\|END_ACTION\|>` +
		`|<｜tool[▁_ ](?:calls?|outputs?)[▁_ ]end｜>|<end_function_(?:call|response)>`)
	orphanTag = regexp.MustCompile(`(?i)<\s*/\s*(?:tool_calls?|function_calls?|tool_code|tool_uses?|invoke|tool_responses?|tool_results?|tool_outputs?|` +
		`observation|functions?|function_results?|function_response|antml:function_calls|antml:invoke|parameter)\s*>`)
	tagName  = regexp.MustCompile(`(?i)<\s*(?:function|invoke|antml:invoke)\s*(?:=\s*["']?|[^<>]*?\bname\s*=\s*["'])([\w.-]+)`)
	tagParam = regexp.MustCompile(`(?is)<\s*(?:antml:)?parameter\s*(?:=\s*|[^<>]*?\bname\s*=\s*)["']?([\w.-]+)["']?[^<>]*>(.*?)<\s*/\s*(?:antml:)?parameter\s*>`)
)

// markedCalls finds calls in marks, whatever name they call.
func markedCalls(text string, offered []string) []call {
	var calls []call
	for at := 0; at < len(text); {
		tag, token := findUnquoted(callTag, text, at), findUnquoted(callToken, text, at)
		orphan := findUnquoted(orphanTag, text, at)
		if orphan != nil && (tag == nil || orphan[0] < tag[0]) && (token == nil || orphan[0] < token[0]) {
			calls = append(calls, call{start: orphan[0], end: orphan[1]})
			at = orphan[1]
			continue
		}
		if tag == nil && token == nil {
			break
		}
		c := call{end: len(text)}
		if token == nil || tag != nil && tag[0] < token[0] {
			c.start = tag[0]
			name := callTag.FindStringSubmatch(text[tag[0]:tag[1]])[1]
			if end := closing(text, tag[1], name); end > 0 {
				c.end = end
			}
		} else {
			c.start = token[0]
			if m := callTokenEnd.FindAllStringIndex(text[token[1]:], 1); m != nil {
				c.end = token[1] + m[0][1]
			}
		}
		c.name, c.args = markedCall(text[c.start:c.end], offered)
		calls = append(calls, c)
		at = c.end
	}
	return calls
}

// closing is where </name> ends after from, or 0.
func closing(text string, from int, name string) int {
	lower := strings.ToLower(text[from:])
	if len(lower) != len(text)-from {
		lower = text[from:] // a rune whose lower case is of another length
	}
	i := strings.Index(lower, "</"+strings.ToLower(name))
	if i < 0 {
		return 0
	}
	end := strings.IndexByte(lower[i:], '>')
	if end < 0 {
		return 0
	}
	return from + i + end + 1
}

// marksApart puts what stands between marks on lines of its own.
var marksApart = strings.NewReplacer(">", ">\n", "<", "\n<")

// markedCall reads the call between marks: JSON, parameter tags, code, or the
// tool's name with its arguments behind it.
func markedCall(body string, offered []string) (string, map[string]any) {
	for _, c := range jsonCalls(body, offered) {
		if c.name != "" {
			return c.name, c.args
		}
	}
	if m := tagName.FindStringSubmatch(body); m != nil {
		args := map[string]any{}
		for _, p := range tagParam.FindAllStringSubmatch(body, -1) {
			args[p[1]] = literal(strings.TrimSpace(p[2]))
		}
		if len(args) == 0 {
			args = firstObject(body)
		}
		return m[1], args
	}
	for _, c := range codeCalls(marksApart.Replace(body), offered) {
		return c.name, c.args
	}
	for _, name := range offered {
		if i := strings.Index(body, name); i >= 0 && name != "" {
			return name, firstObject(body[i+len(name):])
		}
	}
	return "", nil
}

// firstObject decodes the first JSON object of a text.
func firstObject(text string) map[string]any {
	args := map[string]any{}
	if i := strings.IndexByte(text, '{'); i >= 0 {
		var v map[string]any
		if json.NewDecoder(strings.NewReader(text[i:])).Decode(&v) == nil && v != nil {
			return v
		}
	}
	return args
}

var channelTo = regexp.MustCompile(`(?is)\bto=([\w.-]+).{0,120}?<\|message\|>`)

// channelCall reads gpt-oss's call: a message addressed to a function.
func channelCall(text string, offered []string) (string, map[string]any, bool) {
	for _, m := range channelTo.FindAllStringSubmatchIndex(text, -1) {
		if name, ok := offeredName(text[m[2]:m[3]], offered); ok {
			return name, firstObject(text[m[1]:]), true
		}
	}
	return "", nil, false
}

var (
	fenceBefore = regexp.MustCompile("```[a-zA-Z_+-]*[ \t]*\\s*$|`$")
	fenceAfter  = regexp.MustCompile("^\\s*```|^`")
)

// withFence widens a range to the code fence that holds nothing else.
func withFence(text string, start, end int) (int, int) {
	before, after := fenceBefore.FindStringIndex(text[:start]), fenceAfter.FindStringIndex(text[end:])
	switch {
	case before != nil && after != nil:
		return before[0], end + after[1]
	case before != nil && strings.TrimSpace(text[end:]) == "":
		return before[0], end
	}
	return start, end
}
