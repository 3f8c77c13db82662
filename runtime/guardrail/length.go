package guardrail

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// MaxLengthRule is the rule's type in an agent's YAML.
const MaxLengthRule = "max_length"

type maxLength struct {
	max      int
	truncate bool
}

// NewMaxLength limits a text to max characters (Unicode code points, at least
// 1). action is "block" (the default) or "truncate", which cuts before the
// first character that would be seen only in part: an emoji with its skin
// colour, a letter with its accent and a flag stay whole or go.
func NewMaxLength(max int, action string) (Check, error) {
	if max < 1 {
		return nil, fmt.Errorf("max_chars of %s is %d: it must be 1 or more", MaxLengthRule, max)
	}
	switch strings.ToLower(action) {
	case "", "block":
		return maxLength{max: max}, nil
	case "truncate":
		return maxLength{max: max, truncate: true}, nil
	}
	return nil, fmt.Errorf("action %q of %s is not known: use block or truncate", action, MaxLengthRule)
}

// Rule implements Check.
func (maxLength) Rule() string { return MaxLengthRule }

// Check implements Check. The finding covers what is too much.
func (m maxLength) Check(text string) Verdict {
	v := Verdict{Action: Allow, Text: text, Findings: []Finding{}}
	if len(text) <= m.max || utf8.RuneCountInString(text) <= m.max {
		return v
	}
	cut := runeOffset(text, m.max)
	if m.truncate {
		cut = clusterBefore(text, cut)
	}
	v.Findings = append(v.Findings, Finding{Rule: MaxLengthRule, Entity: "LENGTH", Start: cut, End: len(text)})
	if !m.truncate {
		v.Action, v.Text, v.Rule = Block, "", MaxLengthRule
		return v
	}
	v.Action, v.Text = Rewrite, text[:cut]
	v.edits = []edit{{inStart: cut, inEnd: len(text), outStart: cut, outEnd: cut}}
	return v
}

// runeOffset is where rune n begins.
func runeOffset(text string, n int) int {
	for i := range text {
		if n == 0 {
			return i
		}
		n--
	}
	return len(text)
}

// clusterBefore is the last boundary between whole characters (Unicode's
// grapheme clusters, UAX 29) at or before byte cut. It is cut itself where one
// character is all there is before it, so that some text is left.
func clusterBefore(text string, cut int) int {
	at, state := 0, -1
	for rest := text; at < cut && rest != ""; {
		cluster, tail, _, next := uniseg.FirstGraphemeClusterInString(rest, state)
		if at+len(cluster) > cut {
			break
		}
		at, rest, state = at+len(cluster), tail, next
	}
	if at == 0 {
		return cut
	}
	return at
}
