package agent

import (
	"cmp"
	"time"

	"astromesh/runtime/tool"
)

// buildTools gathers the tools that the agent declares and may call.
func (a *Agent) buildTools(parts Parts) {
	var declared []tool.Declared
	for _, t := range a.cfg.Spec.Tools {
		d := tool.Declared{Type: t.Type, Name: t.Name, Description: t.Description, Config: t.Config}
		if t.RateLimit != nil {
			d.Window = cmp.Or(time.Duration(t.RateLimit.WindowSeconds), time.Minute)
			d.MaxCalls = cmp.Or(t.RateLimit.MaxCalls, 10)
		}
		declared = append(declared, d)
	}
	registry, problems := tool.New(declared, tool.Sources{Now: parts.Now, UserContext: parts.UserContext})
	if p := a.cfg.Spec.Permissions; p != nil && p.AllowedActions != nil {
		registry.Keep(*p.AllowedActions)
	}
	for _, p := range problems {
		a.warn("%s", p)
	}
	a.tools = registry
}
