package health

import "fmt"

// agents says whether somebody answers, and whose newest version does not.
func agents(in Inputs) []Check {
	const name = "agent"
	var checks []Check
	wanted, found := in.WhatsApp.DefaultAgent, false
	for _, a := range in.Agents {
		found = found || a.Name == wanted
		if len(a.Errors) == 0 {
			continue
		}
		first := a.Errors[0]
		if more := len(a.Errors) - 1; more > 0 {
			first += fmt.Sprintf(" (and %s)", count(int64(more), "more problem", "more problems"))
		}
		const mend = "Correct the file; it is read again as soon as it is saved."
		switch {
		case a.Serving:
			checks = append(checks, warn(name, "The newest version of the agent "+a.Name+" has errors, so its last good one goes on answering. "+first, mend)...)
		case a.Name == wanted:
			checks = append(checks, fail(name, "The agent "+a.Name+" is to answer on WhatsApp and has errors, and there is no earlier version, so nobody answers. "+first, mend)...)
		default:
			checks = append(checks, warn(name, "The agent "+a.Name+" has errors and is not in service. "+first, mend)...)
		}
	}
	switch {
	case wanted == "":
		checks = append(checks, fail(name, "No agent is named to answer on WhatsApp.", "Set default_agent in channels.yaml to the name of one of your agents.")...)
	case !found:
		checks = append(checks, fail(name, fmt.Sprintf("The agent %q is to answer on WhatsApp and does not exist, so nobody answers.", wanted),
			"Put its file into the folder agents, or set default_agent in channels.yaml to the name of one that is there.")...)
	case len(checks) == 0:
		checks = ok(name, "The agent "+wanted+" answers on WhatsApp.")
	}
	return checks
}
