package config

import (
	"encoding/json"
	"testing"
)

// What a program reads of an agent is what its file says, key by key.
func TestAgentDocument(t *testing.T) {
	for file, want := range map[string]string{
		"kind: Agent\nspec:\n  tools:\n    - {type: webhook, url: 'http://shop.test/x', secret: '${SECRET:-s}', timeout: 5}\n": `{"kind":"Agent","spec":{"tools":[{"secret":"${SECRET:-s}","timeout":5,"type":"webhook","url":"http://shop.test/x"}]}}`,
		"spec: {chain: , permissions: {allowed_actions: []}, top: 0.5, on: true, text: '$${x}'}":                               `{"spec":{"chain":null,"on":true,"permissions":{"allowed_actions":[]},"text":"$${x}","top":0.5}}`,
		"x-a: &a {n: 1}\nspec: {<<: *a, of: [.inf, .nan]}":                                                                     `{"spec":{"n":1,"of":[".inf",".nan"]},"x-a":{"n":1}}`,
	} {
		document, ok := AgentDocument([]byte(file))
		b, err := json.Marshal(document)
		if !ok || err != nil || string(b) != want {
			t.Errorf("%q: %v, %v\n%s\nwant\n%s", file, ok, err, b, want)
		}
	}
	for _, file := range []string{"", "- a", "a: [", "text"} {
		if document, ok := AgentDocument([]byte(file)); ok {
			t.Errorf("%q is %v", file, document)
		}
	}
}
