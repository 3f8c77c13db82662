package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const goodAgent = `apiVersion: astromesh/v1
kind: Agent
metadata: {name: NAME}
spec: {model: {primary: {provider: builtin, model: faq, parameters: {default: hi}}}}
`

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// folder is a configuration with the agent "one".
func folder(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "config")
	write(t, filepath.Join(dir, "channels.yaml"), "channels: {whatsapp: {default_agent: one}}\n")
	write(t, filepath.Join(dir, "agents", "one.agent.yaml"), strings.ReplaceAll(goodAgent, "NAME", "one"))
	return dir
}

func TestStrangeFiles(t *testing.T) {
	for _, c := range []struct {
		name, want string
		make       func(path string) error
	}{
		{"large", "larger than 1 MB", func(p string) error { return os.WriteFile(p, make([]byte, MaxFileSize+1), 0o600) }},
		{"folder", "not a plain file", func(p string) error { return os.Mkdir(p, 0o700) }},
		{"pipe", "not a plain file", makePipe},
		{"link to nowhere", "does not exist", func(p string) error { return os.Symlink("nowhere", p) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := folder(t)
			path := filepath.Join(dir, "agents", "two.agent.yaml")
			if err := c.make(path); err != nil {
				t.Fatal(err)
			}
			config, problems := Load(Dir(dir), nil)
			if len(problems) != 1 || problems[0].File != path || !strings.Contains(problems[0].String(), path+":1:1: ") || !strings.Contains(problems[0].Text, c.want) {
				t.Errorf("problems: %v", problems)
			}
			if f, ok := config.Agent("two"); !ok || f.Agent != nil {
				t.Error("two is not listed as a draft")
			}
			if f, _ := config.Agent("one"); f.Agent == nil {
				t.Error("one is gone with two")
			}
		})
	}
}

func TestFoldersThatAreNone(t *testing.T) {
	dir := folder(t)
	write(t, filepath.Join(dir, "file"), "")
	for _, path := range []string{filepath.Join(dir, "missing"), filepath.Join(dir, "file"), ""} {
		c, problems := Load(Dir(path), nil)
		if c == nil || !problems.HasErrors() {
			t.Errorf("%q: %v", path, problems)
		}
	}
	if os.Geteuid() == 0 {
		return // root may read everything
	}
	agents := filepath.Join(dir, "agents")
	if err := os.Chmod(agents, 0); err != nil {
		t.Fatal(err)
	}
	defer func() { // else the test's folder cannot be removed
		if err := os.Chmod(agents, 0o700); err != nil {
			t.Error(err)
		}
	}()
	if _, problems := Load(Dir(dir), nil); !strings.Contains(problems.String(), "may not read") {
		t.Error(problems)
	}
}

func TestEnvironmentFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	write(t, file, "  from-file\n")
	t.Setenv("CONFIG_TEST_A", " direct ")
	t.Setenv("CONFIG_TEST_A_FILE", file)
	t.Setenv("CONFIG_TEST_B", "")
	t.Setenv("CONFIG_TEST_B_FILE", file)
	t.Setenv("CONFIG_TEST_C_FILE", file+".missing")
	t.Setenv("CONFIG_TEST_D_FILE", "/dev/zero")
	for name, want := range map[string]string{"CONFIG_TEST_A": "direct", "CONFIG_TEST_B": "from-file", "CONFIG_TEST_C": "", "CONFIG_TEST_D": "", "CONFIG_TEST_E": ""} {
		if got, set := OSEnv(name); got != want || set != (want != "") {
			t.Errorf("%s is %q, %v", name, got, set)
		}
	}
	_, problems := ParseAgent("a", []byte("metadata: {name: \"${CONFIG_TEST_C}\"}"), OSEnv)
	if got := problems.Unset().String(); !strings.Contains(got, "the file that CONFIG_TEST_C_FILE names is empty or cannot be read") {
		t.Error(got)
	}
}

// parsePatience bounds what takes milliseconds, on a machine however busy: with the
// square of its length a file would take minutes.
const parsePatience = 30 * time.Second

// TestHostileSizes: inputs that a parser pays for with the square of their
// length, or with its stack, are refused before they are parsed.
func TestHostileSizes(t *testing.T) {
	repeat := func(s string) string { return strings.Repeat(s, MaxFileSize/4/len(s)) }
	keys := func() string {
		var b strings.Builder
		for i := range 60_000 {
			fmt.Fprintf(&b, "key%d: v\n", i)
		}
		return b.String()
	}
	deep := func() string {
		var b strings.Builder
		for i := range 1400 {
			b.WriteString(strings.Repeat(" ", i) + "a:\n")
		}
		return b.String()
	}
	long := "k: {" + strings.Repeat("k", 500_000) + ": [" + strings.Repeat("a,", 20_000) + "a]}"
	for name, text := range map[string]string{
		"[": repeat("["), "{": repeat("{"), "- ": repeat("- "), "? ": repeat("? "), "&a": repeat("&a "), "*a": repeat("*a "),
		"!a": repeat("!a "), "'a'": repeat("'a' "), ": ": repeat(": "), "colon": repeat(":"), "docs": repeat("---\n"), "list": repeat("- a\n"),
		"keys": keys(), "deep": deep(), "long key": "spec: {knowledge: " + long[3:] + "}", "prompt": "spec: {prompts: {system: \"" + strings.Repeat("${A} ", 200_000) + "\"}}",
		"dash lines": strings.Repeat("-\n ", 20_000), "quotes": repeat("\""), "percent": repeat("%"), "bar": repeat("|\n"), "tags": repeat("!!str "), "spaces": strings.Repeat(" ", MaxFileSize) + "a", "slashes": "a: \"" + repeat("\\n") + "\"",
	} {
		start := time.Now()
		_, problems := ParseAgent("a", []byte(text), func(string) (string, bool) { return strings.Repeat("x", 1000), true })
		if took := time.Since(start); took > parsePatience {
			t.Errorf("%s took %v", name, took)
		} else if testing.Verbose() {
			t.Logf("%-10s %7d bytes %8v %.90s", name, len(text), took.Round(time.Millisecond), problems.String())
		}
		if !problems.HasErrors() {
			t.Errorf("%s has no error", name)
		}
	}
}
