package tool

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func lookup() Declared {
	return Declared{Type: "client", Name: "lookup_company", Parameters: map[string]any{
		"company_name": map[string]any{"type": "string"},
	}}
}

// TestToolClientIsNoted: the call is noted as it was made, and not run here.
func TestToolClientIsNoted(t *testing.T) {
	r, problems := New([]Declared{lookup()}, Sources{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if spec := r.Specs()[0]; !strings.Contains(string(spec.Parameters), "company_name") || spec.Description == "" {
		t.Errorf("offered as %+v", spec)
	}
	e := NewEffects(nil)
	got, err := r.Call(t.Context(), "lookup_company", Call{TurnID: "t", Effects: e, Arguments: map[string]any{"company_name": "Acme"}})
	if err != nil || !strings.Contains(got, "Noted") {
		t.Fatalf("%q, %v", got, err)
	}
	want := []Record{{Tool: "lookup_company", Arguments: map[string]any{"company_name": "Acme"}}}
	if got := e.Records(); !reflect.DeepEqual(got, want) {
		t.Errorf("noted %v", got)
	}
}

// TestToolClientKeepsNothingThatGuardrailsTakeOut: at any depth.
func TestToolClientKeepsNothingThatGuardrailsTakeOut(t *testing.T) {
	d := lookup()
	d.Parameters = map[string]any{"type": "object", "additionalProperties": true}
	r, _ := New([]Declared{d}, Sources{})
	e := NewEffects(func(s string) (string, error) {
		if strings.Contains(s, "secret") {
			return "", errors.New("no")
		}
		return strings.ReplaceAll(s, "ana@example.org", "[REDACTED_EMAIL]"), nil
	})
	_, err := r.Call(t.Context(), "lookup_company", Call{Effects: e, Arguments: map[string]any{
		"a": "write ana@example.org", "b": []any{"ana@example.org", map[string]any{"c": "a secret", "n": 2.0}},
	}})
	got := fmt.Sprint(e.Records())
	if err != nil || strings.Contains(got, "ana@") || strings.Contains(got, "secret") || strings.Count(got, "[REDACTED_EMAIL]") != 2 || !strings.Contains(got, "n:2") {
		t.Errorf("noted %s, %v", got, err)
	}
}

func TestToolClientIsBounded(t *testing.T) {
	r, _ := New([]Declared{lookup()}, Sources{})
	e := NewEffects(nil)
	var err error
	for i := range MaxRecords + 1 {
		_, err = r.Call(t.Context(), "lookup_company", Call{Effects: e, Arguments: map[string]any{"company_name": fmt.Sprint(i)}})
	}
	if err == nil || len(e.Records()) != MaxRecords {
		t.Errorf("%d notes, %v", len(e.Records()), err)
	}
}

func TestToolClientAndAgentWithoutWhatTheyNeed(t *testing.T) {
	_, problems := New([]Declared{
		{Type: "client"}, {Type: "agent"}, {Type: "client", Name: "x", Parameters: map[string]any{"a": map[string]any{"type": "banana"}}},
	}, Sources{})
	if len(problems) != 3 || !strings.Contains(problems[2], "banana") {
		t.Errorf("problems %q", problems)
	}
}
