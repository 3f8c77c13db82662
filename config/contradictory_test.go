package config

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestContradictions: what cannot be meant, or cannot work, is told with its place.
// With UPDATE_WANT=1 it writes cases.want, for a person to read before it is kept.
func TestContradictions(t *testing.T) {
	var cases []struct{ What, Spec string }
	if err := yaml.Unmarshal(readFile(t, "testdata/contradictory/cases.yaml"), &cases); err != nil || len(cases) < 30 {
		t.Fatal(len(cases), err)
	}
	const head = "apiVersion: astromesh/v1\nkind: Agent\nmetadata: {name: a}\nspec:\n"
	var got strings.Builder
	for _, c := range cases {
		text, above := head, strings.Count(head, "\n")
		if !strings.Contains(c.Spec, "model:\n") {
			text, above = head+"  model: {primary: {provider: ollama, model: m}}\n", above+1
		}
		for line := range strings.Lines(c.Spec) {
			text += "  " + line
		}
		fmt.Fprintf(&got, "%q\n", c.What)
		_, problems := ParseAgent("", []byte(text), testEnv)
		for _, p := range problems {
			if p.Severity != Note {
				p.File, p.Line, p.Col = "case", p.Line-above, p.Col-2
				fmt.Fprintf(&got, "%s\n", p)
			}
		}
		if len(problems.Errors())+len(problems.Warnings()) == 0 {
			t.Errorf("%s: nothing is said", c.What)
		}
	}
	const file = "testdata/contradictory/cases.want"
	if os.Getenv("UPDATE_WANT") == "1" {
		if err := os.WriteFile(file, []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if want := string(readFile(t, file)); want != got.String() {
		t.Errorf("got:\n%s\nwant:\n%s", got.String(), want)
	}
}
