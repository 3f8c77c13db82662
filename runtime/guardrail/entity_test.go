package guardrail

import (
	"slices"
	"testing"
)

func TestMarkedFindsWhatWasRedacted(t *testing.T) {
	check, err := NewPII(PIIOptions{})
	if err != nil {
		t.Fatal(err)
	}
	v := check.Check("ana@example.com, 4111 1111 1111 1111")
	got := Marked(v.Text)
	slices.Sort(got)
	if !slices.Equal(got, []string{"CC", "EMAIL"}) {
		t.Errorf("%v in %q", got, v.Text)
	}
	if got := Marked("nothing [REDACTED]"); got != nil {
		t.Errorf("%v", got)
	}
}

func TestEntityNames(t *testing.T) {
	//nolint:gocritic // the white space around cpf is the case
	for written, want := range map[string]string{"email": "EMAIL", "CREDIT_CARD": "CC", " cpf ": "BR_CPF", "soul": ""} {
		if got, ok := EntityName(written); got != want || ok != (want != "") {
			t.Errorf("%q: %q %v", written, got, ok)
		}
	}
	for _, name := range Entities() {
		if got, ok := EntityName(name); got != name || !ok {
			t.Errorf("%q is %q", name, got)
		}
	}
}
