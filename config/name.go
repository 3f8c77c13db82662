package config

// ValidName says whether an agent may be called so: a-z, 0-9 and -, at most 64.
func ValidName(name string) bool { return isName(name) && len(name) <= maxName }

// Against checks a file that was read by itself against the providers: what
// Load does for all files at once.
func (f AgentFile) Against(p Providers) AgentFile {
	if f.Agent == nil {
		return f
	}
	checkReferences(f, &Config{Providers: p})
	return f.settle(f.Agent)
}
