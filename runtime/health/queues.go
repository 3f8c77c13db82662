package health

import (
	"context"
	"fmt"
	"time"

	"astromesh/store"
)

const (
	// A turn may gather a burst for 15 s and wait two minutes for a model.
	slowInbox  = 5 * time.Minute
	stuckInbox = 30 * time.Minute
	slowOutbox = 10 * time.Minute
)

// ReadQueues counts what waits in a store. Whether sending is paused only the
// relay knows.
func ReadQueues(ctx context.Context, st *store.Store, now time.Time) (q Queues, err error) {
	var oldest store.Millis
	if q.Inbox, oldest, err = st.InboxWaiting(ctx); err != nil {
		return q, fmt.Errorf("count messages that wait: %w", err)
	}
	q.OldestInbox = oldest.Time()
	if q.Outbox, err = st.OutboxCounts(ctx, now.Add(-failedWithin)); err != nil {
		return q, fmt.Errorf("count replies: %w", err)
	}
	if q.NeedPerson, err = st.NeedsPerson(ctx); err != nil {
		return q, fmt.Errorf("count conversations that need a person: %w", err)
	}
	return q, nil
}

// sending says whether replies go out.
func sending(in Inputs) []Check {
	const name = "sending"
	q, o := in.Queues, in.Queues.Outbox
	switch {
	case q.Paused:
		return fail(name, fmt.Sprintf("All sending is paused since %s; %s. %s", q.PausedSince.Format("15:04"), waits(o.Waiting), q.PausedWhy),
			"Nothing is lost: the waiting replies go out when a token that Meta takes is entered. "+tokenPlace)
	case o.TokenRefused > 0:
		return fail(name, fmt.Sprintf("Meta refused the access token when a reply was sent; %s. [190]", waits(o.Waiting)),
			"Nothing is lost: the waiting replies go out when a token that Meta takes is entered. "+tokenPlace)
	}
	var checks []Check
	if o.Failed > 0 {
		checks = append(checks, warn(name, fmt.Sprintf("%s not delivered in the last 24 hours.", count(o.Failed, "reply was", "replies were")),
			"Open those conversations: each says why, and can be answered by hand.")...)
	}
	if o.Unsure > 0 {
		checks = append(checks, warn(name, fmt.Sprintf("Of %s it is not known whether Meta took it.", count(o.Unsure, "reply", "replies")),
			"Wait a minute: Meta's report settles it.")...)
	}
	if age := in.Now.Sub(o.OldestDue.Time()); o.OldestDue != 0 && age > slowOutbox {
		checks = append(checks, warn(name, fmt.Sprintf("%s to be sent, the oldest for %s.", count(o.Waiting, "reply waits", "replies wait"), lasting(age)),
			"See graph. If all is well there, the limit of messages a minute (rate_limit in channels.yaml) may be too low.")...)
	}
	if len(checks) == 0 {
		return ok(name, "Replies go out; "+waits(o.Waiting)+".")
	}
	return checks
}

func waits(n int64) string {
	if n == 0 {
		return "none waits"
	}
	return count(n, "reply waits", "replies wait")
}

// inbox says whether messages are answered in time.
func inbox(in Inputs) []Check {
	const name = "inbox"
	q := in.Queues
	if q.Inbox == 0 {
		return ok(name, "No message waits to be answered.")
	}
	age := in.Now.Sub(q.OldestInbox)
	detail := fmt.Sprintf("%s to be answered, the oldest for %s.", count(q.Inbox, "message waits", "messages wait"), lasting(age))
	mend := "See models: a model that is missing or slow is the usual reason. Nothing is lost."
	if in.Outside {
		mend = "If Astromesh is not running, start it (astromesh serve). " + mend
	}
	switch {
	case age > stuckInbox:
		return fail(name, detail, mend)
	case age > slowInbox:
		return warn(name, detail, mend)
	default:
		return ok(name, detail)
	}
}

// people says how many conversations wait for a person.
func people(in Inputs) []Check {
	if n := in.Queues.NeedPerson; n > 0 {
		return warn("people", fmt.Sprintf("%s for a person.", count(n, "conversation waits", "conversations wait")), "Open it in the dashboard and answer; each says why.")
	}
	return ok("people", "No conversation waits for a person.")
}
