package config

import (
	"embed"
	"io/fs"
)

// The patterns name each kind of file, so that nothing else in this folder, a
// test's least of all, ends up in the program.
//
//go:embed channels.yaml providers.yaml runtime.yaml agents/*.agent.yaml
var shipped embed.FS

//go:embed demo/channels.yaml demo/agents/*.agent.yaml
var demo embed.FS

// Embedded is what the program brings along, used where no folder is given.
func Embedded() Source { return Source{files: shipped, shown: "embedded"} }

// Demo is the configuration of `astromesh demo`: a made-up bakery that answers
// without any model server.
func Demo() Source {
	sub, err := fs.Sub(demo, "demo")
	if err != nil { // only for a malformed path, and this one is a constant
		return Source{files: demo, shown: "demo"}
	}
	return Source{files: sub, shown: "demo"}
}

// Sample is the agent that the program brings along, as text.
func Sample() []byte {
	text, err := shipped.ReadFile("agents/whatsapp-assistant.agent.yaml")
	if err != nil { // it is part of the program; a test reads it
		return nil
	}
	return text
}
