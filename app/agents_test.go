package app

import (
	"bytes"
	"encoding/json"
	"os"
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
	for _, words := range []string{"d.agent.yaml:9:7: agents call each other in a circle", "gone.agent.yaml:1:1: there is no such file"} {
		if !strings.Contains(out.String(), words) {
			t.Errorf("%q is missing:\n%s", words, out.String())
		}
	}
}

// TestAgentsLintTriesTheTexts: a template that never ends, or includes what is not
// there, and a form that is none, with their lines.
func TestAgentsLintTriesTheTexts(t *testing.T) {
	file := t.TempDir() + "/texts.agent.yaml"
	text := `apiVersion: astromesh/v1
kind: Agent
metadata: {name: texts}
spec:
  model: {primary: {provider: ollama, model: m}}
  prompts:
    system: Help. {% include "hours" %} {% include "gone" %}
    templates:
      hours: "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}"
  output_schema:
    type: object
    properties: {size: {type: integer, multipleOf: none}}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, wrong bytes.Buffer
	code := run(&command{ctx: t.Context(), stdout: &out, stderr: &wrong, env: config.OSEnv}, []string{"agents", "lint", file})
	if code != 1 {
		t.Errorf("exit code %d: %s", code, wrong.String())
	}
	for _, words := range []string{
		`texts.agent.yaml:7:13: spec.prompts.system: line 1: there is no template "gone"`,
		"texts.agent.yaml:9:14: spec.prompts.templates.hours: its loops go round", "texts.agent.yaml:11:5: spec.output_schema: it is no JSON Schema",
	} {
		if !strings.Contains(out.String(), words) {
			t.Errorf("%q is missing:\n%s", words, out.String())
		}
	}
}
