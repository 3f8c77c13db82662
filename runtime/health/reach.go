package health

import (
	"time"

	"astromesh/runtime/reach"
)

// Reach is the way in from the internet, as the running program knows it or as
// the command saw it from outside.
type Reach struct {
	reach.State
	Turned   int64 // calls with a signature that the settings kept out
	TurnedAt time.Time
}

// renewBefore is how long before its end a certificate that is not renewed means
// trouble: the program has tried for weeks by then.
const renewBefore = 7 * 24 * time.Hour

// wayIn says whether Meta can reach this program, where it is known how: who
// brings the calls in by other means hears nothing.
func wayIn(in Inputs) []Check {
	const name = "reach"
	r := in.Reach
	if r.Way == reach.None && r.Check.At.IsZero() {
		return nil
	}
	checks := wayChecks(name, in, r)
	if !r.TurnedAt.IsZero() && in.Now.Sub(r.TurnedAt) < failedWithin {
		checks = append(checks, warn(name, count(r.Turned, "call", "calls")+" that looked like Meta's came from outside the networks that may call, or without Meta's certificate.",
			"Meta's networks and certificates change. Compare them under Settings, Reachability, or let everybody call: each call is signed all the same.")...)
	}
	return checks
}

func wayChecks(name string, in Inputs, r Reach) []Check {
	failed := r.Check.Problem()
	switch {
	case r.Phase == reach.Trouble && r.Problem != nil:
		return wrong(name, r.Problem)
	case r.Phase == reach.Opening:
		return warn(name, "The way in from the internet is being opened.", "Look again in a minute.")
	case failed != nil:
		return wrong(name, failed)
	case r.Meta != nil && !in.Door.AcceptedAt.After(r.Since):
		return wrong(name, r.Meta)
	case r.Problem != nil && r.Until.Sub(in.Now) < renewBefore:
		return wrong(name, r.Problem)
	case r.Check.At.IsZero():
		return ok(name, "The way in from the internet is open; it is tried from outside in a moment.")
	default:
		return ok(name, "The way in from the internet is open: it was tried from outside "+ago(in.Now, r.Check.At)+".")
	}
}

func wrong(name string, p *reach.Problem) []Check {
	detail, mend := p.Sentences()
	return fail(name, detail, mend)
}
