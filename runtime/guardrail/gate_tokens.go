package guardrail

import (
	"regexp"
	"strings"
)

var (
	channelMark = regexp.MustCompile(`(?i)<\|channel\|>`)
	messageMark = regexp.MustCompile(`(?i)<\|message\|>`)
	messageEnd  = regexp.MustCompile(`(?i)<\|(?:end|return|call|start|channel)\|>`)
)

// hideChannels keeps of gpt-oss's harmony format what was said on the channel
// "final"; "analysis" is reasoning, "commentary" is for tools.
func hideChannels(text string, _ []string) (string, bool) {
	marks := unquoted(channelMark, text)
	if len(marks) == 0 {
		return text, false
	}
	var kept strings.Builder
	for i, m := range marks {
		end := len(text)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		head, body, ok := cutAt(messageMark, text[m[1]:end])
		if !ok || !strings.HasPrefix(strings.ToLower(strings.TrimSpace(head)), "final") {
			continue
		}
		body, _, _ = cutAt(messageEnd, body)
		kept.WriteString(body)
		kept.WriteByte('\n')
	}
	return tidy(kept.String()), true
}

// cutAt is strings.Cut at the first match.
func cutAt(re *regexp.Regexp, text string) (before, after string, found bool) {
	m := re.FindStringIndex(text)
	if m == nil {
		return text, "", false
	}
	return text[:m[0]], text[m[1]:], true
}

// madeUpTurn begins a turn of somebody else, in the chat formats in use.
var madeUpTurn = regexp.MustCompile(`(?i)<\|im_start\|>\s*(?:user|system|tool)\b|<\|start_header_id\|>\s*(?:user|system|tool|ipython)\b` +
	`|<start_of_turn>\s*user\b|<[|｜](?:user|end[_▁]of[_▁]user)[|｜]>|<\|start\|>\s*(?:user|system|developer|functions)\b|\[INST\]`)

// hideMadeUpTurns ends the reply where the model goes on as somebody else. At
// the very beginning it is only an echo of the format.
func hideMadeUpTurns(text string, _ []string) (string, bool) {
	turns := unquoted(madeUpTurn, text)
	if len(turns) == 0 {
		return text, false
	}
	m := turns[0]
	if strings.TrimSpace(controlToken.ReplaceAllString(text[:m[0]], "")) != "" {
		return tidy(text[:m[0]]), true
	}
	return tidy(text[:m[0]] + text[m[1]:]), true
}

var (
	// roleHeader is a control token with the role that it announces.
	roleHeader = regexp.MustCompile(`(?i)<\|im_start\|>\s*assistant\b|<\|start_header_id\|>\s*assistant\s*<\|end_header_id\|>` +
		`|<start_of_turn>\s*model\b|<\|start\|>\s*assistant\b`)
	controlToken = regexp.MustCompile(`(?i)<\|/?[a-z][a-z0-9_▁/-]{0,40}\|>|<｜[^｜<>\n]{1,40}｜>` +
		`|<(?:bos|eos|pad|unk|unused\d{1,3}|start_of_turn|end_of_turn|start_of_image|end_of_utterance|endoftext)>` +
		`|\[/?INST\]|<<\s*/?SYS\s*>>|\[/?(?:AVAILABLE_TOOLS|TOOL_RESULTS|TOOL_CONTENT|SYSTEM_PROMPT|ARGS)\]` +
		`|^\s*(?:<s>\s*)+|(?:</s>\s*)+$|</s>\s*<s>|<0x[0-9a-f]{2}>`)
	// answerWrap is a tag that says that here the answer begins or ends.
	answerWrap = regexp.MustCompile(`(?i)^\s*<(?:answer|final_answer|final|response)>|</(?:answer|final_answer|final|response)>\s*$`)
)

// hideTokens takes control tokens out and leaves the words between them.
func hideTokens(text string, _ []string) (string, bool) {
	out := cutUnquoted(roleHeader, text)
	out = cutUnquoted(controlToken, out)
	if m := answerWrap.FindStringIndex(out); len(m) > 0 && m[0] == 0 {
		out = answerWrap.ReplaceAllString(out, "")
	}
	if out == text {
		return text, false
	}
	return tidy(out), true
}

// cutUnquoted removes every match that is not shown as code.
func cutUnquoted(re *regexp.Regexp, text string) string {
	matches := unquoted(re, text)
	if len(matches) == 0 {
		return text
	}
	var kept strings.Builder
	at := 0
	for _, m := range matches {
		kept.WriteString(text[at:m[0]])
		at = m[1]
	}
	kept.WriteString(text[at:])
	return kept.String()
}
