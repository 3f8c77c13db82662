package web

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"astromesh/config"

	"github.com/goccy/go-yaml"
)

// The editor's help is in the operator's language, all of it: every sentence of the
// schema is in explain.yaml, and what is there is a sentence of the schema.
func TestSchemaInEachLanguage(t *testing.T) {
	var english any
	if err := json.Unmarshal(config.AgentSchema(), &english); err != nil {
		t.Fatal(err)
	}
	defs, _ := english.(map[string]any)["$defs"].(map[string]any)
	said := map[string]bool{}
	for _, def := range defs {
		delete(def.(map[string]any), "description") // of a type: no key is without its own
		explainAll(def, func(text string) string {
			said[text] = true
			return text
		})
	}
	if len(said) < 150 {
		t.Errorf("only %d sentences were found: the test looks in the wrong place", len(said))
	}
	b, err := os.ReadFile("view/text/en/explain.yaml")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	if err := yaml.Unmarshal(b, &texts); err != nil {
		t.Fatal(err)
	}
	for key, text := range texts {
		if !said[text] {
			t.Errorf("explain.yaml: %s is not what the schema says: %q", key, text)
		}
		delete(said, text)
	}
	for text := range said {
		t.Errorf("explain.yaml lacks %q", text)
	}
}

func TestSchemaIsServedInTheOperatorsLanguage(t *testing.T) {
	d := newAgentDash(t)
	for language, want := range map[string]string{"en": "which models answer", "es": "qué modelos responden", "pt-BR": "quais modelos respondem"} {
		w := d.owner.get("/agents/schema.json?in="+language, "Accept-Language", language)
		var schema map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &schema); err != nil || !strings.Contains(w.Body.String(), `"`+want+`"`) {
			t.Errorf("%s: %v, %d, no %q", language, err, w.Code, want)
		}
		if page := d.owner.get("/agents/shop?tab=yaml", "Accept-Language", language); !strings.Contains(page.Body.String(), "schema.json?in="+language) {
			t.Errorf("%s: the page names another schema", language)
		}
	}
}
