package mcp

import "fmt"

// Fault is an error that the owner should hear of too.
type Fault struct{ Model, Owner string }

func (f *Fault) Error() string { return f.Model }

func tooSlow(name, what string) *Fault {
	return &Fault{name + " did not " + what + " in time", fmt.Sprintf("The MCP server %s did not answer in time.", name)}
}

func tooMuch(name string) *Fault {
	return &Fault{name + " said too much at once", fmt.Sprintf("The MCP server %s gave more than 4 MB at once: its answer was not read, and it is started anew.", name)}
}

func brokeOff(name string) *Fault {
	return &Fault{name + " broke off while it worked; whether it did what was asked is not known",
		fmt.Sprintf("The MCP server %s ended in the middle of a call. It is started anew for the next one.", name)}
}

func refused(name string, err error) *Fault {
	return &Fault{fmt.Sprintf("%s could not do this: %s", name, refusal(err)), fmt.Sprintf("The MCP server %s refused a call.", name)}
}

func notReady(name string) *Fault {
	return &Fault{name + " is not ready yet; do without it for now", fmt.Sprintf("The MCP server %s is not ready yet.", name)}
}

func notStarted(name, why string) *Fault {
	return &Fault{name + " is not available", fmt.Sprintf("The MCP server %s cannot be started: %s.", name, why)}
}

func noProtocol(name string) *Fault {
	return &Fault{name + " is not available", fmt.Sprintf("The MCP server %s was started, but does not speak the protocol. With the log level debug the log shows what it says.", name)}
}

func noAnswer(name string) *Fault {
	return &Fault{name + " is not available", fmt.Sprintf("The MCP server %s does not answer at its address.", name)}
}
