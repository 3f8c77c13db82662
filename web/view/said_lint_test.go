package view

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// englishLeft are words that neither Spanish nor Portuguese has.
var englishLeft = regexp.MustCompile(`\b(the|is|are|was|were|has|have|and|not|of|with|your|you|it|this|that|which|here|from|must|more|to|or|cannot)\b`)

// quoted is what the owner wrote, and what a library says of it.
var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|YAML(?: válido)?: .*|regular n\S+ (?:es válida|é válida): .*`)

// Every problem that the tests of the configuration's files expect is said in
// each language.
func TestEveryProblemOfAFileInEachLanguage(t *testing.T) {
	files, err := filepath.Glob("../../config/testdata/*/*.want")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			line = strings.TrimSpace(line)
			_, text, _ := strings.Cut(line, ": ")
			for _, language := range Languages[1:] {
				ctx := WithLanguage(context.Background(), language)
				for _, got := range []string{Said(ctx, line), SaidOfFile(ctx, text)} {
					if left := englishLeft.FindString(quoted.ReplaceAllString(got, "")); left != "" {
						t.Errorf("%s: %q is left of %q in %q", language, left, line, got)
					}
				}
			}
		}
	}
}

// Every word that a handler writes into the list of changes is there.
func TestEveryChangeIsThere(t *testing.T) {
	call := regexp.MustCompile(`(?:\bAudit|\baudit|\bmended|\bforgotten)\((.*)`)
	literal := regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)
	checked := 0
	for _, pattern := range []string{"../*.go", "../../app/*.go", "../../store/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, m := range call.FindAllStringSubmatch(string(b), -1) {
				for _, word := range literal.FindAllStringSubmatch(m[1], -1) {
					if english := word[1]; strings.Contains(english, " ") && !strings.HasPrefix(english, " ") && !strings.HasSuffix(english, " ") && !strings.Contains(english, "%") {
						checked++
						if got := SaidOfChange(WithLanguage(context.Background(), "es"), english); got == english {
							t.Errorf("%s: %q is not in said-audit.yaml", file, english)
						}
					}
				}
			}
		}
	}
	if checked < 25 {
		t.Errorf("only %d changes were found: the test looks in the wrong place", checked)
	}
	for english, want := range map[string]string{
		"version 3, as version 2 was": "versión 3, igual que la versión 2", "version 7": "versión 7", "conversation 12": "conversación 12",
		"in the place of Ana and Eva's": "en lugar del de Ana and Eva", "messages 90 days, events 30 days": "mensajes 90 días, sucesos 30 días", "keep 7": "se guardan 7",
		"model llama3.1:8b": "modelo llama3.1:8b", "default_agent, debounce": "default_agent, debounce", "whatsapp": "whatsapp",
	} {
		if got := SaidOfChange(WithLanguage(context.Background(), "es"), english); got != want {
			t.Errorf("%q: %q, want %q", english, got, want)
		}
	}
}
