package app

import (
	"fmt"
	"slices"
	"strings"

	"astromesh/config"
	"astromesh/runtime/agent"
)

// longestTool is how many lines of a file are taken for its last tool's.
const longestTool = 40

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
	return ag, append(f.Problems, leftOut(f, ag, "")...)
}

// leftOut is what an agent works without, of the keys that begin so, as problems
// of its file. Of a tool that the check of the file has told of nothing more is
// said.
func leftOut(f config.AgentFile, ag *agent.Agent, prefix string) (list config.Problems) {
	for _, w := range ag.Warnings() {
		key := placeOf(w)
		if !strings.HasPrefix(key, prefix) {
			continue
		}
		p := f.Problem(key, config.Warning, w)
		if _, isTool := strings.CutPrefix(key, "spec.tools["); isTool {
			if p.Text = strings.TrimPrefix(w, key+": "); told(f, p, key) {
				continue
			}
		}
		list = append(list, p)
	}
	return list
}

// told says whether the check of the file found something in a tool's lines.
func told(f config.AgentFile, p config.Problem, key string) bool {
	var i int
	_, _ = fmt.Sscanf(key, "spec.tools[%d]", &i) // else 0
	next := f.Problem(fmt.Sprintf("spec.tools[%d]", i+1), config.Warning, "").Line
	return slices.ContainsFunc(f.Problems, func(q config.Problem) bool {
		return q.Severity != config.Note && q.Line >= p.Line && (q.Line < next || next <= p.Line && q.Line < p.Line+longestTool)
	})
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
