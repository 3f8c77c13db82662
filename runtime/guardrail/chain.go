package guardrail

import "slices"

// Chain is the guardrails of one direction, in the order of the agent's YAML.
// An empty chain lets everything pass.
type Chain []Check

// Run judges text by one check after the other; each sees what the one before
// let through, and the first that blocks ends it. Findings are in the order of
// the text and always in bytes of the given text, also where an earlier check
// had rewritten it. A check that only warns allows, with findings.
func (c Chain) Run(text string) Verdict {
	out := Verdict{Action: Allow, Text: text, Findings: []Finding{}}
	var layers [][]edit // how the text came to be what the next check sees
	for _, check := range c {
		v := check.Check(out.Text)
		for _, f := range v.Findings {
			f.Start, f.End = original(layers, f.Start, f.End)
			out.Findings = append(out.Findings, f)
		}
		if v.Action == Block {
			out.Action, out.Text, out.Rule = Block, "", check.Rule()
			break
		}
		if v.Action == Rewrite && v.Text != out.Text {
			out.Action = Rewrite
			if v.edits == nil {
				v.edits = diff(out.Text, v.Text)
			}
			layers = append(layers, v.edits)
			out.Text = v.Text
		}
	}
	slices.SortStableFunc(out.Findings, func(a, b Finding) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		return a.End - b.End
	})
	return out
}

// original takes a range back through every rewriting, the last one first.
func original(layers [][]edit, start, end int) (int, int) {
	for _, edits := range slices.Backward(layers) {
		start, end = unmap(edits, start, end)
	}
	return start, end
}
