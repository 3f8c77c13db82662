package view

import (
	"context"
	"strings"
	"sync"
)

// explained finds the key of a sentence about a key of the agent's YAML: the schema
// holds them in English, text/*/explain.yaml in each language.
var explained = sync.OnceValue(func() map[string]string {
	keys := map[string]string{}
	for key, english := range texts()[Languages[0]] {
		if strings.HasPrefix(key, explainFile) {
			keys[english] = key
		}
	}
	return keys
})

const explainFile = "explain."

// Explain gives what the schema of an agent's YAML says of a key or a word in the
// reader's language. What is not there stays English; a test sees to it that all is.
func Explain(ctx context.Context, english string) string {
	if key, ok := explained()[english]; ok {
		return T(ctx, key)
	}
	return english
}
