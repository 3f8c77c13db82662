package tool

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func inService(names ...string) Sources {
	return Sources{Agent: func(name string) (string, bool) {
		for _, n := range names {
			if n == name {
				return "Writes letters.", true
			}
		}
		return "", false
	}}
}

// TestToolAgentAsksTheOther: under its own name or another, by any of the keys.
func TestToolAgentAsksTheOther(t *testing.T) {
	for _, c := range []struct {
		name   string
		d      Declared
		args   map[string]any
		offers string
		asked  string
	}{
		{"by its name", Declared{Name: "writer"}, map[string]any{"query": "a letter"}, "writer", "writer: a letter"},
		{"by another name", Declared{Name: "compose", Rest: map[string]any{"agent": "writer"}}, map[string]any{"query": "a letter"}, "compose", "writer: a letter"},
		{"by config", Declared{Name: "compose", Config: map[string]any{"agent": "writer"}}, map[string]any{"query": "a letter"}, "compose", "writer: a letter"},
		{"with parameters", Declared{Name: "writer", Parameters: map[string]any{"to": "string", "pages": "integer"}},
			map[string]any{"to": "Ana", "pages": 2}, "writer", "writer: pages: 2\nto: Ana"},
		{"without a name for it", Declared{Name: "writer"}, map[string]any{"": "a letter"}, "writer", "writer: a letter"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.d.Type = "agent"
			r, problems := New([]Declared{c.d}, inService("writer"))
			if faults := r.Open(t.Context()); len(problems)+len(faults) > 0 {
				t.Fatal(problems, faults)
			}
			spec := r.Specs()[0]
			if spec.Name != c.offers || !strings.HasSuffix(spec.Description, "Writes letters.") {
				t.Errorf("offered as %+v", spec)
			}
			var got string
			_, err := r.Call(t.Context(), c.offers, Call{Arguments: c.args, Consult: func(_ context.Context, agent, q string, call Call) (string, error) {
				if call.Effects == nil || call.Key == "" {
					t.Error("the call has no effects or no key")
				}
				got = agent + ": " + q
				return "done", nil
			}})
			if err != nil || got != c.asked {
				t.Errorf("asked %q, %v", got, err)
			}
		})
	}
}

// TestToolAgentThatIsNotInService: it is not offered, and a fault says so.
func TestToolAgentThatIsNotInService(t *testing.T) {
	r, problems := New([]Declared{{Type: "agent", Name: "nobody"}, {Type: "agent", Name: "writer"}}, inService("writer"))
	faults := r.Open(t.Context())
	if len(problems) > 0 || len(faults) != 1 || !strings.Contains(faults[0].Text, `no agent "nobody" in service`) {
		t.Errorf("problems %q, faults %v", problems, faults)
	}
	if names := r.Names(); len(names) != 1 || names[0] != "writer" {
		t.Errorf("offered %q", names)
	}
}

func TestToolAgentErrorsAreWords(t *testing.T) {
	r, _ := New([]Declared{{Type: "agent", Name: "writer"}}, inService("writer"))
	r.Open(t.Context())
	if _, err := r.Call(t.Context(), "writer", Call{Arguments: map[string]any{"query": " "}}); err == nil {
		t.Error("an empty question was asked")
	}
	a := r.Answer(t.Context(), "writer", Call{Arguments: map[string]any{"query": "x"}, Consult: func(context.Context, string, string, Call) (string, error) {
		return "", &FaultError{Model: "it is gone", Owner: "The agent writer is gone."}
	}})
	if a.Err == nil || a.Err.Error() != "it is gone" || a.Fault != "The agent writer is gone." {
		t.Errorf("%+v", a)
	}
	var fault *FaultError
	if !errors.As(a.Err, &fault) {
		t.Error("no fault")
	}
}
