package model

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

const (
	// paceNew is how much the newest measurement counts against all before: a
	// server that has become slow is passed over after two or three answers.
	paceNew = 0.3
	// retryEvery: each twentieth request goes to the candidate that was measured
	// longest ago, so that one that was slow once can show that it no longer is.
	retryEvery = 20
	// A candidate that takes this many times as long as the fastest, or that failed
	// after more than once as long, is tried again only once in slowRest: a customer
	// waits for it, perhaps in vain.
	slowTimes = 4
	slowRest  = time.Hour
)

// pace is the moving average of how long a candidate takes to answer, from the
// request to the end of the answer, with what it waited for.
type pace struct {
	mu    sync.Mutex
	tried bool
	mean  time.Duration // 0 = nothing was measured yet
	at    time.Time     // of the last measurement
	vain  time.Duration // how long the last failure took
}

// begin notes a try before it ends: of many requests that come at once, one
// measures each candidate.
func (p *pace) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tried = true
}

// add takes a measurement. A failure counts only where it took longer than an
// answer does: one that fails at once must not pass for fast. One that took until
// the turn's time was up counts: its model is at least as slow as that. Of the first
// answer the time in which its model was loaded is left out, since it stays loaded.
func (p *pace) add(took, load time.Duration, failed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at, p.vain = time.Now(), 0
	if failed {
		p.vain = took
	}
	switch {
	case failed && (p.mean == 0 || took < p.mean):
		return // who has never answered stays behind those who have
	case p.mean == 0:
		p.mean = max(took-load, 1)
	default:
		p.mean = time.Duration(paceNew*float64(took) + (1-paceNew)*float64(p.mean))
	}
}

// state gives the candidate's place (0 not tried yet, 1 measured, 2 being tried
// for the first time), its average, and when it was measured last.
func (p *pace) state() (place int, mean time.Duration, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !p.tried:
		return 0, 0, p.at
	case p.mean > 0:
		return 1, p.mean, p.at
	}
	return 2, 0, p.at
}

// isSlow tells whether to try it again would cost a customer too much, so soon after
// the last time.
func (p *pace) isSlow(best time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return best > 0 && (p.vain > best || p.mean > slowTimes*best) && time.Since(p.at) < slowRest
}

// latencyOptimized asks first who was not tried yet, then who answers fastest on
// average.
func latencyOptimized(candidates []*candidate, need needs) []*candidate {
	slices.SortStableFunc(candidates, func(a, b *candidate) int {
		if order := cmp.Compare(need.group(a), need.group(b)); order != 0 {
			return order
		}
		placeA, meanA, _ := a.pace.state()
		placeB, meanB, _ := b.pace.state()
		return cmp.Or(cmp.Compare(placeA, placeB), cmp.Compare(meanA, meanB))
	})
	if need.turn%retryEvery != 0 || len(candidates) == 0 {
		return candidates
	}
	oldest := -1
	var since time.Time
	_, best, _ := candidates[0].pace.state()
	for i, c := range candidates {
		if c.breaker.isOpen() || c.pace.isSlow(best) {
			continue
		}
		_, _, at := c.pace.state()
		if need.group(c) == need.group(candidates[0]) && (oldest < 0 || at.Before(since)) {
			oldest, since = i, at
		}
	}
	if oldest > 0 {
		c := candidates[oldest]
		candidates = slices.Insert(slices.Delete(candidates, oldest, oldest+1), 0, c)
	}
	return candidates
}

// group tells who may be compared: by what is missing, and apart from what
// answers from a list of questions.
func (n needs) group(c *candidate) int {
	if c.isSpare() {
		return 4
	}
	return n.lacks(c)
}
