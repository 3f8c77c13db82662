package view

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every language has every sentence, with the same places for values.
func TestLanguagesAreComplete(t *testing.T) {
	places := regexp.MustCompile(`\{\d\}`)
	english := texts()["en"]
	for _, language := range Languages[1:] {
		for key, text := range english {
			other, ok := texts()[language][key]
			if !ok || strings.TrimSpace(other) == "" {
				t.Errorf("%s lacks %s", language, key)
				continue
			}
			want, got := places.FindAllString(text, -1), places.FindAllString(other, -1)
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(want, got) {
				t.Errorf("%s: %s has %v, English %v", language, key, got, want)
			}
		}
		for key := range texts()[language] {
			if _, ok := english[key]; !ok {
				t.Errorf("%s: %s is not in English", language, key)
			}
		}
	}
}

// Every key that a page or handler asks for is there.
func TestKeysAndPagesFit(t *testing.T) {
	asked := regexp.MustCompile(`T\(ctx, "([^"]+)"`)
	for _, pattern := range []string{"*.templ", "*.go", "../*.go", "../form/*.go"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_templ.go") {
				continue
			}
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range asked.FindAllStringSubmatch(string(b), -1) {
				if _, ok := texts()["en"][m[1]]; !ok && !strings.HasSuffix(m[1], ".") && !strings.HasSuffix(m[1], "_") {
					t.Errorf("%s asks for %q, which is in no file", name, m[1])
				}
			}
		}
	}
}

func TestPreferredLanguage(t *testing.T) {
	for header, want := range map[string]string{
		"": "en", "es": "es", "es-MX,es;q=0.9": "es", "pt-BR": "pt-BR", "pt": "pt-BR", "PT-pt": "pt-BR", "fr, es;q=0.5": "es", "de-DE": "en", "*": "en",
	} {
		if got := PreferredLanguage(header); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

func TestTFillsIn(t *testing.T) {
	if got := T(WithLanguage(context.Background(), "xx"), "frame.signed_in_as", "Ana"); !strings.Contains(got, "Ana") {
		t.Errorf("got %q", got)
	}
}
