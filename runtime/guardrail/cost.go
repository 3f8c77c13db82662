package guardrail

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// CostLimitRule is the rule's type in an agent's YAML.
const CostLimitRule = "cost_limit"

// EntityTokens is what cost_limit names in its findings.
const EntityTokens = "TOKENS"

// costLimit bounds a text by tokens.
type costLimit struct {
	max    int
	action string // truncate, block, warn

	tokens int  // what the model counted for the text; 0 = it is estimated
	cut    bool // the model was stopped at the limit: the text goes on where nobody reads it
}

// NewCostLimit limits a text to max tokens (at least 1). action is "truncate"
// (the default), which ends the text with its last whole sentence within the
// limit, "block" or "warn".
func NewCostLimit(max int, action string) (Check, error) {
	if max < 1 {
		return nil, fmt.Errorf("max_tokens_per_turn of %s is %d: it must be 1 or more", CostLimitRule, max)
	}
	c := costLimit{max: max, action: strings.ToLower(action)}
	if c.action == "" {
		c.action = "truncate"
	}
	if !slices.Contains([]string{"truncate", "block", "warn"}, c.action) {
		return nil, fmt.Errorf("action %q of %s is not known: use truncate, block or warn", action, CostLimitRule)
	}
	return c, nil
}

// Counted is the chain for a text of which the model said how many tokens it
// has, and whether it was stopped before its end. 0 tokens = not known.
func (c Chain) Counted(tokens int, cut bool) Chain {
	out := slices.Clone(c)
	for i, check := range out {
		if limit, ok := check.(costLimit); ok {
			limit.tokens, limit.cut = tokens, cut && limit.action != "warn"
			out[i] = limit
		}
	}
	return out
}

// TokenLimit is the lowest limit of tokens in the chain, and whether more than
// it may be spent (warn) all the same; 0 = there is none.
func (c Chain) TokenLimit() (limit int, only bool) {
	for _, check := range c {
		if l, ok := check.(costLimit); ok && (limit == 0 || l.max < limit || l.max == limit && only) {
			limit, only = l.max, l.action == "warn"
		}
	}
	return limit, only
}

// Rule implements Check.
func (costLimit) Rule() string { return CostLimitRule }

// Check implements Check. The finding covers what is too much; of a text that
// the model did not bring to its end, its last letter at least.
func (c costLimit) Check(text string) Verdict {
	v := Verdict{Action: Allow, Text: text, Findings: []Finding{}}
	share := 1.0 // tokens of the model for one of the estimate
	estimate := EstimateTokens(text)
	if c.tokens > 0 && estimate > 0 {
		share = float64(c.tokens) / float64(estimate)
	}
	over := c.tokens > c.max || c.tokens == 0 && estimate > c.max
	if text == "" || !over && !c.cut {
		return v
	}
	end := len(text)
	if over {
		end = tokenOffset(text, int(float64(c.max)/share))
	}
	if c.action == "truncate" {
		end = sentenceBefore(text, end)
	}
	from := end
	if from == len(text) {
		_, last := utf8.DecodeLastRuneInString(text)
		from -= last
	}
	v.Findings = append(v.Findings, Finding{Rule: CostLimitRule, Entity: EntityTokens, Start: from, End: len(text)})
	switch {
	case c.action == "block":
		v.Action, v.Text, v.Rule = Block, "", CostLimitRule
	case c.action == "truncate" && end < len(text):
		v.Action, v.Text = Rewrite, text[:end]
		v.edits = []edit{{inStart: end, inEnd: len(text), outStart: end, outEnd: end}}
	}
	return v
}

// sentenceBefore gives where the last sentence ends that is whole before byte
// end, if that leaves half of it; else where the last word ends.
func sentenceBefore(text string, end int) int {
	for i := end; i > end/2; {
		r, size := utf8.DecodeLastRuneInString(text[:i])
		next, _ := utf8.DecodeRuneInString(text[i:])
		if r == '\n' || r == '。' || r == '！' || r == '？' || strings.ContainsRune(".!?…", r) && (i >= len(text) || unicode.IsSpace(next)) {
			return len(strings.TrimRightFunc(text[:i], unicode.IsSpace))
		}
		i -= size
	}
	next, _ := utf8.DecodeRuneInString(text[end:])
	if end < len(text) && !unicode.IsSpace(next) {
		if i := strings.LastIndexFunc(text[:end], unicode.IsSpace); i > end/2 {
			end = len(strings.TrimRightFunc(text[:i], unicode.IsSpace))
		} else {
			end = clusterBefore(text, end)
		}
	}
	return end
}

// EstimateTokens says about how many tokens a text is to a language model: one
// for each five letters of a word or number, one for each sign and each letter
// of a script without blanks. For English and Spanish prose it lies within a
// fifth of the usual tokenizers' figures.
func EstimateTokens(text string) int {
	n := 0
	tokenEnds(text, func(int) bool { n++; return true })
	return n
}

// tokenOffset is where token n of the estimate ends.
func tokenOffset(text string, n int) int {
	at := 0
	tokenEnds(text, func(end int) bool {
		if n--; n < 0 {
			return false
		}
		at = end
		return true
	})
	return at
}

// tokenEnds calls yield with the byte at which each estimated token ends.
func tokenEnds(text string, yield func(end int) bool) {
	letters := 0 // of the word at hand, since its last token
	for i, size := 0, 0; i < len(text); i += size {
		var r rune
		r, size = utf8.DecodeRuneInString(text[i:])
		inWord := unicode.In(r, unicode.L, unicode.N, unicode.M) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
		if letters > 0 && (!inWord || letters == 5) {
			if !yield(i) {
				return
			}
			letters = 0
		}
		switch {
		case inWord:
			letters++
		case !unicode.IsSpace(r):
			if !yield(i + size) {
				return
			}
		}
	}
	if letters > 0 {
		yield(len(text))
	}
}
