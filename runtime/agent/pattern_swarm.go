package agent

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"astromesh/runtime/model"
)

// swarm has one member answer: the agent itself receives the message, and whoever
// is in charge may hand it to another one (roles member:x, tools of type agent)
// that has not had it yet. So it cannot go round in circles.
func (t *turn) swarm(ctx context.Context) (string, error) {
	self := colleague{name: t.agent.Name(), role: "reasoner"}
	charge, others, why := self, t.agent.colleagues("member"), ""
	for len(others) > 0 && t.remaining() > 1 {
		answer, next, err := t.inCharge(ctx, charge, others, why)
		if ends(ctx, err) {
			return "", err
		}
		if err != nil {
			break // it cannot: the agent itself answers plainly
		}
		if next == nil {
			return answer, nil
		}
		others = without(others, next.name)
		if next.role == "" {
			answer, err := t.toAgent(ctx, *next)
			if answer != "" || err != nil {
				return answer, err
			}
			continue // it gave nothing: whoever was in charge goes on
		}
		charge, why = *next, next.task
	}
	return t.orReact(ctx, job{
		part: part{kind: "member", who: charge.name}, role: charge.role, words: told("charge", "name", charge.name, "task", why),
	})
}

// inCharge asks a member for the answer, or for whom it hands over to.
func (t *turn) inCharge(ctx context.Context, h colleague, others []colleague, why string) (answer string, next *colleague, err error) {
	j := job{
		part: part{kind: "member", who: h.name}, role: h.role, keep: 0,
		words: told("member", "name", h.name, "task", why, "others", roster(others), "form", fmt.Sprintf(`{"handoff": %q}`, others[0].name)),
	}
	l := t.loop(j)
	l.heard = func(reply model.Response) (done bool, wrong string) {
		next, wrong = handoff(reply, others)
		return next != nil, wrong
	}
	began := t.agent.now()
	answer, err = l.run(ctx)
	result := answer
	if next != nil {
		result = "→ " + next.name
	}
	t.did(j, began, result, err)
	return answer, next, err
}

// handoff reads whom a member hands over to: as JSON, or by calling the other
// agent, which is one of its tools too. wrong is what the member is told of a
// name that cannot be.
func handoff(reply model.Response, others []colleague) (next *colleague, wrong string) {
	for _, call := range reply.ToolCalls {
		if h, ok := named(others, call.Name); ok && h.role == "" {
			for _, value := range call.Arguments {
				if s, ok := value.(string); ok {
					h.task = clip(clean(s), maxNote)
				}
			}
			return &h, ""
		}
	}
	values, err := looseJSON(reply.Content)
	if err != nil {
		return nil, ""
	}
	for _, value := range values {
		object, ok := value.(map[string]any)
		if !ok {
			continue
		}
		name := text(object, "handoff", "handover", "hand_over", "transfer")
		if name == "" {
			continue
		}
		if h, ok := named(others, name); ok {
			h.task = text(object, "task", "context", "reason")
			return &h, ""
		}
		wrong = "(" + told("nobody", "name", strconv.Quote(clip(name, 60)), "others", strings.Join(namesOf(others), ", ")) + ")"
	}
	return nil, wrong
}

// toAgent gives the message to another agent, whose answer it is. "" = it gave none.
func (t *turn) toAgent(ctx context.Context, h colleague) (string, error) {
	if h.task == "" {
		h.task = t.text
	}
	result, err := t.help(ctx, part{kind: "worker", who: h.name}, h, 0)
	switch {
	case ends(ctx, err):
		return "", err
	case err != nil:
		return "", nil //nolint:nilerr // it is in the trace
	}
	answer, _ := t.gate(cmp.Or(t.handed, result)) // the data of its output_schema is not for the customer
	return sayable(answer), nil
}

func without(list []colleague, name string) []colleague {
	var rest []colleague
	for _, h := range list {
		if h.name != name {
			rest = append(rest, h)
		}
	}
	return rest
}
