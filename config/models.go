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

// Ordered gives the candidates in the order in which they are tried: those of the
// newer form's default; without any, primary, fallback, extra in the order of the
// file.
func (m Models) Ordered() []NamedCandidate {
	if m.Default != nil && len(m.Default.Candidates) > 0 {
		return NamedCandidates("default", m.Default.Candidates)
	}
	var out []NamedCandidate
	if m.Primary != nil {
		out = append(out, NamedCandidate{"primary", *m.Primary})
	}
	if m.Fallback != nil {
		out = append(out, NamedCandidate{"fallback", *m.Fallback})
	}
	return append(out, m.Extra...)
}

// NamedCandidates gives each candidate of a list the list's name.
func NamedCandidates(name string, list []Candidate) []NamedCandidate {
	out := make([]NamedCandidate, 0, len(list))
	for _, c := range list {
		out = append(out, NamedCandidate{name, c})
	}
	return out
}

// Strategy is how one of the candidates is chosen: the newer form's, else the
// routing's; "" where neither says.
func (m Models) Strategy() string {
	if m.Default != nil && m.Default.Strategy != "" {
		return m.Default.Strategy
	}
	return m.Routing.Strategy
}

// SpeaksOpenAI tells whether a provider is a server with OpenAI's chat API.
func SpeaksOpenAI(kind string) bool {
	return kind != "ollama" && kind != "builtin" && contains(providerTypes(), kind)
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
