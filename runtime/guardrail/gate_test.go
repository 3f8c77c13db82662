package guardrail

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// offered are the tools of the tables in testdata.
func offered() []string { return []string{"datetime_now", "get_user_context", "book_table"} }

type gateCase struct {
	In     string   `json:"in"`
	Out    string   `json:"out"`
	Hidden []string `json:"hidden"`
}

func TestGate(t *testing.T) {
	for _, c := range readLines[gateCase](t, "gate.jsonl") {
		text, hidden := Gate(c.In, offered())
		slices.Sort(hidden)
		slices.Sort(c.Hidden)
		if text != c.Out || !slices.Equal(hidden, c.Hidden) {
			t.Errorf("Gate(%q)\n got %q %v\nwant %q %v", c.In, text, hidden, c.Out, c.Hidden)
		}
	}
}

type callCase struct {
	In   string         `json:"in"`
	Name string         `json:"name"`
	Args map[string]any `json:"args"`
}

func TestRecoverToolCall(t *testing.T) {
	for _, c := range readLines[callCase](t, "toolcalls.jsonl") {
		name, args, ok := RecoverToolCall(c.In, offered())
		if name != c.Name || ok != (c.Name != "") || !reflect.DeepEqual(args, c.Args) {
			t.Errorf("RecoverToolCall(%q)\n got %q %v %v\nwant %q %v", c.In, name, args, ok, c.Name, c.Args)
		}
		if text, _ := Gate(c.In, offered()); ok && strings.Contains(text, name) {
			t.Errorf("Gate(%q) = %q shows the call that was recovered", c.In, text)
		}
	}
}

func FuzzGate(f *testing.F) {
	for _, c := range readLines[gateCase](f, "gate.jsonl") {
		f.Add(c.In)
	}
	for _, c := range readLines[callCase](f, "toolcalls.jsonl") {
		f.Add(c.In)
	}
	f.Fuzz(func(t *testing.T, reply string) {
		text, hidden := Gate(reply, offered())
		if len(hidden) == 0 && text != reply {
			t.Fatalf("%q was changed to %q and nothing was said to be hidden", reply, text)
		}
		if again, more := Gate(text, offered()); again != text || len(more) > 0 {
			t.Fatalf("a second pass of %q turns %q into %q, hiding %v", reply, text, again, more)
		}
		if m := unquoted(reasoningOpen, text); len(m) > 0 {
			t.Fatalf("%q leaves a reasoning mark in %q", reply, text)
		}
		if name, args, ok := RecoverToolCall(reply, offered()); ok && (args == nil || !slices.Contains(offered(), name)) {
			t.Fatalf("RecoverToolCall(%q) = %q, %v", reply, name, args)
		}
	})
}

func BenchmarkGate(b *testing.B) {
	reply := strings.Repeat("Claro, abrimos de 9 a 14 y de 17 a 20. ¿Te reservo mesa? ", 9)
	b.SetBytes(int64(len(reply)))
	for b.Loop() {
		Gate(reply, offered())
	}
}
