package config

import (
	"fmt"
	"slices"
	"strings"
)

const (
	// longestGuardrail is the highest sensible max_chars.
	longestGuardrail = 1_000_000
	// shortReply is how many tokens a short answer takes: two sentences.
	shortReply = 40
)

// guardrailKeys are the keys beside type and action that each guardrail has.
func guardrailKeys() map[string][]string {
	return map[string][]string{
		"pii_detection":  {"entities"},
		"max_length":     {"max_chars"},
		"topic_filter":   {"forbidden_topics", "blocked_topics"},
		"content_filter": {"forbidden_keywords", "blocked_patterns"},
		"cost_limit":     {"max_tokens_per_turn"},
	}
}

func (d *decoder) guardrails(at string, rules []Guardrail) {
	kinds := guardrailTypes()
	for i, g := range rules {
		at := fmt.Sprintf("%s[%d]", at, i)
		if d.failed(at) {
			continue
		}
		if g.Type == "" && !d.has(at+".type") {
			d.errorf(at, "this guardrail has no type: it is %s", oneOf(sortedKeys(kinds)))
			continue
		}
		if !d.choice(at+".type", g.Type, "guardrail", sortedKeys(kinds)) {
			continue
		}
		actions := kinds[g.Type]
		if path := at + ".action"; g.Action != "" && !contains(actions, g.Action) {
			d.errorf(path, "%s is not an action of %s: it is %s%s", d.word(path, g.Action), g.Type, oneOf(actions), didYouMean(g.Action, actions))
		}
		d.strayKeys(at, g.Type)
		switch g.Type {
		case "pii_detection":
			d.entities(at, g)
		case "max_length":
			d.maxLength(at, g)
		case "topic_filter":
			d.topics(at, g)
		case "content_filter":
			d.content(at, g)
		case "cost_limit":
			d.costLimit(at, g)
		}
	}
}

// strayKeys warns of keys that belong to another type of guardrail.
func (d *decoder) strayKeys(at, kind string) {
	all := guardrailKeys()
	for _, other := range sortedKeys(all) {
		for _, key := range all[other] {
			if path := at + "." + key; other != kind && d.keys[path].known() {
				d.addAt(d.keyPlace(path), Warning, fmt.Sprintf("%s belongs to %s and has no effect on %s", key, other, kind))
			}
		}
	}
}

func (d *decoder) entities(at string, g Guardrail) {
	for j, entity := range g.Entities {
		if path := fmt.Sprintf("%s.entities[%d]", at, j); !isEntity(entity) {
			d.errorf(path, "%s is not something that pii_detection looks for: it is %s", d.word(path, entity), oneOf(entities()))
		}
	}
}

func (d *decoder) maxLength(at string, g Guardrail) {
	if g.MaxChars == 0 && !d.failed(at+".max_chars") {
		d.errorf(at+".max_chars", "max_length needs max_chars, the number of characters to allow, more than 0")
	}
	if g.MaxChars > longestGuardrail {
		d.errorf(at+".max_chars", "max_chars is more than %d, which no message can reach", longestGuardrail)
	}
}

func (d *decoder) topics(at string, g Guardrail) {
	one, other := g.ForbiddenTopics, g.BlockedTopics
	switch {
	case len(one) > 0 && len(other) > 0 && !slices.Equal(one, other):
		d.errorf(at+".blocked_topics", "blocked_topics and forbidden_topics name the same thing and differ; keep one")
	case !slices.ContainsFunc(g.Topics(), named) && !d.failed(at+".forbidden_topics") && !d.failed(at+".blocked_topics"):
		d.errorf(at, "topic_filter needs forbidden_topics, the words that name the topics")
	}
}

func named(s string) bool { return strings.TrimSpace(s) != "" }

func (d *decoder) content(at string, g Guardrail) {
	if !slices.ContainsFunc(g.ForbiddenKeywords, named) && len(g.BlockedPatterns) == 0 && !d.failed(at+".forbidden_keywords") && !d.failed(at+".blocked_patterns") {
		d.errorf(at, "content_filter needs forbidden_keywords, or blocked_patterns")
	}
	for j, pattern := range g.BlockedPatterns {
		d.pattern(fmt.Sprintf("%s.blocked_patterns[%d]", at, j), pattern)
	}
}

// pattern checks a regular expression. One that cannot be used is a warning, not
// an error: files written for other programs use look-around, and the rest of
// their agent is to work. The turn goes on without it, and says so.
func (d *decoder) pattern(path, pattern string) {
	re, err := CompilePattern(pattern)
	switch _, changed := d.written[path]; {
	case err != nil && changed:
		d.warnf(path, "the value of the variable cannot be used as a regular expression; the rule works without it")
	case err != nil:
		d.warnf(path, "%v; the rule works without it", err)
	case matchesEverything(re):
		d.warnf(path, "this regular expression matches every text")
	}
}

func (d *decoder) costLimit(at string, g Guardrail) {
	path := at + ".max_tokens_per_turn"
	switch {
	case d.failed(path):
	case g.MaxTokensPerTurn == 0:
		d.errorf(path, "cost_limit needs max_tokens_per_turn, the number of tokens to allow, more than 0")
	case g.MaxTokensPerTurn > 0 && g.MaxTokensPerTurn < shortReply:
		d.warnf(path, "%d tokens are one or two sentences: longer texts are cut or stopped", g.MaxTokensPerTurn)
	}
	d.positive(path, g.MaxTokensPerTurn)
}
