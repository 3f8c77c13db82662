package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"astromesh/runtime/agent"
	"astromesh/runtime/channel"
	"astromesh/store"

	"github.com/google/uuid"
)

// outcomeNotice is a turn without an agent: something that WhatsApp cannot show
// us, answered with the configured text.
const outcomeNotice agent.Outcome = "notice"

// noticeEvery is how often one customer reads the "unsupported" text at most.
const noticeEvery = time.Hour

// commit writes the turn's end. While the disk refuses, it tries again, since
// the reply is paid for; the rows go back only when the program stops.
func (j *job) commit(ctx context.Context, r agent.Result) error {
	c := j.build(r)
	if err := j.save(ctx, "turn", func() error { return j.Store.CommitTurn(c) }); err != nil {
		return err
	}
	j.tell(r, c)
	if len(c.Outbox) > 0 {
		j.Replied()
	}
	if r.Outcome == agent.Answered {
		j.prepareNext(r.Overdue)
	}
	return nil
}

// save writes until the disk takes it. An error means that the program stops,
// that a person has taken over, or that the rows are not this conversation's any
// more: they were merged into another one, or are finished.
func (c *conversation) save(ctx context.Context, what string, write func() error) error {
	for wait := time.Second; ; wait = min(2*wait, 30*time.Second) {
		err := write()
		if err == nil || errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrTaken) || errors.Is(err, store.ErrClosed) {
			return err
		}
		c.Log.Error(what+" cannot be saved; trying again", "stage", "inbox", "conversation", c.id, "error", err)
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

func (j *job) build(r agent.Result) store.TurnCommit {
	now := store.At(time.Now())
	c := store.TurnCommit{
		InboxIDs: rows(j.burst),
		Turn: store.Turn{
			ID: j.id, ConversationID: j.conversation.id, Agent: j.name, Outcome: string(r.Outcome), Reason: r.Reason,
			Trace: trace(r), ReceivedAt: store.At(j.burst[0].came), StartedAt: store.At(j.started), EndedAt: now,
		},
		Messages: j.lines(j.burst),
	}
	if j.agent != nil {
		c.Turn.AgentVersion = j.agent.Version
	}
	c.Turn.Usage = r.UsageRows()
	for _, u := range r.Usage {
		c.Turn.TokensIn, c.Turn.TokensOut, c.Turn.Model = c.Turn.TokensIn+u.TokensIn, c.Turn.TokensOut+u.TokensOut, u.Candidate
	}
	for _, m := range r.Remember {
		c.Memory = append(c.Memory, store.MemoryEntry{Agent: j.name, SessionID: j.session(), Role: string(m.Role), Content: m.Content, Tokens: r.Tokens(m.Content), TurnID: j.id, At: now})
	}
	for _, v := range r.Verdicts {
		for _, f := range v.Findings {
			c.Hits = append(c.Hits, store.GuardrailHit{TurnID: j.id, ConversationID: j.conversation.id, Agent: j.name, Direction: v.Direction, Rule: f.Rule, Entity: f.Entity, Action: string(v.Action), At: now})
		}
	}
	if r.Outcome == agent.Failed {
		c.NeedsPerson = r.Reason
	}
	author, parts := j.reply(r, &c)
	j.effects(r, &c, now.Time())
	for _, text := range append(j.also(r, author), parts...) {
		id := uuid.NewString()
		c.Outbox = append(c.Outbox, store.Outbox{ID: id, ConversationID: j.conversation.id, TurnID: j.id, Text: text, DueAt: now, CreatedAt: now})
		c.Messages = append(c.Messages, store.Message{ConversationID: j.conversation.id, TurnID: j.id, Author: author, Kind: "text", Text: text, OutboxID: id, At: now})
	}
	return c
}

// reply gives what the customer reads: the agent's reply, or one of the
// program's own sentences in the customer's language.
func (j *job) reply(r agent.Result, c *store.TurnCommit) (author string, parts []string) {
	outcome := r.Outcome
	switch outcome {
	case agent.Answered:
		if parts := j.Split(r.Reply); len(parts) > 0 {
			return store.AuthorAgent, parts
		}
		outcome, c.NeedsPerson = agent.Failed, "The reply was empty once it was formatted."
	case outcomeNotice:
		if time.Since(j.last().conv.NoticeAt.Time()) < noticeEvery || time.Since(j.noticed) < noticeEvery {
			return "", nil
		}
		j.noticed, c.Notice = time.Now(), true
	case agent.Blocked, agent.TooLong, agent.Failed:
	}
	var said []string
	for _, it := range j.burst {
		said = append(said, it.event.Text)
	}
	return store.AuthorSystem, j.Split(j.set.Texts.Instead(outcome, said, j.last().event.From.Phone))
}

// trace is what "why this answer" shows. Nothing in it was taken out by a
// guardrail: the agent's steps and prompt come after them.
func trace(r agent.Result) string {
	b, err := json.Marshal(map[string]any{"steps": r.Steps, "verdicts": r.Verdicts, "usage": r.Usage, "prompt": r.Prompt})
	if err != nil {
		return "" // a trace must never cost a reply
	}
	return string(b)
}

// tell records what the turn did, for the log page.
func (j *job) tell(r agent.Result, c store.TurnCommit) {
	base := store.Event{ConversationID: j.conversation.id, Agent: j.name}
	for _, h := range c.Hits {
		e := base
		e.Kind, e.Stage, e.Text = store.EventGuardrail, "guardrail", h.Rule+" found "+h.Entity+" in the "+h.Direction
		j.event(e.With(map[string]string{"rule": h.Rule, "entity": h.Entity, "action": h.Action, "direction": h.Direction, "turn": j.id}))
	}
	for _, u := range r.Usage {
		e := base
		e.Kind, e.Stage, e.Text = store.EventModel, "model", u.Candidate+" answered"
		j.event(e.With(u))
		if u.PromptWasCut {
			e.Level, e.Text = "warn", u.Candidate+" was given more than it can hold: the beginning of the prompt was cut. Raise num_ctx or lower max_turns."
			j.event(e)
		}
	}
	j.tellEffects(r, base)
	e := base
	e.Kind, e.Stage, e.Text = store.EventMessage, "outbox", "turn "+string(r.Outcome)
	if r.Outcome == agent.Failed {
		e.Level, e.Text = "error", r.Reason
	}
	j.event(e.With(map[string]any{"turn": j.id, "messages": len(j.burst), "replies": len(c.Outbox), "waited_ms": int64(c.Turn.EndedAt - c.Turn.ReceivedAt)}))
	j.Log.Info("turn committed", "stage", "outbox", "conversation", j.conversation.id, "agent", j.name, "outcome", r.Outcome, "replies", len(c.Outbox))
}

// record closes an event that nobody answers, with its line in the transcript.
func (c *conversation) record(ctx context.Context, it item) {
	j := &job{conversation: c, burst: []item{it}}
	j.choose()
	lines := j.lines(j.burst)
	if err := c.save(ctx, "event", func() error { return c.Store.Record([]int64{it.row}, lines) }); err != nil {
		c.giveBack(j.burst)
		return
	}
	c.forget(1)
	c.event(store.Event{Kind: store.EventMessage, ConversationID: c.id, Stage: "inbox", Text: "recorded, not answered: " + string(it.event.Kind)})
}

// lines makes the transcript's lines of what came in, as the input guardrails
// let it through.
func (j *job) lines(burst []item) []store.Message {
	var list []store.Message
	for _, it := range burst {
		author := store.AuthorCustomer
		switch {
		case it.event.Kind == channel.KindEcho:
			author = store.AuthorPerson
		case it.event.Treatment == channel.Record && it.event.Kind != channel.KindEdit:
			author = store.AuthorSystem
		}
		list = append(list, store.Message{ConversationID: j.conversation.id, TurnID: j.id, Author: author, Kind: string(it.event.Kind), Text: j.kept(it), MessageID: it.event.ID, At: store.At(it.event.At)})
	}
	return list
}

// kept is what the transcript may keep of a message: nothing where no agent says
// what that is, or where its guardrails panic over it.
func (j *job) kept(it item) (text string) {
	if j.agent == nil {
		return ""
	}
	_ = j.safely("guardrails", func() error { // then text is ""
		text = j.agent.Guard(it.event.From, it.event.Text, j.files[it.row])
		return nil
	})
	return text
}
