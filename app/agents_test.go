package app

import (
	"bytes"
	"encoding/json"
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
