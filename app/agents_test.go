package app

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"astromesh/config"
)

func TestAgentsSchema(t *testing.T) {
	var out, wrong bytes.Buffer
	if code := run(&command{ctx: t.Context(), stdout: &out, stderr: &wrong, env: config.OSEnv}, []string{"agents", "schema"}); code != 0 {
		t.Fatalf("exit code %d: %s", code, wrong.String())
	}
	var schema map[string]any
	if err := json.Unmarshal(out.Bytes(), &schema); err != nil || schema["$defs"] == nil {
		t.Errorf("no schema: %v\n%s", err, out.String())
	}
}

// The command sees what lies around the file: a provider that is not there, agents
// that call each other.
func TestAgentsLint(t *testing.T) {
	var out, wrong bytes.Buffer
	code := run(&command{ctx: t.Context(), stdout: &out, stderr: &wrong, env: config.OSEnv}, []string{"agents", "lint", "../config/testdata/folders/cross/agents/d.agent.yaml", "gone.agent.yaml"})
	if code != 1 {
		t.Errorf("exit code %d: %s", code, wrong.String())
	}
	for _, words := range []string{"d.agent.yaml:9:5: agents call each other in a circle", "gone.agent.yaml:1:1: there is no such file"} {
		if !strings.Contains(out.String(), words) {
			t.Errorf("%q is missing:\n%s", words, out.String())
		}
	}
}
