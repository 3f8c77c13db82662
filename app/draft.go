package app

import (
	"strings"

	"astromesh/config"
	"astromesh/runtime/agent"
)

// compileDraft makes an agent of a YAML that is not in service: what an operator
// is writing. Its problems are those of `agents lint`, and what only the whole
// configuration can show.
func (a *App) compileDraft(name string, yaml []byte) (*agent.Agent, config.Problems) {
	l := a.live.Load()
	f := config.ReadAgent(name+".agent.yaml", yaml, a.opts.Env).Against(l.providers)
	if f.Agent == nil {
		return nil, f.Problems
	}
	if f.Agent.Metadata.Name != name {
		return nil, append(f.Problems, f.Problem("metadata.name", config.Error,
			"this name makes it another agent: write "+name+" here, or make a new agent for it"))
	}
	if f.Problems = append(f.Problems, a.checkColleagues(f)...); f.Problems.HasErrors() {
		return nil, f.Problems
	}
	l.runtime.ApplyTo(f.Agent)
	ag, err := agent.New(f.Agent, 0, a.agentParts(l))
	if err != nil {
		text := strings.TrimPrefix(err.Error(), "agent "+name+": ")
		for line := range strings.SplitSeq(text, "\n") {
			f.Problems = append(f.Problems, f.Problem(placeOf(line), config.Error, line))
		}
		return nil, f.Problems
	}
	for _, w := range ag.Warnings() {
		f.Problems = append(f.Problems, f.Problem(placeOf(w), config.Warning, w))
	}
	return ag, f.Problems
}

// placeOf is the key that a sentence begins with, else the whole of spec.
func placeOf(sentence string) string {
	key, _, _ := strings.Cut(strings.TrimPrefix(sentence, "("), ":")
	key, _, _ = strings.Cut(key, ",")
	if strings.HasPrefix(key, "spec.") && !strings.Contains(key, " ") {
		return key
	}
	return "spec"
}
