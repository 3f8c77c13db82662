package guardrail

import "strings"

// Entities are what pii_detection can look for, by the names of findings.
func Entities() []string {
	list := make([]string, 0, kindCount)
	for k := range kindCount {
		list = append(list, k.entity())
	}
	return list
}

// EntityName is an entity by the name of its findings, however an owner wrote
// it; ok is false for one that is not known.
func EntityName(written string) (name string, ok bool) {
	k, ok := kindOf(written)
	if !ok {
		return "", false
	}
	return k.entity(), true
}

// Marked gives the entities whose markers stand in a text: what was found in it
// when it came, and taken out.
func Marked(text string) []string {
	var list []string
	for k := range kindCount {
		if strings.Contains(text, k.marker()) {
			list = append(list, k.entity())
		}
	}
	return list
}
