package config

import (
	"os"
	"path/filepath"
)

// LintAgent checks a file as it will be loaded: where it lies in the folder
// agents of a configuration, also against providers.yaml and the agents beside it
// (a providerRef, the name, agents that call each other). Anywhere else it is
// ParseAgent's problems. The problems of the other files are left to Load.
func LintAgent(file string, data []byte, env Env) Problems {
	f := ReadAgent(file, data, env)
	path, err := filepath.Abs(file)
	if err != nil { // the folder that this runs in is gone
		return f.Problems
	}
	folder, name := filepath.Join(filepath.Dir(file), ".."), filepath.Base(path)
	if filepath.Base(filepath.Dir(path)) != agentsFolder || !isConfiguration(folder) {
		return f.Problems
	}
	l := loader{src: Dir(folder), env: env}
	c := &Config{Providers: DefaultProviders(), Runtime: DefaultRuntime()}
	l.optional(providersFile, &c.Providers, func(*decoder) {})
	l.optional(runtimeFile, &c.Runtime, func(*decoder) {})
	names, err := l.src.agents()
	if err != nil {
		return f.Problems
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

// isConfiguration tells whether a folder holds one of the files beside agents/.
func isConfiguration(folder string) bool {
	for _, name := range []string{channelsFile, providersFile, runtimeFile} {
		if info, err := os.Stat(filepath.Join(folder, name)); err == nil && info.Mode().IsRegular() {
			return true
		}
	}
	return false
}
