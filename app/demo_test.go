package app

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/model/modeltest"

	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/types/model"
)

// A demo whose model says nothing ends when its wait is over: nobody will read what the
// turn comes to.
func TestDemoDoesNotOutliveItsWait(t *testing.T) {
	fake := modeltest.NewFake()
	fake.Set("m", modeltest.FakeModel{Capabilities: []model.Capability{"completion"}, Answer: func(api.ChatRequest) modeltest.Reply { return modeltest.Reply{Hang: true} }})
	fake.Listen(t)
	env := func(name string) (string, bool) {
		if name == "OLLAMA_HOST" {
			return fake.URL, true
		}
		return "", false
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out, errs bytes.Buffer
	began := time.Now()
	code := run(&command{ctx: ctx, stdin: strings.NewReader(""), stdout: &out, stderr: &errs, env: env}, []string{"demo", "--message", "hello", "--wait", "200ms"})
	if code != 1 || out.Len() != 0 || !strings.Contains(errs.String(), "no reply came within 200ms") {
		t.Errorf("code %d, said %q, %s", code, out.String(), errs.String())
	}
	if took := time.Since(began); took > turnsMayFinish {
		t.Errorf("it took %s", took)
	}
}
