package model

import (
	"cmp"
	"math"
	"net"
	"net/url"
	"slices"
	"strings"
)

// costOptimized asks the cheapest first. No server tells a price, so what is
// known stands for it: a model on a computer of one's own costs nothing, on
// somebody else's it may; of two, the smaller by the number of parameters that
// its server reports takes less of either; where that is not reported, the
// order of the agent file holds.
func costOptimized(candidates []*candidate, need needs) []*candidate {
	slices.SortStableFunc(candidates, func(a, b *candidate) int {
		return cmp.Or(
			cmp.Compare(need.lacks(a), need.lacks(b)),
			cmp.Compare(a.expense(), b.expense()),
			cmp.Compare(a.weight(), b.weight()),
		)
	})
	return candidates
}

// expense is 0 for what costs nothing, 1 for what may cost, 2 for the list of
// questions, which is for when no model can answer.
func (c *candidate) expense() int {
	switch m := c.llm.(type) {
	case *Builtin:
		return 2
	case *Ollama:
		if c.caps.Remote || !isNear(m.server.base) {
			return 1
		}
	case *OpenAI:
		if m.isPaid() {
			return 1
		}
	}
	return 0
}

func (c *candidate) weight() int64 {
	if c.caps.Size > 0 {
		return c.caps.Size
	}
	return math.MaxInt64
}

// isNear tells whether a server stands in the owner's own network: on this
// computer, at a private address, or under a name that only such a network
// knows (without a dot, as containers have, or with a reserved ending).
func isNear(u *url.URL) bool {
	host := strings.ToLower(u.Hostname())
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()
	}
	if !strings.Contains(host, ".") {
		return true
	}
	for _, ending := range []string{".local", ".lan", ".internal", ".home.arpa", ".localhost", ".test"} {
		if strings.HasSuffix(host, ending) {
			return true
		}
	}
	return false
}
