package web

import (
	"strings"

	"astromesh/runtime/agent"
	"astromesh/web/view"
)

// whyParts are the steps of the agent's pattern, where it has one.
func whyParts(steps []agent.Step) (parts []view.WhyPart) {
	for _, step := range steps {
		if step.Stage != "pattern" {
			continue
		}
		words := func(key string) string { s, _ := step.Data[key].(string); return s }
		number := func(key string) int {
			if n, ok := step.Data[key].(float64); ok { // as it was kept
				return int(n)
			}
			n, _ := step.Data[key].(int)
			return n
		}
		p := view.WhyPart{
			Kind: words("kind"), Who: words("who"), Number: number("number"), Of: number("of"),
			Task: words("task"), Result: words("result"), Problem: words("error"), Took: step.Duration,
		}
		if other, _, ok := strings.Cut(step.Name, ": "); ok { // another agent's, which was asked as a tool
			p.Agent = other
		}
		parts = append(parts, p)
	}
	return parts
}
