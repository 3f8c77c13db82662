package web

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestEditorProblemsInTheReadersLanguage: what `agents lint` says in English, the
// editor and the try box say in the reader's language.
func TestEditorProblemsInTheReadersLanguage(t *testing.T) {
	d := newAgentDash(t)
	yaml := strings.Replace(shopYAML, "provider: builtin", "provider: olama", 1)
	for language, want := range map[string]string{
		"en": `"olama" is not a provider: it is`, "es": `"olama" no es un proveedor: puede ser`, "pt-BR": `"olama" não é um provedor: pode ser`,
	} {
		w := d.owner.post("/agents/shop/lint", yamlForm(yaml), "Accept-Language", language)
		var got struct{ Problems []struct{ Text string } }
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || len(got.Problems) == 0 || !strings.HasPrefix(got.Problems[0].Text, want) {
			t.Errorf("%s: %s, %v", language, w.Body, err)
		}
	}
}

// TestScriptsGoOnReadingEnglish: the JSON API keeps the program's own sentences,
// whatever language the caller asks for.
func TestScriptsGoOnReadingEnglish(t *testing.T) {
	d := newDash(t, func(p *Parts) { p.APIToken = "token" })
	d.spoken()
	for path, want := range map[string]string{
		"/v1/conversations": "A reply was not delivered: There is a problem with the payment method.",
		"/v1/events":        "All sending is paused: Meta refuses the access token.",
	} {
		body := d.stranger().page(path, "Authorization", "Bearer token", "Accept-Language", "es")
		if !strings.Contains(body, want) {
			t.Errorf("%s does not say %q: %s", path, want, body)
		}
	}
}
