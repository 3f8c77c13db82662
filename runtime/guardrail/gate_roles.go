package guardrail

import (
	"regexp"
	"strings"
)

// Small models write the conversation as a play: the speaker before each line, and
// the customer's next lines too.
var (
	ownLabel = regexp.MustCompile(`(?i)^\s*(?:#+\s*)?[*_]*(?:(?:ai[ -])?(?:assistant|asistente|assistente)|ai|(?:chat)?bot)[*_]*[ \t]*:[*_]*[ \t]*`)
	// anyOwnLabel stands at the beginning of any line, as only a play has it.
	anyOwnLabel = regexp.MustCompile(`(?im)^[ \t]*(?:#+[ \t]*)?[*_]*(?:(?:ai[ -])?(?:assistant|asistente|assistente)|ai|(?:chat)?bot)[*_]*[ \t]*:[*_]*[ \t]*`)
	theirLabel  = regexp.MustCompile(`(?im)^[ \t]*(?:#+[ \t]*)?[*_]*(?:user|human|customer|client|usuario|usuário|cliente)[*_]*[ \t]*:`)
	// humanLabel is believed alone: no shop calls anybody that.
	humanLabel = regexp.MustCompile(`(?m)^[ \t]*(?:#+[ \t]*)?[*_]*(?:Human|HUMAN)[*_]*[ \t]*:`)
)

// hidePlay keeps the first thing that the model says as itself. A line that begins
// with "User:" is the customer's only where the model's own follows: a reply may
// give somebody their user name.
func hidePlay(text string, _ []string) (string, bool) {
	theirs := theirLabel.FindStringIndex(text)
	if len(theirs) > 0 && anyOwnLabel.MatchString(text[theirs[1]:]) {
		if strings.TrimSpace(text[:theirs[0]]) != "" {
			return tidy(text[:theirs[0]]), true
		}
		own := anyOwnLabel.FindStringIndex(text[theirs[1]:])
		return tidy(text[theirs[1]+own[1]:]), true
	}
	if human := humanLabel.FindStringIndex(text); len(human) > 0 && strings.TrimSpace(text[:human[0]]) != "" {
		return tidy(text[:human[0]]), true
	}
	return text, false
}

// hideOwnLabel takes the speaker off the beginning of a reply.
func hideOwnLabel(text string, _ []string) (string, bool) {
	if m := ownLabel.FindStringIndex(text); m != nil {
		return tidy(text[m[1]:]), true
	}
	return text, false
}
