package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// seeds are all the files there are: good ones, bad ones and what ships.
func seeds(f *testing.F, patterns ...string) {
	f.Helper()
	for _, pattern := range patterns {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
}

// sound checks what must hold for any bytes: a place inside the file for every
// problem, one line for each, and no secret in it.
func sound(t *testing.T, file string, data []byte, problems Problems) {
	t.Helper()
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	lines := 1 + strings.Count(text, "\n") + strings.Count(text, "\r")
	for _, p := range problems {
		switch {
		case p.File != file || p.Line < 1 || p.Col < 1 || p.Text == "":
			t.Errorf("no place or no text: %#v", p)
		case p.Line > lines:
			t.Errorf("line %d of %d: %s", p.Line, lines, p)
		case strings.ContainsAny(p.Text, "\n\x00"):
			t.Errorf("more than a line: %q", p.Text)
		case strings.Contains(p.Text, "hunter2"):
			t.Errorf("shows a secret: %s", p)
		}
	}
	if len(problems) > maxProblems+2 {
		t.Errorf("%d problems", len(problems))
	}
}

func FuzzAgent(f *testing.F) {
	seeds(f, "testdata/agents/*.yaml", "testdata/samples/*.yaml", "agents/*.yaml", "demo/agents/*.yaml")
	f.Fuzz(func(t *testing.T, data []byte) {
		start := time.Now()
		agent, problems := ParseAgent("a.agent.yaml", data, testEnv)
		if took := time.Since(start); took > parsePatience {
			t.Errorf("%d bytes took %v", len(data), took)
		}
		sound(t, "a.agent.yaml", data, problems)
		if (agent == nil) != problems.HasErrors() {
			t.Errorf("agent is nil: %v, %v", agent == nil, problems)
		}
		if agent != nil && (!isName(agent.Metadata.Name) || len(agent.Spec.Model.Ordered()) == 0) {
			t.Errorf("an agent without a name or a model: %+v", agent)
		}
	})
}

func FuzzChannels(f *testing.F) {
	seeds(f, "testdata/folders/*/*.yaml", "*.yaml", "demo/*.yaml")
	f.Fuzz(func(t *testing.T, data []byte) {
		d, c := newDecoder("channels.yaml", testEnv), DefaultChannels(testEnv)
		if d.decode(data, &c) {
			d.checkChannels(&c)
		}
		sound(t, "channels.yaml", data, d.problems)
		w := c.Channels.WhatsApp
		if w.RateLimit.MaxMessages < 0 || w.Debounce.QuietSeconds < 0 || w.UnsureWaitSeconds < 0 {
			t.Errorf("a negative number: %+v", w.RateLimit)
		}
		for _, m := range []Localized{w.Messages.Error, w.Messages.Blocked} {
			if strings.TrimSpace(m.In("es")) == "" {
				t.Errorf("an empty message: %q", m)
			}
		}
	})
}
