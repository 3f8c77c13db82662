package config

import (
	"os"
	"path/filepath"
	"slices"
)

// LintAgent checks a file as it will be loaded: where it lies in the folder
// agents of a configuration, also against providers.yaml and the agents beside it
// (a providerRef, the name, agents that call each other). Anywhere else it is
// ParseAgent's problems, and agents that call each other among the files that are
// checked with it. The problems of the other files are left to Load.
func LintAgent(file string, data []byte, env Env, with ...AgentFile) Problems {
	f := ReadAgent(file, data, env)
	path, err := filepath.Abs(file)
	if err != nil { // the folder that this runs in is gone
		return f.among(with)
	}
	folder, name := filepath.Join(filepath.Dir(file), ".."), filepath.Base(path)
	if filepath.Base(filepath.Dir(path)) != agentsFolder || !isConfiguration(folder) {
		return f.among(with)
	}
	l := loader{src: Dir(folder), env: env}
	c := &Config{Providers: DefaultProviders(), Runtime: DefaultRuntime()}
	l.optional(providersFile, &c.Providers, func(*decoder) {})
	l.optional(runtimeFile, &c.Runtime, func(*decoder) {})
	names, err := l.src.agents()
	if err != nil {
		return f.among(with)
	}
	at := -1
	for _, other := range names { // in the order of the names: of two agents with one name, the second is told
		if filepath.Base(other) == name {
			at = len(c.Agents)
			c.Agents = append(c.Agents, f)
			continue
		}
		c.Agents = append(c.Agents, l.agent(other))
	}
	if at < 0 { // not called NAME.agent.yaml, so it is not loaded; it is checked as if it were
		at = len(c.Agents)
		c.Agents = append(c.Agents, f)
	}
	crossCheck(c)
	return c.Agents[at].Problems
}

// among checks an agent with others that lie in no configuration.
func (f AgentFile) among(others []AgentFile) Problems {
	if f.Agent == nil {
		return f.Problems
	}
	calls := map[string][]string{}
	for _, other := range slices.Concat(others, []AgentFile{f}) {
		if other.Agent != nil && (other.Name != f.Name || other.File == f.File) {
			calls[other.Name] = other.Agent.Colleagues()
		}
	}
	checkCycle(f, calls)
	return f.settle(f.Agent).Problems
}

// isConfiguration tells whether a folder holds one of the files beside agents/.
func isConfiguration(folder string) bool {
	for _, name := range []string{channelsFile, providersFile, runtimeFile} {
		if info, err := os.Stat(filepath.Join(folder, name)); err == nil && info.Mode().IsRegular() {
			return true
		}
	}
	return false
}
