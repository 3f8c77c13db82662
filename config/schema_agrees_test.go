package config

import (
	"slices"
	"testing"
)

// What the schema says of tools is what the program checks.
func TestSchemaKnowsTheTools(t *testing.T) {
	var names []string
	for _, b := range builtinTools() {
		var keys []string
		for _, k := range b.keys {
			keys = append(keys, k.name)
		}
		slices.Sort(keys)
		if checked := sortedKeys(builtinSettings()[b.name]); !slices.Equal(keys, checked) {
			t.Errorf("%s has the settings %q, and %q are checked", b.name, keys, checked)
		}
		names = append(names, b.name)
	}
	slices.Sort(names)
	equal(t, "builtin tools", names, builtinNames())
	for _, kind := range toolTypes() {
		var keys []string
		for _, k := range toolKeys()[kind] {
			if k.name != "name" {
				keys = append(keys, k.name)
			}
		}
		slices.Sort(keys)
		checked := slices.Sorted(slices.Values(keysOfTool()[kind]))
		if !slices.Equal(keys, checked) && kind != "rag" {
			t.Errorf("a tool of type %s has the keys %q, and %q are checked", kind, keys, checked)
		}
	}
}
