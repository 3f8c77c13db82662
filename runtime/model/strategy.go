package model

import (
	"cmp"
	"slices"
)

// strategy puts the candidates in the order in which they are tried.
type strategy func(candidates []*candidate, need needs) []*candidate

// Strategies are the names that routing.strategy may have.
func Strategies() []string { return []string{"capability_match", "quality_first"} }

func strategyByName(name string) strategy {
	switch name {
	case "capability_match":
		return capabilityMatch
	case "quality_first":
		return qualityFirst
	}
	return nil
}

// needs is what a request asks of a model.
type needs struct {
	vision      bool // it holds a picture
	tools       bool // tools are offered
	toolHistory bool // tools were called before
}

func needsOf(req Request) needs {
	n := needs{tools: len(req.Tools) > 0}
	for _, m := range req.Messages {
		n.vision = n.vision || len(m.Images) > 0
		n.toolHistory = n.toolHistory || m.Role == RoleTool || len(m.ToolCalls) > 0
	}
	return n
}

// capabilityMatch: first who sees, if there is a picture, then who can call
// tools, if some are offered. The others follow, with a request that
// [fitRequest] has made fit them: an answer to a picture that is only named
// is better than none.
func capabilityMatch(candidates []*candidate, need needs) []*candidate {
	lacks := func(c *candidate) (n int) {
		if need.vision && !c.caps.Vision {
			n += 2
		}
		if need.tools && !c.caps.Tools {
			n++
		}
		return n
	}
	slices.SortStableFunc(candidates, func(a, b *candidate) int { return cmp.Compare(lacks(a), lacks(b)) })
	return candidates
}

// qualityFirst keeps the order of the agent file, best first.
func qualityFirst(candidates []*candidate, _ needs) []*candidate { return candidates }
