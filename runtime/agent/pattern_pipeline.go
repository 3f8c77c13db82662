package agent

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

const stageWords = `The answer to the message above is made in stages: %s. You do the stage %s (%d of %d).%s
%sWrite what the next stage needs. Do not write to the customer yet.
Do the stage %s now.`

const lastStageWords = `The answer to the message above is made in stages: %s. You do the last one, %s.%s
%sDo not mention stages or notes.
Write the answer to the customer now, in the customer's language, in plain words.`

// stages are those that the file names by stage:x, in its order (in role_map,
// model.roles or prompts.templates, where the template says what the stage does).
// Where it names none, or only some of the usual three, to give them models of
// their own, it is the usual three.
func (a *Agent) stages() []string {
	usual := []string{"analyze", "process", "synthesize"}
	written := a.cfg.RolesOf("stage")
	for _, name := range written {
		if !slices.Contains(usual, name) {
			return written
		}
	}
	return usual
}

// stageTask is what a stage is told to do, unless a template of its name says it.
func (a *Agent) stageTask(name string) string {
	if a.templates["stage:"+name] != nil {
		return ""
	}
	return map[string]string{
		"analyze":    " Say what the customer wants and which facts the answer needs.",
		"process":    " Find out these facts and work out what the answer is.",
		"synthesize": " Make the answer of it.",
	}[name]
}

// pipeline has the stages work one after the other, each on what the one before
// it gave; the last one's words are the answer. A stage that fails is left out:
// the next one works on what there is.
func (t *turn) pipeline(ctx context.Context) (string, error) {
	stages := t.agent.stages()
	order, last, before := strings.Join(stages, ", "), len(stages)-1, ""
	for i, name := range stages[:last] {
		if t.remaining() <= 1 {
			break
		}
		later := last - i - 1
		result, err := t.do(ctx, job{
			part: part{kind: "stage", who: name, number: i + 1, of: len(stages)}, role: "stage:" + name,
			words: fmt.Sprintf(stageWords, order, name, i+1, len(stages), t.agent.stageTask(name), before, name),
			most:  max(1, (t.remaining()-1)/(later+1)), keep: 1 + later,
		})
		if ends(ctx, err) {
			return "", err
		}
		if err == nil && result != "" {
			before = fmt.Sprintf("The stage %s gave:\n%s\n", name, clip(result, maxNote))
		}
	}
	name := stages[last]
	return t.orReact(ctx, job{
		part: part{kind: "stage", who: name, number: len(stages), of: len(stages)}, role: "stage:" + name,
		words: fmt.Sprintf(lastStageWords, order, name, t.agent.stageTask(name), before),
	})
}
