package guardrail

import (
	"errors"
	"regexp"
	"strings"
)

// ContentFilterRule is the rule's type in an agent's YAML.
const ContentFilterRule = "content_filter"

// What content_filter names in its findings.
const (
	EntityKeyword = "KEYWORD"
	EntityPattern = "PATTERN"
)

// ContentOptions say what `content_filter` looks for and what it then does.
type ContentOptions struct {
	// Action is "block" (the default), "redact" or "warn".
	Action string
	// Keywords are words and phrases, see findKeywords.
	Keywords []string
	// Patterns must not take longer than in proportion to the text, as Go's do
	// whose repetitions are bounded.
	Patterns []*regexp.Regexp
}

// mostHits bounds what one pattern can find in one text.
const mostHits = 1000

// NewContentFilter builds the check. It fails on an action that it does not
// know and where it is given nothing to look for. A match of nothing is none.
func NewContentFilter(o ContentOptions) (Check, error) {
	var words []keyword
	for _, k := range o.Keywords {
		if w, ok := newKeyword(k); ok {
			words = append(words, w)
		}
	}
	if len(words)+len(o.Patterns) == 0 {
		return nil, errors.New(ContentFilterRule + " needs forbidden_keywords or blocked_patterns")
	}
	return newFilter(ContentFilterRule, o.Action, func(text string) []hit {
		hits := findKeywords(text, words)
		for _, p := range o.Patterns {
			for _, m := range p.FindAllStringIndex(text, mostHits) {
				if m[1] > m[0] {
					hits = append(hits, hit{m[0], m[1], EntityPattern})
				}
			}
		}
		return hits
	})
}

// keyword is a word or phrase, folded.
type keyword struct {
	runes  []rune // a ' ' stands for any gap between two words
	prefix bool   // written with '*' at its end: longer words count too
	raw    string // what has no folded form (emoji) is looked for as written
}

func newKeyword(text string) (keyword, bool) {
	text = strings.TrimSpace(text)
	k := keyword{}
	if n := len(text); n > 3 && text[n-1] == '*' && text[n-2] != '*' {
		k.prefix, text = true, text[:n-1]
	}
	for i, word := range strings.Fields(string(fold(text).b)) {
		if i > 0 {
			k.runes = append(k.runes, ' ')
		}
		k.runes = append(k.runes, []rune(word)...)
	}
	for _, r := range k.runes {
		if r < ' ' {
			k.raw, k.runes = text, nil
			break
		}
	}
	return k, len(k.runes) > 0 || strings.TrimSpace(k.raw) != ""
}
