package agent

import (
	"regexp"
	"slices"
	"strings"

	"astromesh/runtime/guardrail"
)

// hidPlan is what the trace calls words that were meant for the program.
const hidPlan = "plan"

// gate takes out of a text what no customer may read: see guardrail.Gate. Where
// models talk to the program in JSON, that too.
func (t *turn) gate(reply string) (text string, hidden []string) {
	text, hidden = guardrail.Gate(reply, t.agent.tools.Names())
	switch t.agent.cfg.Spec.Orchestration.Pattern {
	case "", "react":
		return text, hidden
	}
	plain := withoutInstructions(withoutDecisions(text))
	if plain != text {
		hidden = append(hidden, hidPlan)
	}
	return plain, hidden
}

// withoutDecisions takes plans and decisions out of a text. What stands in one as
// the answer is kept.
func withoutDecisions(s string) string {
	if len(s) > maxLoose {
		return s // nobody's plan
	}
	var kept strings.Builder
	rest, changed := s, false
	for range maxLooseTries {
		i := strings.IndexByte(rest, '{')
		if i < 0 {
			break
		}
		value, end := looseAt(rest, i)
		answer, inner := decided(value)
		if end <= i || !inner {
			kept.WriteString(rest[:i+1])
			rest = rest[i+1:]
			continue
		}
		kept.WriteString(fenceBefore.ReplaceAllString(rest[:i], "") + answer)
		rest, changed = fenceAfter.ReplaceAllString(rest[end:], ""), true
	}
	if !changed {
		return s
	}
	return strings.TrimSpace(blankLines.ReplaceAllString(kept.String()+rest, "\n\n"))
}

// The code fence around what is taken out, and the gap that it leaves.
var (
	blankLines  = regexp.MustCompile(`\n\s*\n\s*\n`)
	fenceBefore = regexp.MustCompile("```[a-z]*\\s*$")
	fenceAfter  = regexp.MustCompile("^\\s*```")
)

// decisionWords are the names under which plans and decisions are read, see
// entries, readDecision and handoff: what is read under a name is not said to a
// customer under it.
func decisionWords() []string {
	return []string{
		"steps", "parts", "plan", "subtasks", "tasks", "questions", "worker", "delegate", "handoff", "handover", "hand_over", "transfer",
		"answer", "final_answer", "response", "reply",
	}
}

// besideDecisions say nothing without one of the others.
func besideDecisions() []string {
	return []string{"task", "query", "input", "instruction", "context", "reason", "thought", "goal", "confidence"}
}

// decided says whether a value has the form of a plan or a decision, and the
// answer in it.
func decided(value any) (answer string, is bool) {
	object, ok := value.(map[string]any)
	if !ok || len(object) == 0 {
		return "", false
	}
	for key := range object {
		key = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(key)), " ", "_") // as member reads it
		tells := slices.Contains(decisionWords(), key)
		if !tells && !slices.Contains(besideDecisions(), key) {
			return "", false
		}
		is = is || tells
	}
	return text(object, "answer", "final_answer", "response", "reply"), is
}
