package inbox

import (
	"context"
	"time"

	"astromesh/store"
)

// aheadAfter is how long a customer has been quiet before older turns are folded
// and the next prompt is computed ahead: who is still typing is answered first.
const aheadAfter = 5 * time.Second

// prepareNext remembers what to do while nobody waits. Where the customer writes so
// fast that the agent has begun to forget (overdue), it is done at once.
func (j *job) prepareNext(overdue bool) {
	// Not the job itself, which holds attachments.
	c, session, customer, ag := j.conversation, j.session(), j.last().event.From, j.agent
	c.aheadIn = aheadAfter
	if overdue {
		c.aheadIn = 0
	}
	c.ahead = func(ctx context.Context) {
		done, err := ag.Settle(ctx, session, customer)
		if rows := done.UsageRows(); len(rows) > 0 {
			if err := c.Store.AddUsage(c.id, ag.Name(), rows); err != nil {
				c.Log.Warn("what a summary took was not counted", "stage", "model", "conversation", c.id, "error", err)
			}
		}
		for _, n := range done.Notices {
			c.event(store.Event{Kind: store.EventModel, Level: "warn", ConversationID: c.id, Agent: ag.Name(), Stage: n.Stage, Text: n.Text})
		}
		if err != nil && ctx.Err() == nil {
			c.Log.Debug("the next prompt was not computed ahead", "stage", "model", "conversation", c.id, "error", err)
		}
	}
}

// quiet gives a channel that fires when there is something to compute ahead.
func (c *conversation) quiet() (<-chan time.Time, func()) {
	if c.ahead == nil {
		return nil, func() {}
	}
	t := time.NewTimer(c.aheadIn)
	return t.C, func() { t.Stop() }
}

// computeAhead runs beside the conversation, which stays ready for its customer:
// the model's queue lets a real turn pass, and a stop ends it. One runs at a time,
// and of those that wait for it the newest: two would fold the same turns, and one
// of the summaries be thrown away.
func (c *conversation) computeAhead(ctx context.Context) {
	ahead, before, done := c.ahead, c.computing, make(chan struct{})
	c.ahead, c.computing = nil, done
	turn := c.computed.Add(1)
	c.running.Go(func() {
		defer close(done)
		if before != nil {
			<-before // ctx ends that one too
		}
		if c.computed.Load() != turn {
			return
		}
		_ = c.safely("computing ahead", func() error { ahead(ctx); return nil }) // nobody waits for it
	})
}
