package config

import (
	"encoding/json"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// decodeYAML reads a text for all languages, which takes the place of every
// default, or a mapping by language, whose gaps the defaults fill.
func (l *Localized) decodeYAML(d *decoder, path string, n ast.Node) {
	resolved, _ := d.resolve(n)
	if !isMapping(resolved) {
		if text, ok := d.sentence(path, n); ok {
			*l = Localized{"": text}
		}
		return
	}
	merged := Localized{}
	for k, v := range *l {
		merged[k] = v
	}
	for _, p := range d.pairs(resolved) {
		at := join(path, p.key)
		d.keys[at] = p.at
		language := languageOf(p.key)
		if language == "" {
			d.addAt(p.at, Error, quote(p.key)+" is not a language; write its short name: en, es, pt, de …")
			continue
		}
		if value, _ := d.resolve(p.value); value == nil || value.Type() == ast.NullType || !d.spend(value, 1) {
			continue
		}
		d.values[at] = nodePlace(p.value)
		if text, ok := d.sentence(at, p.value); ok {
			merged[language] = text
		}
	}
	*l = merged
}

// sentence reads a text that must say something: an empty one would reach the
// customer as silence, or as a message that Meta refuses.
func (d *decoder) sentence(path string, n ast.Node) (string, bool) {
	s, ok := d.scalar(path, n)
	if ok && strings.TrimSpace(s.text) == "" {
		d.addAt(d.values[path], Warning, shown(path)+" is empty: the built-in text is used")
		return "", false
	}
	return s.text, ok
}

// languageOf is the language of "pt", "pt-BR" or "pt_BR"; empty if it is none.
func languageOf(key string) string {
	base, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(key), "_", "-"), "-")
	if len(base) < 2 || len(base) > 3 || strings.ContainsFunc(base, func(r rune) bool { return r < 'a' || r > 'z' }) {
		return ""
	}
	return base
}

// form is the shortest way to write the value.
func (l Localized) form() any {
	if text, ok := l[""]; ok && len(l) == 1 {
		return text
	}
	return map[string]string(l)
}

// MarshalYAML writes a text, or a mapping by language.
func (l Localized) MarshalYAML() (any, error) { return l.form(), nil }

// MarshalJSON writes a text, or an object by language.
func (l Localized) MarshalJSON() ([]byte, error) { return json.Marshal(l.form()) }

// UnmarshalYAML reads a text or a mapping by language.
func (l *Localized) UnmarshalYAML(n ast.Node) error { return unmarshalNode(n, l) }
