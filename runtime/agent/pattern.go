package agent

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"astromesh/runtime/model"
)

// A pattern is how an agent's models work together until there is an answer. Each
// has a file of its own, pattern_NAME.go, and all are made of loops over the same
// prompt: what a role is told comes last, so that the model's server computes the
// beginning once. All calls of a turn count towards max_iterations together, and
// the last one is kept for an answer in plain words, whatever became of the rest.

const (
	maxParts = 6    // steps of a plan, or branches
	maxNote  = 3000 // bytes of one result that are handed on
)

// converse lets the agent's pattern find the answer. It records each call of a
// model or a tool by itself.
func (t *turn) converse(ctx context.Context, _ map[string]any) (err error) {
	if t.answer, err = t.byPattern(ctx); err != nil {
		return err
	}
	return t.structure(ctx)
}

func (t *turn) byPattern(ctx context.Context) (string, error) {
	switch t.agent.cfg.Spec.Orchestration.Pattern {
	case "plan_and_execute":
		return t.planAndExecute(ctx)
	case "parallel_fan_out":
		return t.fanOut(ctx)
	case "pipeline":
		return t.pipeline(ctx)
	case "supervisor":
		return t.supervise(ctx)
	case "swarm":
		return t.swarm(ctx)
	default:
		return t.react(ctx)
	}
}

// part is a step of a pattern as the trace calls it.
type part struct {
	kind       string // plan, step, branch, stage, decision, worker, member or answer
	number, of int    // from 1; 0 = not counted
	who        string // the stage, worker or member
}

func (p part) String() string {
	s := p.kind
	if p.who != "" {
		s += ":" + p.who
	}
	if p.number > 0 {
		s += fmt.Sprintf(" %d of %d", p.number, p.of)
	}
	return s
}

// branch is the number of a branch that runs beside others.
func (p part) branch() int {
	if p.kind == "branch" {
		return p.number
	}
	return 0
}

// job is what a pattern has a role do.
type job struct {
	part
	role  string // see Agent.chatAs
	task  string // in short, for the trace
	words string // what the role is told
	most  int    // model calls it may cost; 0 = all that the turn has
	keep  int    // model calls it leaves to what comes after it
}

// do has a role do its job in a loop of its own, with the agent's tools.
func (t *turn) do(ctx context.Context, j job) (string, error) {
	l := t.loop(j)
	began := t.agent.now()
	text, err := l.run(ctx)
	t.did(j, began, text, err)
	return text, err
}

// loop makes the loop of a job. A template of the agent that is called after the
// role stands before what the role is told; one that this customer's values break
// is left out, and the owner reads of it.
func (t *turn) loop(j job) *loop {
	words := "(" + j.words + ")"
	if template := t.agent.templates[j.role]; template != nil {
		own, err := template.render(t.values())
		if err != nil {
			t.notice("model", fmt.Sprintf("The template %s of agent %s could not be filled in, so the message was answered without it: %v", j.role, t.agent.Name(), err))
		} else {
			words = strings.TrimSpace(own) + "\n\n" + words
		}
	}
	messages := append(t.prompt[:len(t.prompt):len(t.prompt)], model.Message{Role: model.RoleUser, Content: words})
	return &loop{
		turn: t, role: j.role, part: j.part.String(), messages: messages, most: j.most, keep: j.keep,
		branch: j.branch(),
	}
}

// did records a step of the pattern.
func (t *turn) did(j job, began time.Time, result string, err error) {
	data := map[string]any{"kind": j.kind}
	for key, value := range map[string]string{"who": j.who, "task": t.traced(j.task), "result": t.traced(result)} {
		if value != "" {
			data[key] = value
		}
	}
	if j.number > 0 {
		data["number"], data["of"] = j.number, j.of
	}
	if err != nil {
		data["error"] = clip(reasonOf(err), 300)
	}
	t.record("pattern", j.part.String(), began, data)
}

// ends tells an error that ends the turn from one that a pattern goes on after.
func ends(ctx context.Context, err error) bool {
	return err != nil && (context.Cause(ctx) != nil || errors.Is(err, model.ErrUnavailable))
}

// reasonOf is an error as an owner reads it.
func reasonOf(err error) string {
	var end *ending
	var fault *model.Error
	switch {
	case errors.As(err, &end):
		return end.reason
	case errors.As(err, &fault):
		return fault.Candidate + ": " + fault.Reason
	}
	return err.Error()
}

// note is what came of a part.
type note struct {
	task, result string
	err          error
}

// notes are what later parts are told of earlier ones.
func notes(list []note) string {
	var b strings.Builder
	for i, n := range list {
		result := clip(n.result, maxNote)
		if n.err != nil || result == "" {
			result = "(this could not be found out)"
		}
		fmt.Fprintf(&b, "%d. %s\n%s\n", i+1, clip(n.task, maxNote), result)
	}
	return b.String()
}

// useless says whether nothing came of any part.
func useless(list []note) bool {
	for _, n := range list {
		if n.err == nil && n.result != "" {
			return false
		}
	}
	return true
}

// conclude has the answer written from what was found out; where nothing was, the
// message is answered as without a pattern.
func (t *turn) conclude(ctx context.Context, role string, found []note) (string, error) {
	if useless(found) {
		return t.react(ctx)
	}
	return t.orReact(ctx, job{part: part{kind: "answer"}, role: role, words: told("conclude", "found", notes(found))})
}

// orReact has a role write the answer, and where it fails the agent's own model,
// with the calls that are left.
func (t *turn) orReact(ctx context.Context, j job) (string, error) {
	answer, err := t.do(ctx, j)
	if err == nil || ends(ctx, err) || t.remaining() == 0 {
		return answer, err
	}
	return t.react(ctx)
}
