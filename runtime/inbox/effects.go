package inbox

import (
	"encoding/json"
	"time"

	"astromesh/runtime/agent"
	"astromesh/store"

	"github.com/google/uuid"
)

// turnID names the turn of a burst. A turn that crashed, or was given back, is
// repeated under the same name, also where more messages have joined it since:
// it is made of the message that was first on disk. Tools give it to the outside
// world as an idempotency key, so it must not tell the customer's number, which
// message ids do.
func turnID(burst []item) string {
	first := burst[0]
	for _, it := range burst {
		if it.row < first.row {
			first = it
		}
	}
	if first.event.ID == "" {
		return uuid.NewString()
	}
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte("astromesh turn "+first.event.Account+" "+first.event.ID)).String()
}

// effects adds what the turn's tools want done with its end.
func (j *job) effects(r agent.Result, c *store.TurnCommit, now time.Time) {
	if r.HandOver != "" {
		c.HandOver, c.NeedsPerson = r.HandOver, "The agent calls for a person: "+r.HandOver
	}
	if len(r.Noted) > 0 {
		if b, err := json.Marshal(r.Noted); err == nil { // arguments came as JSON
			c.Turn.Noted = string(b)
		}
	}
	c.Turn.Data = string(r.Data)
	c.Kept = r.KeptChanges(j.name, now)
}

// also are the messages that tools sent, which go out before the reply. Where the
// reply came to nothing they say nothing either.
func (j *job) also(r agent.Result, author string) (parts []string) {
	if author != store.AuthorAgent {
		return nil
	}
	for _, text := range r.Also {
		parts = append(parts, j.Split(text)...)
	}
	return parts
}

// tellEffects records what the turn's tools did, and what went on without one.
func (j *job) tellEffects(r agent.Result, base store.Event) {
	for _, n := range r.Notices {
		e := base
		e.Kind, e.Level, e.Stage, e.Text = store.EventModel, "warn", n.Stage, n.Text
		if n.Stage == "guardrail" {
			e.Kind = store.EventGuardrail
		}
		j.event(e.With(map[string]string{"turn": j.id}))
	}
	for _, noted := range r.Noted {
		e := base
		e.Kind, e.Stage, e.Text = store.EventMessage, "tool", "The agent noted a call of "+noted.Tool+": no program asked for this turn, so a person sees it beside the conversation."
		j.event(e.With(map[string]string{"turn": j.id, "tool": noted.Tool}))
	}
	if r.HandOver != "" {
		e := base
		e.Kind, e.Stage, e.Text = store.EventMessage, "tool", "The agent called for a person and is silent in this conversation until somebody hands back."
		j.event(e.With(map[string]string{"turn": j.id}))
	}
}
