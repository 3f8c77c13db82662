package agent

import (
	"context"
	"strconv"
	"strings"
)

// stageTask is what a stage is told to do, unless a template of its name says it.
func (a *Agent) stageTask(name string) string {
	if a.templates["stage:"+name] != nil {
		return ""
	}
	return told("stage-" + name)
}

// pipeline has the stages (config.Agent.Stages) work one after the other, each on what the one before
// it gave; the last one's words are the answer. A stage that fails is left out:
// the next one works on what there is.
func (t *turn) pipeline(ctx context.Context) (string, error) {
	stages := t.agent.cfg.Stages()
	order, last, before := strings.Join(stages, ", "), len(stages)-1, ""
	for i, name := range stages[:last] {
		if t.remaining() <= 1 {
			break
		}
		later := last - i - 1
		result, err := t.do(ctx, job{
			part: part{kind: "stage", who: name, number: i + 1, of: len(stages)}, role: "stage:" + name,
			words: told("stage", "stages", order, "name", name, "number", strconv.Itoa(i+1), "of", strconv.Itoa(len(stages)),
				"task", t.agent.stageTask(name), "before", before),
			most: max(1, (t.remaining()-1)/(later+1)), keep: 1 + later,
		})
		if ends(ctx, err) {
			return "", err
		}
		if err == nil && result != "" {
			before = told("before", "found", name+": "+clip(result, maxNote))
		}
	}
	name := stages[last]
	return t.orReact(ctx, job{
		part: part{kind: "stage", who: name, number: len(stages), of: len(stages)}, role: "stage:" + name,
		words: told("stage-last", "stages", order, "name", name, "task", t.agent.stageTask(name), "before", before),
	})
}
