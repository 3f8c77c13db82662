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
