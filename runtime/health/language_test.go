package health

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"astromesh/web/view"
)

// english are words that neither Spanish nor Portuguese has; what is copied from
// Meta's pages and from files keeps its own.
var (
	english = regexp.MustCompile(`\b(the|is|are|was|were|has|and|not|of|with|your|you|it|this|that|which|here|from|ago|more|to)\b`)
	copied  = strings.NewReplacer("Verify and save", "", "CONNECTED", "", "unknown key", "", "not acted on", "", "It is down", "", "Start it", "")
)

// TestEachDiagnosisInEachLanguage: the health page says every diagnosis in the
// reader's language.
func TestEachDiagnosisInEachLanguage(t *testing.T) {
	states := []Inputs{well(), {Now: now, Unread: true}}
	for _, f := range slices.Concat(fileFlaws, doorFlaws, metaFlaws, agentFlaws, queueFlaws, machineFlaws) {
		in := well()
		f.spoil(&in)
		states = append(states, in)
		in.Outside = true
		states = append(states, in)
	}
	missing := well()
	missing.WhatsApp.AccessToken, missing.WhatsApp.PhoneNumberID, missing.WhatsApp.AppSecret = "", "", ""
	for _, in := range append(states, missing) {
		for _, c := range Diagnose(in) {
			for _, language := range view.Languages[1:] {
				for _, text := range []string{c.Detail, c.Mend} {
					got := view.Said(view.WithLanguage(context.Background(), language), text)
					if left := english.FindString(strings.TrimSpace(copied.Replace(got))); left != "" {
						t.Errorf("%s %s: %q is left of %q in %q", c.Name, language, left, text, got)
					}
				}
			}
		}
	}
}
