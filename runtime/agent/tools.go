package agent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"astromesh/runtime/guardrail"
	"astromesh/runtime/model"
	"astromesh/runtime/tool"
	"astromesh/store"
)

// buildTools gathers the tools that the agent declares and may call.
func (a *Agent) buildTools(parts Parts) {
	var declared []tool.Declared
	for _, t := range a.cfg.Spec.Tools {
		d := tool.Declared{Type: t.Type, Name: t.Name, Description: t.Description, Config: t.Config, Parameters: t.Parameters, Rest: t.Rest}
		if t.RateLimit != nil {
			d.Window = cmp.Or(time.Duration(t.RateLimit.WindowSeconds), time.Minute)
			d.MaxCalls = cmp.Or(t.RateLimit.MaxCalls, 10)
		}
		declared = append(declared, d)
	}
	registry, problems := tool.New(declared, tool.Sources{Now: parts.Now, UserContext: parts.UserContext, Recall: a.recallKept, Agent: a.about, Outside: parts.Outside})
	if p := a.cfg.Spec.Permissions; p != nil && p.AllowedActions != nil {
		registry.Keep(*p.AllowedActions)
	}
	for _, p := range problems {
		a.warn("%s", p)
	}
	a.tools = registry
}

// Prepare opens what the tools need, a program or a connection, so that the first
// customer does not wait for it. The notices say what could not be opened.
func (a *Agent) Prepare(ctx context.Context) (notices []Notice) {
	a.begin()
	defer a.end() // it may have been replaced meanwhile
	for _, f := range a.tools.Open(ctx) {
		notices = append(notices, Notice{Stage: "tool", Text: f.Text})
	}
	return notices
}

// about tells what another agent is for.
func (a *Agent) about(name string) (string, bool) {
	if a.agents == nil {
		return "", false
	}
	other, ok := a.agents(name)
	if !ok {
		return "", false
	}
	return other.cfg.Spec.Identity.Description, true
}

// recallKept finds what cache_store has kept.
func (a *Agent) recallKept(ctx context.Context, scope, session, key string) (value string, found bool, err error) {
	if scope == tool.ScopeAgent {
		session = ""
	}
	if a.store == nil {
		return "", false, nil
	}
	return a.store.Kept(ctx, a.Name(), session, key)
}

// KeptChanges is what the turn's tools stored, as rows of the agent.
func (r Result) KeptChanges(agent string, now time.Time) (list []store.KeptChange) {
	for _, k := range r.Kept {
		c := store.KeptChange{Shared: k.Scope == tool.ScopeAgent, Gone: k.Gone,
			Kept: store.Kept{Agent: agent, Name: k.Key, Value: k.Value, At: store.At(now)}}
		if k.TTL > 0 {
			c.ExpiresAt = store.At(now.Add(k.TTL))
		}
		list = append(list, c)
	}
	return list
}

// Notice is what the owner is to know of a turn that went on without something:
// a line of the Logs page.
type Notice struct {
	Stage string // model, tool, guardrail, memory
	Text  string // one sentence, without a customer's words
}

// notice tells the owner something; the same sentence once a turn.
func (t *turn) notice(stage, text string) {
	n := Notice{Stage: stage, Text: text}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over || slices.Contains(t.result.Notices, n) {
		return
	}
	t.result.Notices = append(t.result.Notices, n)
}

// aside is what tools do of a turn's own business: words pass its guardrails,
// the model is asked. Tools may run beside each other, and one that answers too
// late may come when the turn is over, so it has a lock and an end of its own.
type aside struct {
	turn *turn

	mu       sync.Mutex
	over     bool
	verdicts []DirectedVerdict
	usage    []model.Usage
}

// openTools asks what has to be asked which tools it has.
func (t *turn) openTools(ctx context.Context, _ map[string]any) error {
	t.aside = &aside{turn: t}
	t.effects = tool.NewEffects(t.aside.screen)
	for _, f := range t.agent.tools.Open(ctx) {
		t.notice("tool", f.Text)
	}
	return nil
}

// useTool runs one call of the model.
func (l *loop) useTool(ctx context.Context, name string, arguments map[string]any) (string, error) {
	key := ""
	if l.branch > 0 { // which of several branches calls first is chance: each counts by itself
		l.used++
		key = fmt.Sprintf("b%d-%d", l.branch, l.used)
	}
	answer := l.agent.tools.Answer(ctx, name, tool.Call{
		Arguments: arguments, TurnID: l.in.TurnID, Key: key, SessionID: l.in.SessionID, Contact: tool.Contact{Name: l.name()},
		Effects: l.effects, Ask: l.aside.ask, Consult: l.consult,
	})
	if answer.Fault != "" {
		l.notice("tool", answer.Fault)
	}
	return answer.Text, answer.Err
}

// takeEffects puts into the result what the turn's tools want done with it. Of a
// turn that failed only the call for a person stands: whoever was promised one
// is not helped by hearing nothing of it.
func (t *turn) takeEffects() {
	if t.aside == nil {
		return
	}
	r := &t.result
	t.aside.close(r)
	r.HandOver = t.effects.Handover()
	if r.Outcome == Answered {
		r.Also, r.Noted, r.Kept = t.effects.Sends(), t.effects.Records(), t.effects.Kept()
		if n := len(r.Remember); n > 0 { // the agent is to know later what it has said
			r.Remember[n-1].Content = strings.Join(append(slices.Clone(r.Also), r.Remember[n-1].Content), "\n\n")
		}
	}
}

// close takes what the tools have cost and found into the result; what comes
// after it is too late.
func (a *aside) close(r *Result) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over = true
	r.Verdicts, r.Usage = append(r.Verdicts, a.verdicts...), append(r.Usage, a.usage...)
}

// screen lets the output guardrails and the last gate judge words of a tool that
// a customer will read, or that are stored. The gate looks first too, as it does
// with a reply: what it takes away may part a word that is forbidden.
func (a *aside) screen(text string) (string, error) {
	text, _ = guardrail.Gate(text, a.turn.agent.tools.Names())
	v := a.turn.output.Run(text)
	a.mu.Lock()
	if !a.over {
		a.verdicts = append(a.verdicts, DirectedVerdict{Direction: "output", Verdict: v})
	}
	a.mu.Unlock()
	if v.Action == guardrail.Block {
		return "", errors.New("the guardrail " + v.Rule + " does not allow this text")
	}
	text, _ = guardrail.Gate(v.Text, a.turn.agent.tools.Names())
	return sayable(text), nil
}

// ask has the agent's model answer outside the conversation.
func (a *aside) ask(ctx context.Context, system, text string) (string, error) {
	reply, err := a.turn.agent.chat(ctx, model.Request{
		Messages: []model.Message{{Role: model.RoleSystem, Content: system}, {Role: model.RoleUser, Content: text}},
	})
	if err != nil {
		return "", errors.New("the model could not be asked")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.over {
		a.usage = append(a.usage, reply.Usage)
	}
	words, _ := guardrail.Gate(reply.Content, a.turn.agent.tools.Names())
	return sayable(words), nil
}
