package config

// ValidName says whether an agent may be called so: a-z, 0-9 and -, at most 64.
func ValidName(name string) bool { return isName(name) && len(name) <= maxName }
