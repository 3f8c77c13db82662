package guardrail

import (
	"regexp"
	"strings"

	"astromesh/runtime/model/loosejson"
)

// Calls in words: labels on lines of their own, tags of the tool's name, and
// sentences that announce a call with its arguments.

var (
	actionLine = regexp.MustCompile(`(?im)^[ \t]*[*_#>-]*[ \t]*(action|acci[oó]n|a[cç][aã]o|tool|tool[ _]call|tool[ _]name|function|function[ _]call|herramienta|ferramenta|call|name)` +
		"[*_]*[ \t]*:[ \t*_`\"]*([\\w.-]+)[^\\n]*")
	actionInput = regexp.MustCompile(`(?i)^\s*[*_]*(?:Action[ _]Input|Tool[ _]Input|Input|Argument(?:os|s)?|Args|Parameters?|Params|Entrada|Par[aá]metros)[*_]*[ \t]*:[*_]*[ \t]*`)
	actionStop  = regexp.MustCompile(`(?im)^[ \t]*[*_]*Final Answer[*_]*[ \t]*:`)
)

// actionCalls finds "Action: name / Action Input: {…}", with an input of any tool,
// without one of an offered tool; what follows up to a final answer is the model's
// own invention. Other labels count for offered tools that have an input.
func actionCalls(text string, offered []string) []call {
	var calls []call
	for _, m := range actionLine.FindAllStringSubmatchIndex(text, maxValues) {
		name, ok := offeredName(text[m[4]:m[5]], offered)
		in := actionInput.FindStringIndex(text[m[1]:])
		action := strings.EqualFold(text[m[2]:m[3]], "action")
		if !ok && (in == nil || !action) || ok && in == nil && !action {
			continue
		}
		c := call{start: m[0], end: len(text), name: name, args: map[string]any{}}
		if in != nil {
			line, _, _ := strings.Cut(text[m[1]+in[1]:], "\n\n")
			c.args = inputArgs(line)
			if !action {
				c.end = m[1] + in[1] + len(line)
			}
		}
		if stop := actionStop.FindStringIndex(text[m[1]:]); stop != nil && action {
			c.end = m[1] + stop[1]
		}
		calls = append(calls, c)
		if c.end == len(text) {
			break
		}
	}
	return calls
}

// inputArgs reads an object, or one value without a name.
func inputArgs(line string) map[string]any {
	if args := objectIn(line); len(args) > 0 || strings.Contains(line, "{") {
		return args
	}
	first, _, _ := strings.Cut(line, "\n")
	if first = strings.Trim(strings.TrimSpace(first), "`"); first == "" || first == "none" || first == "None" {
		return map[string]any{}
	}
	return map[string]any{"": loosejson.Literal(first)}
}

// namedTags finds <book_table><people>2</people></book_table>.
func namedTags(text string, offered []string) []call {
	var calls []call
	for _, name := range offered {
		open := "<" + name
		for at, tried := 0, 0; name != "" && tried < maxValues; tried++ {
			i := strings.Index(text[at:], open)
			if i < 0 {
				break
			}
			i += at
			at = i + len(open)
			if c, ok := namedTag(text, i, name); ok && !quoted(text, i, c.end) {
				calls = append(calls, c)
				at = c.end
			}
		}
	}
	return calls
}

var (
	tagHead  = regexp.MustCompile(`^((?:\s[^<>]*?)?)(/?)>`)
	innerTag = regexp.MustCompile(`(?s)<([A-Za-z_][\w-]*)>(.*?)</`)
	tagValue = regexp.MustCompile(`([A-Za-z_][\w-]*)\s*=\s*("[^"]*"|'[^']*')`)
)

func namedTag(text string, i int, name string) (call, bool) {
	body := text[i+1+len(name):]
	head := tagHead.FindStringSubmatch(body)
	if head == nil {
		return call{}, false
	}
	c := call{start: i, name: name, args: map[string]any{}}
	for _, m := range tagValue.FindAllStringSubmatch(head[1], -1) {
		c.args[m[1]] = loosejson.Literal(m[2])
	}
	from := i + 1 + len(name) + len(head[0])
	if c.end = from; head[2] == "/" {
		return c, true
	}
	inner, _, closed := strings.Cut(text[from:], "</"+name+">")
	if !closed {
		return call{}, false // a word in angle brackets is no tag
	}
	c.end = from + len(inner) + len("</"+name+">")
	if object := objectIn(inner); len(object) > 0 {
		c.args = object
		return c, true
	}
	for _, m := range innerTag.FindAllStringSubmatch(inner, -1) {
		c.args[m[1]] = loosejson.Literal(strings.TrimSpace(m[2]))
	}
	return c, true
}

// saidBetween is what may stand between a tool's name and its arguments: "with",
// in the languages of the customers, and marks.
var saidBetween = regexp.MustCompile("^[`\"'*_ ]{0,4}(?:\\(\\))?[`\"'*_ ]{0,4}" +
	`(?i:tool|function|herramienta|ferramenta|funci[oó]n|fun[cç][aã]o)?\s{0,2}` +
	`(?i:with|using|con|com|avec|mit|usando|passing)?(?i:[ ]+(?:the|these|los|las|estos|os|as|estes))?` +
	`(?i:[ ]+(?:following|siguientes|seguintes))?(?i:[ ]*(?:argument(?:os|s)?|parameters?|args|params|input|par[aá]metros))?` +
	"\\s{0,2}(?::|=|->|=>|→)?\\s{0,2}(?:```(?:json)?\\s*|`)?$")

// saidCalls finds an offered tool's name followed by an object: "I will call
// `book_table` with {"people": 2}". The words in front of it on its line belong
// to the call: they tell the customer of the machinery.
func saidCalls(text string, offered []string) []call {
	var calls []call
	for _, name := range offered {
		for at, tried := 0, 0; name != "" && tried < maxRepairs; tried++ {
			i := strings.Index(text[at:], name)
			if i < 0 {
				break
			}
			i += at
			at = i + len(name)
			if c, ok := saidCall(text, i, name); ok {
				calls = append(calls, c)
				at = c.end
			}
		}
	}
	return calls
}

func saidCall(text string, i int, name string) (call, bool) {
	after := i + len(name)
	word := func(b byte) bool { return isAlnum(lowerASCII(b)) || b == '_' || b == '-' }
	if i > 0 && word(text[i-1]) || after < len(text) && word(text[after]) {
		return call{}, false // a part of another word
	}
	open := strings.IndexByte(text[after:min(len(text), after+80)], '{')
	marked := strings.ContainsAny(name, "_-0123456789") || i > 0 && strings.IndexByte("`*", text[i-1]) >= 0
	if open < 0 || !marked || !saidBetween.MatchString(text[after:after+open]) {
		return call{}, false
	}
	value, length, ok := broken(text[after+open:])
	args, isObject := value.(map[string]any)
	if !ok || !isObject {
		return call{}, false
	}
	c := call{start: i, end: after + open + length, name: name, args: args}
	if strings.Contains(text[after:after+open], "```") {
		_, c.end = withFence(text, after+open, c.end)
	}
	c.start = strings.LastIndexByte(text[:i], '\n') + 1
	if stop := strings.LastIndexAny(text[c.start:i], ".!?"); stop >= 0 {
		c.start += stop + 1
	}
	for c.end < len(text) && strings.IndexByte("`.)", text[c.end]) >= 0 && !strings.HasPrefix(text[c.end:], "```") {
		c.end++
	}
	return c, true
}
