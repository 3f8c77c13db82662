package guardrail

import (
	"html"
	"regexp"
	"slices"
	"strings"
)

// What Gate hides, for the trace.
const (
	HidReasoning = "reasoning"     // what the model thought before it answered
	HidToolCall  = "tool_call"     // a call written as text, or its result
	HidTokens    = "special_token" // control tokens of the chat format, and the speaker's name
	HidTurn      = "extra_turn"    // a turn of the customer that the model made up
)

// Gate is the last look at a reply before a customer reads it. It takes out
// reasoning in the forms that models write it, tool calls written as text (of
// any name in a call's markup, of the offered toolNames in plain JSON or code),
// and control tokens. What is left can be "": then there is no reply to send.
// hidden names what was taken out, each kind once; a reply without any of it
// comes back byte for byte. Passing a result through again changes nothing.
func Gate(reply string, toolNames []string) (text string, hidden []string) {
	text = reply
	for range 32 { // taking out one thing can join the halves of another
		before := text
		text = readable(text, toolNames)
		for _, step := range gateSteps() {
			out, hid := step.run(text, toolNames)
			if !hid {
				continue
			}
			text = out
			if !slices.Contains(hidden, step.kind) {
				hidden = append(hidden, step.kind)
			}
		}
		if text == before {
			break
		}
	}
	if hidden == nil {
		return reply, nil
	}
	if gateOpen(readable(text, toolNames), toolNames) {
		return "", hidden // nested beyond reason: nothing in it is a reply
	}
	return text, hidden
}

// readable is what the formatting will make of a reply: it resolves HTML
// entities, so &lt;think&gt; is a mark too. Where nothing has to be hidden the
// entities are left to it.
func readable(reply string, toolNames []string) string {
	if !strings.Contains(reply, "&") {
		return reply
	}
	if plain := html.UnescapeString(reply); plain != reply && gateOpen(plain, toolNames) {
		return plain
	}
	return reply
}

// gateStep takes one kind of thing out of a text and tells whether it did.
type gateStep struct {
	kind string
	run  func(text string, toolNames []string) (string, bool)
}

func gateSteps() []gateStep {
	return []gateStep{
		{HidReasoning, hideChannels},
		{HidTurn, hideMadeUpTurns},
		{HidTurn, hidePlay},
		{HidReasoning, hideDetails},
		{HidReasoning, hideReasoning},
		{HidReasoning, hideLabels},
		{HidToolCall, hideToolCalls},
		{HidTokens, hideTokens},
		{HidTokens, hideOwnLabel},
	}
}

// gateOpen tells whether a step would still take something out.
func gateOpen(text string, toolNames []string) bool {
	for _, step := range gateSteps() {
		if _, hid := step.run(text, toolNames); hid {
			return true
		}
	}
	return false
}

var blankLines = regexp.MustCompile(`\n[ \t]*\n(?:[ \t]*\n)+`)

// tidy closes the gaps that a removal left.
func tidy(text string) string {
	return strings.TrimSpace(blankLines.ReplaceAllString(text, "\n\n"))
}

// quoted tells whether text[start:end] is shown as code, in backticks of its
// own: a reply may explain what <think> is.
func quoted(text string, start, end int) bool {
	return start > 0 && end < len(text) && text[start-1] == '`' && text[end] == '`' &&
		!strings.HasSuffix(text[:start], "```")
}

// unquoted gives the matches that are not shown as code.
func unquoted(re *regexp.Regexp, text string) [][]int {
	if !strings.ContainsAny(text, "<[◁") {
		return nil // every mark begins with one of these
	}
	all := re.FindAllStringIndex(text, -1)
	return slices.DeleteFunc(all, func(m []int) bool { return quoted(text, m[0], m[1]) })
}

// from drops the matches that begin before byte at.
func from(matches [][]int, at int) [][]int {
	for len(matches) > 0 && matches[0][0] < at {
		matches = matches[1:]
	}
	return matches
}
