package config

import (
	_ "embed"
	"slices"
)

// The schema is made of the Go types and their comments by a test, which also
// fails when it is out of date: the comments are not in the program.
//
//go:generate go test -run TestAgentSchema -update .
//go:embed agent.schema.json
var agentSchema []byte

// AgentSchema is the JSON Schema of agents/<name>.agent.yaml, for editors.
func AgentSchema() []byte { return slices.Clone(agentSchema) }
