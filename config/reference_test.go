package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
)

// sameWords are keys whose values are those of another key: the page lists them there.
var sameWords = []string{
	"spec.model.primary.source", "spec.model.default.strategy", "providers.yaml spec.providers.NAME.type", "providers.yaml spec.routing.default_strategy",
}

func readFile(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// referenceFaults compares. Keys are "spec.model" of an agent's file and
// "channels.yaml channels.whatsapp" of another; a word is "KEY = WORD".
func referenceFaults(code, page []string, proven map[string]string, tests testTree) []string {
	var faults []string
	for _, key := range code {
		if !contains(page, key) {
			faults = append(faults, fmt.Sprintf("the page does not name %s", key))
		}
		if proven[key] == "" {
			faults = append(faults, fmt.Sprintf("no test is named that exercises %s", key))
		} else if why := tests.without(key, proven[key]); why != "" {
			faults = append(faults, fmt.Sprintf("%s: %s", key, why))
		}
	}
	for _, key := range page {
		if !contains(code, key) {
			faults = append(faults, fmt.Sprintf("the page names %s, which no file has", key))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(proven)) {
		if !contains(code, key) {
			faults = append(faults, fmt.Sprintf("a test is named for %s, which no file has", key))
		}
	}
	return faults
}

// codeKeys are the keys and words of the schema, and the keys of the types of the
// other files. What several places share is there once, where it stands first.
func codeKeys(t *testing.T) []string {
	t.Helper()
	var root jsonschema.Schema
	if err := json.Unmarshal(AgentSchema(), &root); err != nil {
		t.Fatal(err)
	}
	w := keyWalk{root: &root, seen: map[string]bool{}}
	w.schema("", &root)
	seen := map[reflect.Type]bool{}
	typeKeys("", reflect.TypeFor[Agent](), seen, func(string) {}) // what the agent's file has is not told again
	for file, typ := range map[string]reflect.Type{
		channelsFile: reflect.TypeFor[Channels](), providersFile: reflect.TypeFor[Providers](), runtimeFile: reflect.TypeFor[Runtime](),
	} {
		typeKeys("", typ, seen, func(path string) { w.add(file + " " + path) })
	}
	w.words("channels.yaml channels.whatsapp.unsure_policy", []any{"resend", "ask"})
	if len(w.keys) < 150 {
		t.Errorf("only %d keys and words were found: the test looks in the wrong place", len(w.keys))
	}
	slices.Sort(w.keys)
	return w.keys
}

// keyWalk collects what a schema knows.
type keyWalk struct {
	root *jsonschema.Schema
	seen map[string]bool // definitions, by name
	keys []string
}

func (w *keyWalk) add(key string) {
	if !contains(w.keys, key) {
		w.keys = append(w.keys, key)
	}
}

func (w *keyWalk) words(path string, words []any) {
	path = strings.TrimSuffix(path, "[]")
	for _, word := range words {
		if !contains(sameWords, path) {
			w.add(fmt.Sprintf("%s = %v", path, word))
		}
	}
}

func (w *keyWalk) schema(path string, s *jsonschema.Schema) {
	if s == nil {
		return
	}
	if name, ok := strings.CutPrefix(s.Ref, "#/$defs/"); ok {
		if !w.seen[name] {
			w.seen[name] = true
			w.schema(path, w.root.Definitions[name])
		}
		return
	}
	w.words(path, s.Enum)
	for p := s.Properties.Oldest(); p != nil; p = p.Next() {
		at := join(path, p.Key)
		w.add(at)
		w.schema(at, p.Value)
	}
	w.schema(path+"[]", s.Items)
	w.schema(join(path, "NAME"), s.AdditionalProperties)
	w.schema(path, s.Then)
	w.schema(path, s.Else)
	for _, list := range [][]*jsonschema.Schema{s.AllOf, s.AnyOf, s.OneOf} {
		for _, part := range list {
			w.schema(path, part)
		}
	}
}

// typeKeys collects the keys of a type, each type once.
func typeKeys(path string, typ reflect.Type, seen map[reflect.Type]bool, add func(string)) {
	switch typ.Kind() {
	case reflect.Pointer:
		typeKeys(path, typ.Elem(), seen, add)
	case reflect.Slice:
		typeKeys(path+"[]", typ.Elem(), seen, add)
	case reflect.Map:
		if typ.Elem().Kind() == reflect.Struct {
			typeKeys(join(path, "NAME"), typ.Elem(), seen, add)
		}
	case reflect.Struct:
		if seen[typ] {
			return
		}
		seen[typ] = true
		for i := range typ.NumField() {
			name, options, _ := strings.Cut(typ.Field(i).Tag.Get("yaml"), ",")
			if name == "" || name == "-" || strings.Contains(options, "inline") {
				continue
			}
			add(join(path, name))
			typeKeys(join(path, name), typ.Field(i).Type, seen, add)
		}
	}
}

var (
	pageHeading = regexp.MustCompile("^## .*?(?:`([a-z]+\\.yaml)`)?$")
	tableRow    = regexp.MustCompile(`^\|([^|]*)\|`)
	spanned     = regexp.MustCompile("`([^`]+)`")
)

// namedOnPage reads the tables whose first heading is "key of `PATH`", "key of
// the file" or "word of `PATH`": their first column names the keys. A heading with
// `NAME.yaml` at its end begins the part about that file.
func namedOnPage(page string) []string {
	var keys []string
	file, prefix, word, inTable := "", "", false, false
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		if h := pageHeading.FindStringSubmatch(line); h != nil {
			file = h[1]
		}
		row := tableRow.FindStringSubmatch(line)
		if row == nil {
			inTable = false
			continue
		}
		cell := strings.TrimSpace(row[1])
		switch spans := spanned.FindAllStringSubmatch(cell, -1); {
		case strings.HasPrefix(cell, "key of "), strings.HasPrefix(cell, "word of "):
			inTable, prefix, word = true, "", strings.HasPrefix(cell, "word of ")
			if len(spans) > 0 {
				prefix = spans[0][1]
			}
		case inTable:
			for _, s := range spans {
				key := join(prefix, s[1])
				if word {
					key = prefix + " = " + s[1]
				}
				keys = append(keys, strings.TrimSpace(file+" "+key))
			}
		}
	}
	return keys
}
