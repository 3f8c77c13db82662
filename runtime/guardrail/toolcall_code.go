package guardrail

import (
	"regexp"
	"strings"

	"astromesh/runtime/model/loosejson"
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
			if c, ok := codeCall(text, i, name); ok { // another may follow in the same list
				calls = append(calls, c)
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
		if from, to, ok := listLine(text, line, i); ok {
			return call{start: from, end: to, name: name, args: codeArgs(inner)}, true
		}
		return call{}, false
	}
	return call{start: start, end: end, name: name, args: codeArgs(inner)}, true
}

// callList is a line of calls in brackets, as several models write them.
var callList = regexp.MustCompile(`^\s*\[\s*[\w.]+\(.*\)\s*\]\s*$`)

// maxListLine is how long a line of calls may be, in bytes.
const maxListLine = 2000

// listLine gives the line of calls that a call at start is an item of.
func listLine(text string, line, start int) (from, to int, ok bool) {
	whole, _, _ := strings.Cut(text[line:], "\n")
	before := strings.TrimRight(text[line:start], " ")
	if len(whole) > maxListLine || !strings.HasSuffix(before, ",") && !strings.HasSuffix(before, "[") || !callList.MatchString(whole) {
		return 0, 0, false
	}
	return line, line + len(whole), true
}

// codeArgs reads city="Rome", n=3 or one JSON object. A first argument without a
// name is under "".
func codeArgs(inner string) map[string]any {
	inner = strings.TrimSpace(inner)
	if strings.HasPrefix(inner, "{") {
		return objectIn(inner)
	}
	args := map[string]any{}
	for i, part := range splitArgs(inner) {
		part = strings.TrimPrefix(strings.TrimSpace(part), "**")
		m := codeArg.FindStringSubmatch(part)
		switch {
		case m != nil:
			args[m[1]+m[2]] = loosejson.Literal(strings.TrimSpace(part[len(m[0]):]))
		case i == 0 && part != "":
			args[""] = loosejson.Literal(part)
		}
	}
	return args
}

// codeArg is the name in front of an argument: city= or "city":.
var codeArg = regexp.MustCompile(`^(?:["']([A-Za-z_][\w-]*)["']\s*[=:]|([A-Za-z_][\w-]*)\s*(?:=|:\s))`)

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
