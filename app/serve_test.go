package app

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// Told to stop before it has begun, the program ends as if it had run: a service
// manager that changes its mind sees no failure.
func TestStoppedBeforeItBegan(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	c := &command{ctx: ctx, stdin: strings.NewReader(""), stdout: &out, stderr: &errs, env: func(string) (string, bool) { return "", false }}
	args := []string{"serve", "--data-dir", t.TempDir(), "--webhook-addr", "127.0.0.1:0", "--admin-addr", "127.0.0.1:0"}
	if code := run(c, args); code != 0 || strings.Contains(errs.String(), "astromesh: ") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
}
