package config

import (
	"maps"
	"slices"
)

// Kind is the candidate's provider, by whichever of its two names; empty where
// providerRef names one.
func (c Candidate) Kind() string {
	if c.Provider != "" {
		return c.Provider
	}
	return c.Source
}

// Ordered gives the candidates in the order in which they are tried: primary,
// fallback, extra in the order of the file, then those of the newer form's
// default.
func (m Models) Ordered() []NamedCandidate {
	var out []NamedCandidate
	if m.Primary != nil {
		out = append(out, NamedCandidate{"primary", *m.Primary})
	}
	if m.Fallback != nil {
		out = append(out, NamedCandidate{"fallback", *m.Fallback})
	}
	out = append(out, m.Extra...)
	if m.Default != nil {
		for _, c := range m.Default.Candidates {
			out = append(out, NamedCandidate{"default", c})
		}
	}
	return out
}

// Strategy is how one of the candidates is chosen: the routing's, else the
// newer form's, else capability_match.
func (m Models) Strategy() string {
	switch {
	case m.Routing.Strategy != "":
		return m.Routing.Strategy
	case m.Default != nil && m.Default.Strategy != "":
		return m.Default.Strategy
	default:
		return "capability_match"
	}
}

// Resolve fills a candidate from the provider that its providerRef names. What
// the candidate says itself stands. False when there is no such provider.
func (p Providers) Resolve(c Candidate) (Candidate, bool) {
	if c.ProviderRef == "" {
		return c, true
	}
	server, ok := p.Spec.Providers[c.ProviderRef]
	if !ok {
		return c, false
	}
	if c.Kind() == "" {
		c.Provider = server.Type
	}
	if c.Endpoint == "" {
		c.Endpoint = server.Endpoint
	}
	if c.APIKeyEnv == "" {
		c.APIKeyEnv = server.APIKeyEnv
	}
	if c.Model == "" && len(server.Models) > 0 {
		c.Model = server.Models[0]
	}
	return c, true
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
