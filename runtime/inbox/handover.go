package inbox

import (
	"context"
	"time"

	"astromesh/runtime/agent"
	"astromesh/runtime/channel"
	"astromesh/store"
)

// Interrupt ends the running turn of a conversation at once, also while a model
// is writing, because a person has taken over: the store knows it already. It
// never blocks; where no turn runs nothing happens.
func (d *Dispatcher) Interrupt(conversation int64) {
	d.turns.Lock()
	defer d.turns.Unlock()
	if end, ok := d.turns.running[conversation]; ok {
		end(store.ErrTaken)
	}
}

// WaitsForModel tells until when a conversation's turn tries again because no
// model could be reached; zero where no turn waits. It holds to the end of the
// turn: whether the try in hand got through shows only with its answer.
func (d *Dispatcher) WaitsForModel(conversation int64) time.Time {
	d.turns.Lock()
	defer d.turns.Unlock()
	return d.turns.waiting[conversation]
}

// waitsUntil is said before the event that has pages look.
func (j *job) waitsUntil(end time.Time) {
	j.turns.Lock()
	defer j.turns.Unlock()
	j.turns.waiting[j.conversation.id] = end
}

// beginTurn makes a turn that Interrupt can end. A person may have taken over
// since the messages were claimed: that is asked after Interrupt can be heard,
// so that no takeover falls between.
func (j *job) beginTurn(work context.Context) (turn context.Context, end func(), err error) {
	turn, cancel := context.WithCancelCause(work)
	j.turns.Lock()
	j.turns.running[j.conversation.id] = cancel
	j.turns.Unlock()
	end = func() {
		j.turns.Lock()
		delete(j.turns.running, j.conversation.id)
		delete(j.turns.waiting, j.conversation.id)
		j.turns.Unlock()
		cancel(nil)
	}
	taken, err := j.Store.Taken(turn, j.conversation.id)
	if err == nil && taken {
		err = store.ErrTaken
	}
	return turn, end, err
}

// keep records what came while a person answers, or just before: it is shown and
// remembered, and not answered.
func (c *conversation) keep(ctx context.Context, burst []item) {
	j := &job{conversation: c, burst: burst, files: unfetched(burst)}
	j.choose()
	lines := j.lines(burst)
	overheard := j.overheard(lines)
	err := c.save(ctx, "talk with a person", func() error { return c.Store.RecordTaken(rows(burst), lines, overheard) })
	if err != nil {
		c.giveBack(burst) // of an erased customer there is nothing to give back
		return
	}
	c.forget(len(burst))
	c.event(store.Event{Kind: store.EventMessage, ConversationID: c.id, Stage: "inbox", Text: "recorded, a person answers"})
}

// overheard is what the agent is to know of a talk between the customer and a
// person. A person speaks in the agent's place, and is remembered so.
func (j *job) overheard(lines []store.Message) []store.MemoryEntry {
	var list []store.MemoryEntry
	for i, l := range lines {
		role := "user"
		switch {
		case l.Text == "":
			continue
		case l.Author == store.AuthorPerson:
			role = "assistant"
		case j.burst[i].event.Treatment != channel.Answer:
			continue
		}
		list = append(list, store.MemoryEntry{Agent: j.name, SessionID: j.session(), Role: role, Content: l.Text, At: l.At})
	}
	return list
}

// unfetched names the attachments of messages that no agent looks at.
func unfetched(burst []item) map[int64][]agent.Attachment {
	files := map[int64][]agent.Attachment{}
	for _, it := range burst {
		for _, m := range it.event.Media {
			files[it.row] = append(files[it.row], agent.Attachment{Media: m, Unfetched: true})
		}
	}
	return files
}
