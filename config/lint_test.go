package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What lint says of a file in a configuration is what loading all of it says.
func TestLintKnowsTheFolder(t *testing.T) {
	files, err := filepath.Glob("testdata/folders/*/agents/*" + agentSuffix)
	if err != nil || len(files) < 6 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if strings.HasPrefix(filepath.Base(file), ".") { // an editor's own: not loaded
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, all := Load(Dir(filepath.Dir(filepath.Dir(file))), testEnv)
		equal(t, file, LintAgent(file, data, testEnv).Strings(), all.For(file).Strings())
	}
}

// It is the folder of the file that counts, not the one that the command runs in.
func TestLintFromInsideTheFolder(t *testing.T) {
	t.Chdir("testdata/folders/cross/agents")
	data, err := os.ReadFile("d.agent.yaml")
	if err != nil {
		t.Fatal(err)
	}
	found := LintAgent("d.agent.yaml", data, testEnv).String()
	for _, words := range []string{`d.agent.yaml:6:28: "boks" is not a provider`, "caller → helper → caller"} {
		if !strings.Contains(found, words) {
			t.Errorf("%q is missing:\n%s", words, found)
		}
	}
	// Under another name beside the others: a second agent with the first one's name.
	if found := LintAgent("copy.yaml", data, testEnv).String(); !strings.Contains(found, `"caller" is already defined`) {
		t.Errorf("the name is there twice:\n%s", found)
	}
}

// A file that lies anywhere else is checked by itself.
func TestLintOfALoneFile(t *testing.T) {
	data, err := os.ReadFile("testdata/folders/cross/agents/d.agent.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{filepath.Join(t.TempDir(), "d.agent.yaml"), filepath.Join(t.TempDir(), agentsFolder, "d.agent.yaml")} {
		if found := LintAgent(file, data, testEnv).Errors(); len(found) > 0 {
			t.Errorf("%s", found)
		}
	}
}

// Files that lie in no configuration are checked with those that are given with them.
func TestLintOfFilesTogether(t *testing.T) {
	file := func(name, asks string) (string, []byte) {
		return name + ".yaml", []byte("apiVersion: astromesh/v1\nkind: Agent\nmetadata: {name: " + name + "}\nspec:\n" +
			"  model: {primary: {provider: ollama, model: m}}\n  prompts: {system: hi}\n  tools: [{type: agent, name: " + asks + "}]\n")
	}
	lint := func(name, asks string, with ...AgentFile) string {
		path, data := file(name, asks)
		return LintAgent(path, data, testEnv, with...).String()
	}
	read := func(name, asks string) AgentFile {
		path, data := file(name, asks)
		return ReadAgent(path, data, testEnv)
	}
	if found := lint("me", "me"); !strings.Contains(found, "me.yaml:7:") || !strings.Contains(found, "me → me") {
		t.Errorf("itself: %s", found)
	}
	one, two, other := read("one", "two"), read("two", "one"), read("one", "three")
	if found := lint("one", "two", one, two); !strings.Contains(found, "one → two → one") {
		t.Errorf("two: %s", found)
	}
	other.File = "older/one.yaml"
	for _, with := range [][]AgentFile{nil, {one}, {other, one}} {
		if found := lint("one", "two", with...); found != "" {
			t.Errorf("with %d: %s", len(with), found)
		}
	}
}
