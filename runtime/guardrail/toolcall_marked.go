package guardrail

import (
	"encoding/json"
	"math"
	"regexp"
	"strings"

	"astromesh/runtime/model/loosejson"
)

// callMarks are the pairs of marks around calls and their results: Hermes and
// Qwen tags, Llama's <|python_tag|>, Mistral's [TOOL_CALLS], Command's, Kimi's,
// Granite's and LFM's tokens, DeepSeek's wide bars, FunctionGemma. What is
// never closed reaches to the end of the text.
var (
	callTag = regexp.MustCompile(`(?i)<\s*(tool_calls?|function_calls?|tool_code|tool_uses?|invoke|tool_responses?|tool_results?|tool_outputs?|observation|` +
		`functions?|function_results?|function_response|antml:function_calls|antml:invoke)(?:[\s=][^<>]*)?>`)
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
	tags, tokens, orphans := unquoted(callTag, text), unquoted(callToken, text), unquoted(orphanTag, text)
	if len(tags) == 0 && len(tokens) == 0 && len(orphans) == 0 {
		return nil
	}
	lower := strings.ToLower(text)
	if len(lower) != len(text) {
		lower = text // a rune whose lower case is of another length
	}
	var calls []call
	for at := 0; ; {
		tags, tokens, orphans = from(tags, at), from(tokens, at), from(orphans, at)
		c := call{}
		inside := []call{{}} // a mark without a call is hidden too
		switch tag, token, orphan := startOf(tags), startOf(tokens), startOf(orphans); {
		case min(tag, token, orphan) == math.MaxInt:
			return calls
		case orphan < tag && orphan < token:
			c = call{start: orphan, end: orphans[0][1]}
		case tag < token:
			c = call{start: tag, end: tagEnd(text, lower, tags[0])}
			inside = markedCall(text[c.start:c.end], offered)
		default:
			c = call{start: token, end: len(text)}
			if m := callTokenEnd.FindStringIndex(text[tokens[0][1]:]); m != nil {
				c.end = tokens[0][1] + m[1]
			}
			inside = markedCall(text[c.start:c.end], offered)
		}
		for _, one := range inside {
			calls = append(calls, call{start: c.start, end: c.end, name: one.name, args: one.args})
		}
		at = c.end
	}
}

// startOf is where the first match begins.
func startOf(matches [][]int) int {
	if len(matches) == 0 {
		return math.MaxInt
	}
	return matches[0][0]
}

// tagEnd is where the tag's closing one ends, or the text.
func tagEnd(text, lower string, tag []int) int {
	name := callTag.FindStringSubmatch(text[tag[0]:tag[1]])[1]
	i := strings.Index(lower[tag[1]:], "</"+strings.ToLower(name))
	if i < 0 {
		return len(text)
	}
	end := strings.IndexByte(lower[tag[1]+i:], '>')
	if end < 0 {
		return len(text)
	}
	return tag[1] + i + end + 1
}

// marksApart puts what stands between marks on lines of its own.
var marksApart = strings.NewReplacer(">", ">\n", "<", "\n<")

// markedCall reads the calls between marks: JSON, parameter tags, code, or the
// tool's name with its arguments behind it. Where there is none it gives one
// without a name.
func markedCall(body string, offered []string) []call {
	var calls []call
	for _, c := range jsonCalls(body, offered) {
		if c.name != "" {
			calls = append(calls, c)
		}
	}
	if len(calls) > 0 {
		return calls
	}
	if names := tagName.FindAllStringSubmatchIndex(body, maxTextCalls); names != nil {
		for i, m := range names {
			part := body[m[0]:]
			if i+1 < len(names) {
				part = body[m[0]:names[i+1][0]]
			}
			args := tagArgs(part)
			if len(args) == 0 {
				args = objectIn(part)
			}
			calls = append(calls, call{name: body[m[2]:m[3]], args: args})
		}
		return calls
	}
	if calls = codeCalls(marksApart.Replace(body), offered); len(calls) > 0 {
		return calls
	}
	for _, name := range offered {
		if i := strings.Index(body, name); i >= 0 && name != "" {
			args := tagArgs(body[i:])
			if len(args) == 0 {
				args = objectIn(body[i+len(name):])
			}
			return []call{{name: name, args: args}}
		}
	}
	return []call{{}}
}

// argPair is how GLM writes an argument.
var argPair = regexp.MustCompile(`(?is)<arg_key>(.*?)</arg_key>\s*<arg_value>(.*?)(?:</arg_value>|$)`)

// tagArgs reads arguments that stand in tags.
func tagArgs(body string) map[string]any {
	args := map[string]any{}
	for _, re := range [...]*regexp.Regexp{tagParam, argPair} {
		for _, p := range re.FindAllStringSubmatch(body, -1) {
			args[strings.TrimSpace(p[1])] = loosejson.Literal(strings.TrimSpace(p[2]))
		}
	}
	return args
}

// objectIn reads the first JSON object of a text, broken or not.
func objectIn(text string) map[string]any {
	i := strings.IndexByte(text, '{')
	if i < 0 {
		return map[string]any{}
	}
	var v map[string]any
	if json.NewDecoder(strings.NewReader(text[i:])).Decode(&v) == nil && v != nil {
		return v
	}
	if value, _, ok := broken(text[i:]); ok {
		if v, ok := value.(map[string]any); ok {
			return v
		}
	}
	return map[string]any{}
}

var channelTo = regexp.MustCompile(`(?is)\bto=([\w.-]+).{0,120}?<\|message\|>`)

// channelCalls reads gpt-oss's calls: messages addressed to a function.
func channelCalls(text string, offered []string) []call {
	if !strings.Contains(text, "<|") {
		return nil
	}
	var calls []call
	for _, m := range channelTo.FindAllStringSubmatchIndex(text, maxTextCalls) {
		if name, ok := offeredName(text[m[2]:m[3]], offered); ok {
			calls = append(calls, call{start: m[0], end: m[1], name: name, args: objectIn(text[m[1]:])})
		}
	}
	return calls
}

var (
	fenceBefore = regexp.MustCompile("```[a-zA-Z_+-]*[ \t]*\\s*$|`$")
	fenceAfter  = regexp.MustCompile("^\\s*```|^`")
)

// withFence widens a range to the code fence that holds nothing else.
func withFence(text string, start, end int) (int, int) {
	near := max(0, start-40) // short pieces: the cost of a match grows with what it is given
	before, after := fenceBefore.FindStringIndex(text[near:start]), fenceAfter.FindStringIndex(text[end:min(len(text), end+40)])
	switch {
	case before != nil && after != nil:
		return near + before[0], end + after[1]
	case before != nil && strings.TrimSpace(text[end:]) == "":
		return near + before[0], end
	}
	return start, end
}
