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
