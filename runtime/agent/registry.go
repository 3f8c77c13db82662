package agent

import (
	"slices"
	"strings"
	"sync/atomic"
)

// Registry holds the agents in service. Its zero value is empty and ready. A
// turn that began with an agent ends with it, whatever is set meanwhile.
type Registry struct {
	agents atomic.Pointer[map[string]*Agent]
}

// Get finds an agent by name.
func (r *Registry) Get(name string) (*Agent, bool) {
	agents := r.agents.Load()
	if agents == nil {
		return nil, false
	}
	a, ok := (*agents)[name]
	return a, ok
}

// Set puts these agents in service, and no others, at once. One that is replaced
// ends what its tools hold open, as soon as no turn uses it.
func (r *Registry) Set(list []*Agent) {
	agents := make(map[string]*Agent, len(list))
	for _, a := range list {
		agents[a.Name()] = a
	}
	old := r.agents.Swap(&agents)
	if old == nil {
		return
	}
	for name, a := range *old {
		if agents[name] != a {
			a.Retire()
		}
	}
}

// List gives the agents in service, by name.
func (r *Registry) List() []*Agent {
	agents := r.agents.Load()
	if agents == nil {
		return nil
	}
	list := make([]*Agent, 0, len(*agents))
	for _, a := range *agents {
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b *Agent) int { return strings.Compare(a.Name(), b.Name()) })
	return list
}
