package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// testEnv are the variables that the files in testdata use.
func testEnv(name string) (string, bool) {
	v, ok := map[string]string{
		"TOKEN":    " hunter2-is-the-secret\n",
		"TOKENS":   "512",
		"GREETING": "hello",
		"QUOTED":   "a \"b\"\n: [c]",
	}[name]
	return v, ok
}

// want compares problems with the lines of a .want file beside the input. With
// UPDATE_WANT=1 it writes the file, for a person to read before it is kept.
func want(t *testing.T, file string, problems Problems) {
	t.Helper()
	got := ""
	if len(problems) > 0 {
		got = filepath.ToSlash(problems.String()) + "\n"
	}
	if os.Getenv("UPDATE_WANT") == "1" {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	expected, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(expected) {
		t.Errorf("problems differ from %s:\n got:\n%s\nwant:\n%s", file, got, expected)
	}
	if strings.Contains(got, "hunter2") || strings.Contains(got, "leaked-secret") {
		t.Error("a problem shows a secret")
	}
}

func TestAgentFiles(t *testing.T) {
	for _, folder := range []string{"agents", "samples"} {
		files, err := filepath.Glob("testdata/" + folder + "/*.agent.yaml")
		if err != nil || len(files) < 10 {
			t.Fatalf("%d files in %s, %v", len(files), folder, err)
		}
		for _, file := range files {
			name := strings.TrimSuffix(filepath.Base(file), agentSuffix)
			t.Run(folder+"/"+name, func(t *testing.T) {
				data, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				agent, problems := ParseAgent(filepath.Base(file), data, testEnv)
				if took := time.Since(start); took > parsePatience {
					t.Errorf("took %v", took)
				}
				want(t, strings.TrimSuffix(file, agentSuffix)+".want", problems)
				if (agent == nil) != problems.HasErrors() {
					t.Errorf("agent is nil: %v, has errors: %v", agent == nil, problems.HasErrors())
				}
			})
		}
	}
}

func TestFolders(t *testing.T) {
	folders, err := os.ReadDir("testdata/folders")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if !f.IsDir() {
			continue
		}
		t.Run(f.Name(), func(t *testing.T) {
			config, problems := Load(Dir("testdata/folders/"+f.Name()), testEnv)
			want(t, "testdata/folders/"+f.Name()+".want", problems)
			for _, a := range config.Agents {
				if (a.Agent == nil) != a.Problems.HasErrors() {
					t.Errorf("%s: agent is nil: %v, problems %v", a.File, a.Agent == nil, a.Problems)
				}
			}
		})
	}
}
