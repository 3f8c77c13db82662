package agent

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// planAndExecute has a planner write the steps that the message takes, a worker
// do one after the other with the tools, each knowing what the ones before it
// gave, and a synthesizer write the answer. What takes no steps is answered at
// once: it has cost one call more.
func (t *turn) planAndExecute(ctx context.Context) (string, error) {
	most := min(maxParts, t.remaining()-2) // the plan and the answer take one each
	if most < 2 {
		return t.react(ctx)
	}
	steps, err := t.plan(ctx, part{kind: "plan"}, "plan", "steps", most)
	if err != nil {
		return "", err
	}
	if len(steps) < 2 {
		return t.react(ctx)
	}
	steps = steps[:min(len(steps), max(1, t.remaining()-1))] // a plan that was asked for twice has cost a step
	var found []note
	for i, step := range steps {
		later := len(steps) - i - 1
		if t.remaining() <= 1 {
			found = append(found, note{task: step})
			continue
		}
		before := ""
		if i > 0 {
			before = told("before", "found", notes(found))
		}
		result, err := t.do(ctx, job{
			part: part{kind: "step", number: i + 1, of: len(steps)}, role: "worker", task: step,
			words: told("step", "number", strconv.Itoa(i+1), "of", strconv.Itoa(len(steps)), "task", step, "before", before),
			most:  max(1, (t.remaining()-1)/(later+1)), keep: 1 + later,
		})
		if ends(ctx, err) {
			return "", err
		}
		found = append(found, note{step, result, err})
	}
	return t.conclude(ctx, "synthesizer", found)
}

// plan has the planner list what there is to do; none where it cannot.
func (t *turn) plan(ctx context.Context, p part, file, key string, most int) ([]string, error) {
	var list []string
	f := form{
		shown: fmt.Sprintf(`{%q: ["…", "…"]} or {%q: []}`, key, key),
		schema: fmt.Appendf(nil, `{"type":"object","properties":{%q:{"type":"array","items":{"type":"string"},"maxItems":%d}},"required":[%q]}`,
			key, most, key),
	}
	f.read = func(value any) (err error) {
		list, err = entries(value, most)
		return err
	}
	f.words = func() string {
		var lines []string
		for i, entry := range list {
			lines = append(lines, strconv.Itoa(i+1)+". "+entry)
		}
		return strings.Join(lines, "\n")
	}
	if ok, err := t.decide(ctx, job{part: p, role: "planner", words: told(file, "most", strconv.Itoa(most), "form", f.shown)}, f); !ok {
		return nil, err
	}
	return list, nil
}
