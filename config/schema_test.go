package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
)

var update = flag.Bool("update", false, "write agent.schema.json anew")

// TestAgentSchema makes the schema of the types and their comments, and fails
// where the file that is in the program is another: go generate ./config
func TestAgentSchema(t *testing.T) {
	want := makeSchema(t)
	if *update {
		if err := os.WriteFile("agent.schema.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(want, AgentSchema()) {
		t.Error("agent.schema.json is out of date: run go generate ./config")
	}
}

// Every key of the types is in the schema, and says what it is.
func TestSchemaExplainsEveryKey(t *testing.T) {
	var root jsonschema.Schema
	if err := json.Unmarshal(AgentSchema(), &root); err != nil {
		t.Fatal(err)
	}
	for name, def := range root.Definitions {
		for p := def.Properties.Oldest(); p != nil; p = p.Next() {
			if strings.TrimSpace(p.Value.Description) == "" {
				t.Errorf("%s.%s has no description", name, p.Key)
			}
		}
	}
	model := root.Definitions["Routing"].Properties
	if strategy, ok := model.Get("strategy"); !ok || len(strategy.Enum) != len(strategies()) {
		t.Errorf("strategies: %+v", strategy)
	}
}

func makeSchema(t *testing.T) []byte {
	t.Helper()
	r := jsonschema.Reflector{FieldNameTag: "yaml", Anonymous: true, Mapper: mapType}
	if err := r.AddGoComments("astromesh/config", "."); err != nil {
		t.Fatal(err)
	}
	root := r.Reflect(&Agent{})
	root.Title = "Astromesh agent"
	root.Definitions["Tool"].AdditionalProperties = jsonschema.TrueSchema // the other types have keys of their own
	root.Definitions["Tool"].Properties.Delete("Rest")
	for at, words := range map[string][]string{
		"Agent.kind": {"Agent"}, "Agent.apiVersion": {"astromesh/v1"},
		"Routing.strategy": strategies(), "ModelRole.strategy": strategies(),
		"Orchestration.pattern": patterns(), "Candidate.provider": providerTypes(), "Candidate.source": providerTypes(),
		"Tool.type": toolTypes(), "ConversationalMemory.backend": memoryBackends(), "ConversationalMemory.strategy": memoryStrategies(),
		"Guardrail.type": sortedKeys(guardrailTypes()), "Guardrail.action": {"redact", "block", "warn", "truncate"},
	} {
		name, key, _ := strings.Cut(at, ".")
		p, ok := root.Definitions[name].Properties.Get(key)
		if !ok {
			t.Fatalf("there is no %v", at)
		}
		setWords(p, inWords(t, at, words))
	}
	entity, _ := root.Definitions["Guardrail"].Properties.Get("entities")
	var kinds []said
	for _, name := range entities() {
		kinds = append(kinds, said{name, entityMeans()[name]})
	}
	setWords(entity.Items, kinds)
	addParts(t, root)
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(root); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

// inWords gives the words that the code knows, each with what it means.
func inWords(t *testing.T, at string, words []string) []said {
	t.Helper()
	var list []said
	for _, w := range words {
		i := slices.IndexFunc(wordsOf()[at], func(s said) bool { return s.word == w })
		if i < 0 {
			t.Errorf("schema_words_test.go does not say what %s: %s means", at, w)
			continue
		}
		list = append(list, wordsOf()[at][i])
	}
	return list
}

func anyOf(words []string) []any {
	var list []any
	for _, w := range words {
		list = append(list, w)
	}
	return list
}

// mapType describes what is written in another way than Go keeps it.
func mapType(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[Duration]():
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "number"}, {Type: "string", Pattern: `^(\$\{.*\}|-?([0-9]+(\.[0-9]+)?(ms|s|m|h))+)$`}}}
	case reflect.TypeFor[Candidates]():
		return &jsonschema.Schema{Type: "object", AdditionalProperties: &jsonschema.Schema{Ref: "#/$defs/Candidate"}}
	default:
		return nil
	}
}
