package config

import (
	"os"
	"path/filepath"
	"testing"
)

func TestGiven(t *testing.T) {
	dir := t.TempDir()
	text := "channels:\n  whatsapp:\n    default_agent: shop\n    rate_limit: {max_messages: 5}\n    debounce:\n    messages: {error: {es: Perdona}, blocked: No}\n"
	if err := os.WriteFile(filepath.Join(dir, channelsFile), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, _ := Load(Dir(dir), nil)
	for key, want := range map[string]bool{
		"default_agent": true, "rate_limit": true, "rate_limit.max_messages": true, "rate_limit.window_seconds": false,
		"debounce": false, "messages.error": true, "messages.error.es": true, "messages.blocked": true, "messages.too_long": false, "access_token": false,
	} {
		if c.Given[key] != want {
			t.Errorf("%s: %v", key, c.Given[key])
		}
	}
	ours, err := shipped.ReadFile(channelsFile)
	if err != nil {
		t.Fatal(err)
	}
	copied := t.TempDir()
	if err := os.WriteFile(filepath.Join(copied, channelsFile), ours, 0o600); err != nil {
		t.Fatal(err)
	}
	if c, _ := Load(Dir(copied), nil); len(c.Given) > 0 {
		t.Errorf("nobody chose what an unchanged copy says: %v", c.Given)
	}
	if c, _ := Load(Embedded(), nil); len(c.Given) > 0 {
		t.Errorf("nobody chose what is inside the program: %v", c.Given)
	}
}
