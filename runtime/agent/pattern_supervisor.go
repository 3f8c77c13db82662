package agent

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// decision is what a supervisor wants: a worker's task, or the answer.
type decision struct {
	worker colleague
	task   string
	answer string
}

// supervise has a supervisor give tasks to workers, one after the other, until it
// has the answer. Workers are the agent's colleagues (tools of type agent, roles
// worker:x); an agent without any has one worker, with its own tools.
func (t *turn) supervise(ctx context.Context) (string, error) {
	workers := t.agent.colleagues("worker")
	if len(workers) == 0 {
		workers = []colleague{{name: "worker", about: "has your tools", role: "worker"}}
	}
	var found []note
	for t.remaining() > 1 {
		d, ok, err := t.decision(ctx, workers, found)
		if err != nil {
			return "", err
		}
		if answer, _ := t.gate(d.answer); ok && sayable(answer) != "" {
			return sayable(answer), nil
		}
		if !ok || d.task == "" || given(found, d) {
			break // it does not get on
		}
		h := d.worker
		h.task, h.words = d.task, told("worker", "task", d.task)
		result, err := t.help(ctx, part{kind: "worker", who: h.name}, h, max(1, (t.remaining()-1)/2))
		if ends(ctx, err) {
			return "", err
		}
		found = append(found, note{h.name + ": " + d.task, result, err})
	}
	return t.conclude(ctx, "supervisor", found)
}

// decision has the supervisor decide.
func (t *turn) decision(ctx context.Context, workers []colleague, found []note) (d decision, ok bool, err error) {
	known := ""
	if len(found) > 0 {
		known = told("before", "found", notes(found))
	}
	enum, err := json.Marshal(namesOf(workers))
	if err != nil {
		return d, false, err
	}
	f := form{
		shown: fmt.Sprintf(`{"worker": %q, "task": "…"} or {"answer": "…"}`, workers[0].name),
		schema: fmt.Appendf(nil, `{"anyOf":[{"type":"object","properties":{"worker":{"enum":%s},"task":{"type":"string"}},"required":["worker","task"]},`+
			`{"type":"object","properties":{"answer":{"type":"string"}},"required":["answer"]}]}`, enum),
	}
	f.read = func(value any) (err error) {
		d, err = readDecision(value, workers)
		return err
	}
	f.words = func() string {
		if d.answer != "" {
			return d.answer
		}
		return "→ " + d.worker.name + ": " + d.task
	}
	ok, err = t.decide(ctx, job{
		part: part{kind: "decision"}, role: "supervisor", words: told("decide", "workers", roster(workers), "before", known, "form", f.shown),
	}, f)
	return d, ok, err
}

// readDecision takes the names that models and other programs' files give it.
func readDecision(value any, workers []colleague) (decision, error) {
	object, ok := value.(map[string]any)
	if !ok {
		return decision{}, errors.New("it is not an object")
	}
	if name := text(object, "worker", "delegate", "next", "agent"); name != "" {
		h, ok := named(workers, name)
		task := text(object, "task", "query", "input", "instruction")
		switch {
		case !ok:
			return decision{}, fmt.Errorf("there is no worker %q, only: %s", clip(name, 60), strings.Join(namesOf(workers), ", "))
		case task == "":
			return decision{}, errors.New("the task is missing")
		}
		return decision{worker: h, task: task}, nil
	}
	if answer := cmp.Or(text(object, "answer", "final_answer"), text(object, "response", "reply")); answer != "" {
		return decision{answer: answer}, nil
	}
	return decision{}, errors.New("neither a worker nor an answer is named")
}

// given says whether a worker already had this task.
func given(found []note, d decision) bool {
	for _, n := range found {
		if n.task == d.worker.name+": "+d.task {
			return true
		}
	}
	return false
}
