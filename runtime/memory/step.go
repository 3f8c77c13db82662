package memory

// Start is the number of the first entry in a window of at most limit entries
// out of count, entries being numbered from 0.
//
// It moves in steps, not with each entry: a server that keeps what it computed
// for a prompt computes only what follows the longest common beginning, and a
// window that drops its oldest entry with every message has none (architecture,
// section 7: 40 s against 9 s a message, measured). After a step about two
// thirds of limit are left.
func Start(count int64, limit int) int64 {
	over := count - int64(limit)
	if over <= 0 {
		return 0
	}
	step := int64(Step(limit))
	return (over + step - 1) / step * step
}

// Step is how many entries a window of at most limit drops at once: a third of
// limit, made even so that a window starts with what the customer said, and one
// exchange more so that even a small window keeps its beginning for two turns.
func Step(limit int) int {
	return limit/3/2*2 + 2
}

// Early is where the window should begin for the next turn, decided while nobody
// waits. It moves before it must: then the next prompt, which has a new beginning,
// can be computed ahead. Who writes at once, twice in a row, still meets the old
// one, for there is room left up to the bound, where [Load] moves it in any case.
func (p Policy) Early(past Past) int64 {
	if len(past.Entries) == 0 {
		return past.Start
	}
	if p.Strategy == TokenBudget {
		if n := p.fitEarly(past.Entries); n > 0 {
			return past.Entries[n-1].Seq + 1
		}
		return past.Start
	}
	n := past.Entries[len(past.Entries)-1].Seq + 1 - past.Start
	if bound, target := p.early(p.entries()); n > int64(bound) {
		return past.Start + (n-int64(target))/2*2
	}
	return past.Start
}

// early says above how many entries the window moves while nobody waits, and how
// many about are left then. A summary takes time, and is given up when somebody
// writes: it is tried more often.
func (p Policy) early(limit int) (bound, target int) {
	step := Step(limit)
	switch {
	case p.Strategy == Summary:
		return max(limit-step+2, 0), (limit/2 + 1) / 2 * 2
	case limit < 12:
		return limit, limit - step
	default:
		return limit - 4, limit - step
	}
}
