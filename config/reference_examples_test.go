package config

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// TestReferenceExamples puts every example of the page into one folder: whole files
// under their names, parts of an agent into the shortest agent. All of it loads,
// and nothing is said about it but which variables are not set.
func TestReferenceExamples(t *testing.T) {
	folder := t.TempDir()
	save := func(name, text string) {
		file := filepath.Join(folder, filepath.FromSlash(name))
		if _, err := os.Stat(file); err == nil {
			t.Errorf("two examples are %s", name)
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	blocks := yamlBlock.FindAllStringSubmatch(string(readFile(t, referencePage)), -1)
	for i, b := range blocks {
		save(exampleFile(t, i, b[1]))
	}
	if len(blocks) < 8 {
		t.Errorf("only %d examples", len(blocks))
	}
	c, problems := Load(Dir(folder), nil)
	for _, p := range problems {
		if p.Severity != Note {
			t.Error(p)
		}
	}
	if len(c.Agents) < 5 || !c.Good.Channels || !c.Good.Providers || !c.Good.Runtime {
		t.Errorf("%d agents; %+v", len(c.Agents), c.Good)
	}
}

// every-key.agent.yaml, over which the dashboard's form is tried, has every key of
// an agent's file but those that would take the place of others.
func TestReferenceFileHasEveryKey(t *testing.T) {
	text := readFile(t, "testdata/reference/every-key.agent.yaml")
	if _, problems := ParseAgent("every-key", text, nil); problems.HasErrors() {
		t.Fatal(problems.Errors())
	}
	elsewhere := []string{"spec.program", "spec.model.default.candidates"}
	for _, key := range codeKeys(t) {
		if strings.Contains(key, " ") || contains(elsewhere, key) { // a word, or another file
			continue
		}
		if !spelling(key).Match(text) {
			t.Errorf("the file has no %s", key)
		}
	}
}

// exampleFile is where an example belongs, and as a whole file.
func exampleFile(t *testing.T, number int, text string) (name, whole string) {
	t.Helper()
	first := regexp.MustCompile(`(?m)^(\w+):`).FindStringSubmatch(text)
	kind := ""
	if found := regexp.MustCompile(`(?m)^kind: (\w+)$`).FindStringSubmatch(text); len(found) > 1 {
		kind = found[1]
	}
	switch {
	case first == nil:
		t.Fatalf("not an example:\n%s", text)
	case kind == "Agent":
		agent, problems := ParseAgent("", []byte(text), nil)
		if agent == nil {
			t.Fatalf("%s\n%s", problems, text)
		}
		return agentsFolder + "/" + agent.Metadata.Name + agentSuffix, text
	case kind != "":
		return map[string]string{"ProviderConfig": providersFile, "RuntimeConfig": runtimeFile}[kind], text
	case first[1] == "channels" && strings.Contains(text, "whatsapp:"):
		return channelsFile, text
	}
	whole = fmt.Sprintf("apiVersion: astromesh/v1\nkind: Agent\nmetadata: {name: example-%d}\nspec:\n", number)
	if !contains(fieldsOf(reflect.TypeFor[AgentSpec]()).names, first[1]) {
		t.Fatalf("%s is no key of spec:\n%s", first[1], text)
	}
	if !regexp.MustCompile(`(?m)^model:`).MatchString(text) {
		whole += "  model: {primary: {provider: ollama, model: m}}\n"
	}
	return fmt.Sprintf("%s/example-%d%s", agentsFolder, number, agentSuffix), whole + regexp.MustCompile(`(?m)^(.)`).ReplaceAllString(text, "  $1")
}
