package config

import (
	"slices"
	"strings"
	"testing"
)

// TestToolsAreChecked: each tool with the words of its problem; none = it is fine.
func TestToolsAreChecked(t *testing.T) {
	for _, c := range []struct{ name, tool, want string }{
		{"all settings", "{type: builtin, name: cache_store, config: {scope: agent, ttl_seconds: 60}, rate_limit: {max_calls: 2}}", ""},
		{"time zone", "{type: builtin, name: datetime_now, config: {timezone: Europe/Madrid}}", ""},
		{"expression", "{type: builtin, name: json_transform, config: {expression: 'items[].name'}}", ""},
		{"of another program", "{type: builtin, name: read_file}", "4:38: warning: there is no builtin tool \"read_file\" here"},
		{"slip of the finger", "{type: builtin, name: send_mesage}", "did you mean \"send_message\"?"},
		{"unknown setting", "{type: builtin, name: cache_store, config: {scop: agent}}", "warning: unknown key \"scop\" in spec.tools[0].config"},
		{"setting of none", "{type: builtin, name: hand_over, config: {to: Olga}}", "warning: unknown key \"to\""},
		{"wrong word", "{type: builtin, name: cache_store, config: {scope: world}}", ": scope of cache_store must be customer or agent"},
		{"wrong number", "{type: builtin, name: text_summarize, config: {max_words: 5000}}", ": max_words of text_summarize must be a whole number from 1 to 400"},
		{"wrong zone", "{type: builtin, name: datetime_now, config: {timezone: Mars/Base}}", ": timezone of datetime_now must be a time zone"},
		{"wrong expression", "{type: builtin, name: json_transform, config: {expression: 'items['}}", ": expression of json_transform must be a JMESPath"},
		{"parameters of a builtin", "{type: builtin, name: hand_over, parameters: {reason: {type: string}}}", "warning: parameters has no effect here"},
		{"unknown key", "{type: builtin, name: hand_over, ratelimit: {max_calls: 1}}", "did you mean \"rate_limit\"?"},
		{"no name", "{type: client}", ": this tool has no name"},
		{"odd name", "{type: client, name: find it}", ": the name of a tool may have"},
		{"no calls", "{type: builtin, name: hand_over, rate_limit: {max_calls: 0}}", ": spec.tools[0].rate_limit.max_calls must be more than 0"},
		{"short form", "{type: client, name: crm, parameters: {sku: {type: string}, many: int, type: {type: string}}}", ""},
		{"JSON Schema", "{type: client, name: crm, parameters: {type: object, properties: {sku: {type: string}}, required: [sku]}}", ""},
		{"a list", "{type: client, name: crm, parameters: {type: array}}", ": \"array\" is not what parameters are"},
		{"no type of ours", "{type: client, name: crm, parameters: {sku: {type: sku}}}", ": \"sku\" is not a type of a parameter"},
		{"a number", "{type: client, name: crm, parameters: {sku: 5}}", ": a parameter is described as"},
	} {
		t.Run(c.name, func(t *testing.T) {
			yaml := "apiVersion: astromesh/v1\nkind: Agent\nmetadata: {name: a}\nspec: {tools: [" + c.tool + "], model: {primary: {provider: ollama, model: m}}}\n"
			_, problems := ParseAgent("a", []byte(yaml), nil)
			var all []string
			for _, p := range problems {
				if strings.Contains(p.Text, "not acted on") {
					continue // a type that a later release knows
				}
				all = append(all, strings.TrimPrefix(p.String(), p.File+":"))
			}
			got := strings.Join(all, "\n")
			if !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if c.want == "" && got != "" || len(all) > 1 {
				t.Errorf("problems %q", all)
			}
		})
	}
}

// The schema, which an editor reads, and the check name the same tools and settings.
func TestSchemaNamesTheBuiltinTools(t *testing.T) {
	named := map[string][]string{}
	for _, b := range builtinTools() {
		named[b.name] = []string{}
		for _, k := range b.keys {
			named[b.name] = append(named[b.name], k.name)
		}
	}
	for name, settings := range builtinSettings() {
		keys, ok := named[name]
		slices.Sort(keys)
		if !ok || !slices.Equal(keys, sortedKeys(settings)) {
			t.Errorf("%s: the schema names %v, the check %v", name, keys, sortedKeys(settings))
		}
		delete(named, name)
	}
	if len(named) > 0 {
		t.Errorf("only the schema knows %v", named)
	}
}
