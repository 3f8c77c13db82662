package health

import (
	"fmt"
	"time"
)

// clockTolerance is far beyond what a network's delay explains, and enough to
// misjudge the 24-hour window and the end of a token.
const clockTolerance = 5 * time.Minute

// clock compares this machine's clock with Meta's; nothing is said where Meta
// did not tell the time.
func clock(in Inputs) []Check {
	if in.Graph.Number.ServerTime.IsZero() {
		return nil
	}
	off, word := in.Graph.Ahead, "ahead"
	if off < 0 {
		off, word = -off, "behind"
	}
	if off > clockTolerance {
		return warn("clock", fmt.Sprintf("This machine's clock is %s %s.", lasting(off), word),
			"Switch on the automatic setting of date and time: WhatsApp's 24-hour window is judged by this clock.")
	}
	return ok("clock", "This machine's clock agrees with Meta's.")
}
