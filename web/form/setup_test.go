package form

import (
	"net/url"
	"strings"
	"testing"
)

func TestModelName(t *testing.T) {
	for name, ok := range map[string]bool{
		"gemma3:4b": true, "hf.co/somebody/model-GGUF:Q4_K_M": true, "llava": true,
		"": false, "x": false, "a b": false, "../../etc/passwd": false, "/etc/passwd": false, "-rf": false, "a\nb": false, "модель": false, strings.Repeat("a", 201): false,
	} {
		if f := (ModelName{Name: name}); f.Validate() != ok {
			t.Errorf("%q: %v", name, f.Errors)
		}
	}
}

func TestAgentCard(t *testing.T) {
	long := "You answer the customers of a bakery."
	for name, c := range map[string]struct{ agent, title, instructions, field string }{
		"good":              {"shop", "The bakery", long, ""},
		"one agent":         {"", "The bakery", long, ""},
		"another agent":     {"other", "", "", ""},
		"Arabic":            {"shop", "مخبز", "أنت تجيب على زبائن المخبز بلطف.", ""},
		"no name":           {"shop", "  ", long, "name"},
		"a long name":       {"shop", strings.Repeat("a", 101), long, "name"},
		"control in name":   {"shop", "a\x00b", long, "name"},
		"no instructions":   {"shop", "The bakery", "", "instructions"},
		"two words":         {"shop", "The bakery", "be nice", "instructions"},
		"a book":            {"shop", "The bakery", strings.Repeat("word ", 7000), "instructions"},
		"bytes":             {"shop", "The bakery", long + "\xff", "instructions"},
		"escape characters": {"shop", "The bakery", long + "\x1b[2J", "instructions"},
	} {
		f := BindAgentCard(url.Values{"agent": {c.agent}, "shown": {"shop"}, "name": {c.title}, "instructions": {c.instructions}})
		if ok := f.Validate(); ok != (c.field == "") || c.field != "" && (f.Errors[c.field] == "" || len(f.Errors) != 1) {
			t.Errorf("%s: %v", name, f.Errors)
		}
	}
	if f := (AgentCard{Agent: "shop", Shown: "shop", Name: "The bakery", Listed: true}); !f.Validate() {
		t.Errorf("an agent with a list of its own needs no instructions: %v", f.Errors)
	}
}
