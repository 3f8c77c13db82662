package app

import (
	"strings"

	"astromesh/config"
	"astromesh/runtime/agent"
)

// textProblems are those of an agent's texts and of the form of its answer, which
// only trying them out shows: a template that cannot be read, or never ends.
func textProblems(file string, data []byte, env config.Env) (problems config.Problems) {
	f := config.ReadAgent(file, data, env)
	if f.Agent == nil {
		return nil
	}
	for _, err := range agent.CheckPrompts(f.Agent) {
		text := strings.ReplaceAll(err.Error(), "\n", " ")
		problems = append(problems, f.Problem(placeOf(text), config.Error, text))
	}
	return problems
}
