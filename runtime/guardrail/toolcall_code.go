package guardrail

import (
	"encoding/json"
	"regexp"
	"strings"
)

// codeCalls finds calls of offered tools written as code: functions.name(…)
// anywhere, name(…) and [name(…)] on a line of their own. A sentence that
// mentions name() is left alone.
func codeCalls(text string, offered []string) []call {
	var calls []call
	for _, name := range offered {
		if name == "" {
			continue
		}
		for at, tried := 0, 0; tried < maxValues; tried++ {
			i := strings.Index(text[at:], name)
			if i < 0 {
				break
			}
			i += at
			at = i + len(name)
			if c, ok := codeCall(text, i, name); ok {
				calls = append(calls, c)
				at = c.end
			}
		}
	}
	return calls
}

var callSpace = regexp.MustCompile(`(?:functions|default_api|tools|tool|api)\.$`)

// lineLead is what may stand before a call on its own line.
var lineLead = regexp.MustCompile("^[ \t>*-]*`{0,3}(?:tool_code|python)?[ \t]*\\[?(?:await |[a-z_]+ ?= ?)?(?:print\\()?$")

func codeCall(text string, i int, name string) (call, bool) {
	open := i + len(name)
	for open < len(text) && text[open] == ' ' {
		open++
	}
	if open >= len(text) || text[open] != '(' {
		return call{}, false
	}
	start := i
	spaced := false
	if m := callSpace.FindStringIndex(text[max(0, i-16):i]); m != nil {
		start, spaced = max(0, i-16)+m[0], true
	}
	if start > 0 && isAlnum(lowerASCII(text[start-1])) || start > 0 && text[start-1] == '_' {
		return call{}, false
	}
	end, missing := balance(text, open)
	inner := text[open+1 : end]
	if missing == "" {
		inner = text[open+1 : end-1]
	}
	line := strings.LastIndexByte(text[:start], '\n') + 1
	alone := start-line < 60 && lineLead.MatchString(text[line:start])
	if alone {
		start = line
		for end < len(text) && strings.IndexByte(")];`", text[end]) >= 0 && !strings.HasPrefix(text[end:], "```") {
			end++
		}
		rest, _, _ := strings.Cut(text[end:], "\n")
		alone = strings.Trim(rest, " \t.,[`") == "" || strings.HasPrefix(strings.TrimSpace(rest), "```")
	}
	if !alone && !spaced {
		return call{}, false
	}
	return call{start: start, end: end, name: name, args: codeArgs(inner)}, true
}

// codeArgs reads city="Rome", n=3 or one JSON object.
func codeArgs(inner string) map[string]any {
	inner = strings.TrimSpace(inner)
	var object map[string]any
	if json.Unmarshal([]byte(inner), &object) == nil && object != nil {
		return object
	}
	args := map[string]any{}
	for _, part := range splitArgs(inner) {
		key, value, ok := strings.Cut(part, "=")
		if key = strings.Trim(strings.TrimSpace(key), `"'`); ok && key != "" {
			args[key] = literal(strings.TrimSpace(value))
		}
	}
	return args
}

// splitArgs cuts at the commas outside quotes and brackets.
func splitArgs(s string) []string {
	var parts []string
	var quote byte
	depth, from := 0, 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0:
			if c == '\\' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			depth--
		case c == ',' && depth == 0:
			parts = append(parts, s[from:i])
			from = i + 1
		}
	}
	return append(parts, s[from:])
}

// literal reads a value as JSON or as Python writes it; else it is a string.
func literal(s string) any {
	var v any
	if json.Unmarshal([]byte(s), &v) == nil {
		return v
	}
	switch s {
	case "True":
		return true
	case "False":
		return false
	case "None":
		return nil
	}
	if len(s) >= 2 && s[0] == '\'' && s[len(s)-1] == '\'' {
		return strings.ReplaceAll(s[1:len(s)-1], `\'`, `'`)
	}
	return s
}

var (
	actionLine  = regexp.MustCompile(`(?im)^[ \t]*[*_]*Action[*_]*[ \t]*:[ \t*_` + "`" + `]*([\w.-]+)[^\n]*`)
	actionInput = regexp.MustCompile(`(?i)^\s*[*_]*Action[ _]Input[*_]*[ \t]*:[*_]*[ \t]*`)
	actionStop  = regexp.MustCompile(`(?im)^[ \t]*[*_]*Final Answer[*_]*[ \t]*:`)
)

// actionCalls finds "Action: name / Action Input: {…}", with an input of any tool,
// without one of an offered tool; what follows up to a final answer is the model's
// own invention.
func actionCalls(text string, offered []string) []call {
	var calls []call
	for _, m := range actionLine.FindAllStringSubmatchIndex(text, -1) {
		name, ok := offeredName(text[m[2]:m[3]], offered)
		in := actionInput.FindStringIndex(text[m[1]:])
		if !ok && in == nil {
			continue
		}
		c := call{start: m[0], end: len(text), name: name, args: map[string]any{}}
		if in != nil {
			line, _, _ := strings.Cut(text[m[1]+in[1]:], "\n\n")
			if v, ok := literal(strings.TrimSpace(line)).(map[string]any); ok {
				c.args = v
			} else {
				c.args = firstObject(line)
			}
		}
		if stop := actionStop.FindStringIndex(text[m[1]:]); stop != nil {
			c.end = m[1] + stop[1]
		}
		calls = append(calls, c)
		if c.end == len(text) {
			break
		}
	}
	return calls
}
