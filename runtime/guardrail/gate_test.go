package guardrail

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
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
	In    string         `json:"in"`
	Name  string         `json:"name"`
	Args  map[string]any `json:"args"`
	Calls []TextCall     `json:"calls"` // in the place of name and args, where there are several
	Shown bool           `json:"shown"` // it is no call, and the customer reads all of it
	Left  *string        `json:"left"`  // what the customer reads, where it is said
}

func (c callCase) wanted() []TextCall {
	if c.Name != "" {
		return []TextCall{{Name: c.Name, Args: c.Args}}
	}
	return c.Calls
}

func TestRecoverToolCalls(t *testing.T) {
	for _, c := range readLines[callCase](t, "toolcalls.jsonl") {
		got := RecoverToolCalls(c.In, offered())
		if len(got) != len(c.wanted()) || len(got) > 0 && !reflect.DeepEqual(got, c.wanted()) {
			t.Errorf("RecoverToolCalls(%q)\n got %v\nwant %v", c.In, got, c.wanted())
		}
		text, _ := Gate(c.In, offered())
		for _, call := range got {
			if strings.Contains(text, call.Name) {
				t.Errorf("Gate(%q) = %q shows the call that was recovered", c.In, text)
			}
		}
		if c.Shown && text != c.In {
			t.Errorf("Gate(%q) = %q: it is no call", c.In, text)
		}
		if c.Left != nil && text != *c.Left {
			t.Errorf("Gate(%q) = %q, want %q", c.In, text, *c.Left)
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
		for _, call := range RecoverToolCalls(reply, offered()) {
			if call.Args == nil || !slices.Contains(offered(), call.Name) {
				t.Fatalf("RecoverToolCalls(%q) gives %v", reply, call)
			}
		}
		if left := RecoverToolCalls(text, offered()); len(left) > 0 {
			t.Fatalf("Gate(%q) = %q still holds %v", reply, text, left)
		}
	})
}

// onlyOpened are texts that open what they never close: what looks ahead for an end
// from each of them costs its length squared, and would hold up every conversation.
var onlyOpened = []string{`{"name": "book_table" `, `{'`, `{"`, `"`, `{book_table `, `[`, `book_table(`, `book_table {`, `<book_table>`, `<tool_call>`, "Tool: book_table\n", `{"book_table": {`, "```", `\"`, `{\"name\": \"book_table`, " ", "book_table: {'a' ", "<invoke name=\"book_table\">", `{"a":{"name":"book_table"`, "<think>", "&lt;", "[book_table(a),"}

// TestGateEndsWithAnyText: without an end in sight the test would run into the time
// that all tests have. How it grows is BenchmarkGateGrows's to say.
func TestGateEndsWithAnyText(t *testing.T) {
	for _, unit := range onlyOpened {
		text := strings.Repeat(unit, 60000/len(unit))
		out, _ := Gate(text, offered())
		if calls := RecoverToolCalls(out, offered()); len(calls) > 0 {
			t.Errorf("%q repeated leaves %d calls to be read", unit, len(calls))
		}
	}
}

// BenchmarkGateGrows tells how many times longer four times as much text takes: 4
// where the work grows with the length, 16 where it grows with its square.
func BenchmarkGateGrows(b *testing.B) {
	for _, unit := range onlyOpened {
		b.Run(strings.TrimSpace(unit), func(b *testing.B) {
			took := func(n int) time.Duration {
				text := strings.Repeat(unit, n/len(unit))
				began := time.Now()
				Gate(text, offered())
				return time.Since(began)
			}
			var small, large time.Duration
			for b.Loop() {
				small += took(5000)
				large += took(20000)
			}
			b.ReportMetric(float64(large)/float64(small), "times")
		})
	}
}

func BenchmarkGate(b *testing.B) {
	reply := strings.Repeat("Claro, abrimos de 9 a 14 y de 17 a 20. ¿Te reservo mesa? ", 9)
	b.SetBytes(int64(len(reply)))
	for b.Loop() {
		Gate(reply, offered())
	}
}
