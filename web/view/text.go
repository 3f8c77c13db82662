package view

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

// Languages of the dashboard, the default first. Each is a folder of text/ with
// the same files and the same keys (a test sees to it).
var Languages = []string{"en", "es", "pt-BR"}

//go:embed text
var textFiles embed.FS

// texts holds every sentence, by language and key: "login.title" stands in
// text/<language>/login.yaml under title.
var texts = sync.OnceValue(func() map[string]map[string]string {
	all := map[string]map[string]string{}
	for _, language := range Languages {
		all[language] = map[string]string{}
	}
	err := fs.WalkDir(textFiles, "text", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := textFiles.ReadFile(name)
		if err != nil {
			return err
		}
		var keys map[string]string
		if err := yaml.Unmarshal(b, &keys); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		language, stem := path.Base(path.Dir(name)), strings.TrimSuffix(path.Base(name), ".yaml")
		for key, text := range keys {
			all[language][stem+"."+key] = text
		}
		return nil
	})
	if err != nil {
		panic("view: embedded texts cannot be read: " + err.Error()) // a test reads them all
	}
	return all
})

type languageKey struct{}

// WithLanguage makes T speak a language; one that is not there is the default.
func WithLanguage(ctx context.Context, language string) context.Context {
	if !slices.Contains(Languages, language) {
		language = Languages[0]
	}
	return context.WithValue(ctx, languageKey{}, language)
}

// Language that T speaks in ctx.
func Language(ctx context.Context) string {
	if l, ok := ctx.Value(languageKey{}).(string); ok {
		return l
	}
	return Languages[0]
}

// T is a sentence in the reader's language; {0}, {1} … stand for args. A missing
// key shows as itself, and a test fails.
func T(ctx context.Context, key string, args ...any) string {
	text, ok := texts()[Language(ctx)][key]
	if !ok {
		return key
	}
	for i, a := range args {
		text = strings.ReplaceAll(text, "{"+strconv.Itoa(i)+"}", fmt.Sprint(a))
	}
	return text
}

// PreferredLanguage chooses from an Accept-Language header.
func PreferredLanguage(header string) string {
	for part := range strings.SplitSeq(header, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		base, _, _ := strings.Cut(tag, "-")
		for _, language := range Languages {
			if strings.EqualFold(tag, language) {
				return language
			}
		}
		for _, language := range Languages {
			if own, _, _ := strings.Cut(language, "-"); strings.EqualFold(base, own) {
				return language
			}
		}
	}
	return Languages[0]
}
