package model

import (
	"cmp"
	"slices"
)

// strategy puts the candidates in the order in which they are tried. What it is
// given is its own to reorder.
type strategy func(candidates []*candidate, need needs) []*candidate

// Strategies are the names that routing.strategy may have.
func Strategies() []string {
	return []string{"capability_match", "cost_optimized", "latency_optimized", "quality_first", "round_robin"}
}

func strategyByName(name string) strategy {
	switch name {
	case "capability_match":
		return capabilityMatch
	case "cost_optimized":
		return costOptimized
	case "latency_optimized":
		return latencyOptimized
	case "quality_first":
		return qualityFirst
	case "round_robin":
		return roundRobin
	}
	return nil
}

// needs is what a request asks of a model.
type needs struct {
	vision      bool // it holds a picture
	tools       bool // tools are offered
	toolHistory bool // tools were called before
	// turn numbers the router's requests, from 1. One that is computed ahead has
	// the number of the real one that follows.
	turn uint64
	// seat numbers conversations, from 1: all requests of one have the same.
	seat uint64
}

func needsOf(req Request) needs {
	n := needs{tools: len(req.Tools) > 0}
	for _, m := range req.Messages {
		n.vision = n.vision || len(m.Images) > 0
		n.toolHistory = n.toolHistory || m.Role == RoleTool || len(m.ToolCalls) > 0
	}
	return n
}

// lacks weighs what a candidate is without of what a request needs: to see
// counts for more than to call tools. 0 = nothing is missing.
func (n needs) lacks(c *candidate) (missing int) {
	if n.vision && !c.caps.Vision {
		missing += 2
	}
	if n.tools && !c.caps.Tools {
		missing++
	}
	return missing
}

// capabilityMatch: first who sees, if there is a picture, then who can call
// tools, if some are offered. The others follow, with a request that
// [fitRequest] has made fit them: an answer to a picture that is only named
// is better than none.
func capabilityMatch(candidates []*candidate, need needs) []*candidate {
	slices.SortStableFunc(candidates, func(a, b *candidate) int { return cmp.Compare(need.lacks(a), need.lacks(b)) })
	return candidates
}

// qualityFirst keeps the order of the agent file, best first, whatever the
// request holds: the owner has said who is best.
func qualityFirst(candidates []*candidate, _ needs) []*candidate { return candidates }

// roundRobin gives each new conversation to the next candidate, and leaves it there:
// taking turns within one would have every model read the whole prompt anew. Only
// those take part that have what the request needs and are in order; the others
// follow behind them, and what answers from a list of questions is for when no model
// can.
func roundRobin(candidates []*candidate, need needs) []*candidate {
	place := func(c *candidate) int {
		switch {
		case c.isSpare():
			return 8
		case c.breaker.isOpen():
			return 4 + need.lacks(c)
		default:
			return need.lacks(c)
		}
	}
	slices.SortStableFunc(candidates, func(a, b *candidate) int { return cmp.Compare(place(a), place(b)) })
	taking := 0
	for taking < len(candidates) && place(candidates[taking]) == place(candidates[0]) {
		taking++
	}
	if taking == 0 {
		return candidates
	}
	first := int((need.seat - 1) % uint64(taking))
	return slices.Concat(candidates[first:taking], candidates[:first], candidates[taking:])
}

// isSpare: it answers from a list of questions, at no cost and at once, and
// would win wherever that is compared. It is there for when no model answers.
func (c *candidate) isSpare() bool {
	_, builtin := c.llm.(*Builtin)
	return builtin
}
