package app

import (
	"strings"
	"testing"

	"astromesh/config"
)

// What an operator writes is judged as a file would be, and with what only the
// whole configuration shows, at its place.
func TestCompileDraft(t *testing.T) {
	r := newRig(t, rigOptions{})
	for name, c := range map[string]struct {
		old, new string
		line     int
		words    string // of the first error; "" = it compiles
	}{
		"good":             {"", "", 0, ""},
		"no YAML":          {"spec:", "spec: [", 4, ""},
		"another's name":   {"name: shop", "name: other", 3, "another agent"},
		"unknown provider": {"primary: {provider: ollama", "primary: {providerRef: none, x: y", 7, "none"},
		"broken template":  {"assistant.", "assistant {{.", 10, "spec.prompts.system"},
	} {
		text := strings.Replace(testAgent, c.old, c.new, 1)
		a, problems := r.app.compileDraft("shop", []byte(text))
		errs := problems.Errors()
		if good := c.line == 0; good != (a != nil) || good != (len(errs) == 0) {
			t.Errorf("%s: agent %v, problems %s", name, a != nil, problems)
			continue
		}
		if len(errs) > 0 && (errs[0].Line < c.line || !strings.Contains(errs[0].Text, c.words)) {
			t.Errorf("%s: %s, want %q from line %d", name, errs, c.words, c.line)
		}
	}
}

// Publishing puts a version in service without a restart, and a file that nobody
// touched does not undo it.
func TestPublishAndReload(t *testing.T) {
	r := newRig(t, rigOptions{})
	if _, err := r.app.store.Publish("shop", strings.Replace(testAgent, "Shop", "Store", 1), "Olga", 1); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := r.app.reload(r.ctx); err != nil {
			t.Fatal(err)
		}
		if a, ok := r.app.agents.Get("shop"); !ok || a.Version != 2 || a.Config().Spec.Identity.DisplayName != "Store" {
			t.Fatalf("in service: %+v", a)
		}
	}
	if a, problems := r.app.compileDraft("whatsapp-assistant", config.Sample()); a == nil {
		t.Errorf("the sample does not compile: %s", problems)
	}
}
