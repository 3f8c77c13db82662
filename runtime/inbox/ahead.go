package inbox

import (
	"context"
	"time"
)

// aheadAfter is how long a customer has been quiet before the next prompt is
// computed ahead: who is still typing is answered first.
const aheadAfter = 5 * time.Second

// prepareNext remembers what to compute while nobody waits. It is worth it only
// after the history window moved: otherwise the server has nearly all of the
// next prompt from the last one.
func (j *job) prepareNext() {
	// Not the job itself, which holds attachments.
	c, session, customer, ag := j.conversation, j.session(), j.last().event.From, j.agent
	c.ahead = func(ctx context.Context) {
		moved, err := ag.WindowMoved(ctx, session)
		if err == nil && moved {
			err = ag.WarmNext(ctx, session, customer)
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
	t := time.NewTimer(aheadAfter)
	return t.C, func() { t.Stop() }
}

// computeAhead runs beside the conversation, which stays ready for its customer:
// the model's queue lets a real turn pass, and a stop ends it.
func (c *conversation) computeAhead(ctx context.Context) {
	ahead := c.ahead
	c.ahead = nil
	c.running.Go(func() {
		_ = c.safely("computing ahead", func() error { ahead(ctx); return nil }) // nobody waits for it
	})
}
