package app

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/channel/whatsapp/emulator"
	"astromesh/runtime/model/modeltest"

	"github.com/ollama/ollama/types/model"
)

// docsWithin bounds the commands of one page: some build the program.
const docsWithin = 15 * time.Minute

// before is what a reader of a page has done already.
var before = map[string]string{
	"docs/backup.md": `echo "a long pass word" | ./astromesh password ana`,
}

// TestDocsCommands runs the commands of each page one after the other, as a
// reader does: in one shell, in a folder with the program and its files, beside
// an emulated Meta and a model server.
func TestDocsCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the whole program")
	}
	for _, tool := range []string{"bash", "curl", "make", "openssl", "setsid"} {
		if _, err := exec.LookPath(tool); err != nil {
			why := "left out: the commands of the pages want bash, curl, make, openssl and setsid"
			if strings.Contains(os.Getenv("ASTROMESH_TEST_REQUIRE"), "docs") {
				t.Fatal(why)
			}
			t.Skip(why)
		}
	}
	for _, p := range readDocs(t) {
		var run []string
		for _, c := range p.commands() {
			if onTheBuildServer[c] == nil {
				run = append(run, c)
			}
		}
		if len(run) > 0 {
			t.Run(p.name, func(t *testing.T) { runPage(t, p.name, run) })
		}
	}
}

func runPage(t *testing.T, page string, commands []string) {
	s := newShell(t)
	script := "set -euo pipefail\ncurl() { command curl -sS --fail-with-body \"$@\"; }\ntrap 'echo \"failed: $at\" >&2' ERR\nat=before\n" + before[page] + "\n"
	for _, c := range commands {
		script += fmt.Sprintf("at=%s\necho \"> $at\" >&2\n", quoted(c))
		if other, ok := otherwiseRun[c]; ok {
			c = other
		}
		script += s.here.Replace(c) + "\n"
	}
	ctx, cancel := context.WithTimeout(t.Context(), docsWithin)
	defer cancel()
	bash := exec.CommandContext(ctx, "bash", "-c", script)
	bash.Dir, bash.Env = s.dir, s.env
	bash.WaitDelay = 20 * time.Second
	out, err := bash.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// shell is where the commands of a page run.
type shell struct {
	dir  string
	env  []string
	here *strings.Replacer // addresses of the pages into those of this test
}

func newShell(t *testing.T) shell {
	t.Helper()
	ollama := modeltest.NewFake()
	ollama.Set("llava:7b", modeltest.FakeModel{Capabilities: []model.Capability{"completion", "vision"}, Answer: echoLast})
	ollama.Set("llama3.1:8b", modeltest.FakeModel{Capabilities: []model.Capability{"completion", "tools"}, Answer: echoLast})
	ollama.Listen(t)
	const waba = "2000000000000002"
	meta := emulator.New(emulator.Config{
		AppSecret: "0123456789abcdef0123456789abcdef", VerifyToken: testVerify, AccessTokens: []string{testToken}, PhoneNumberID: testPhone, WABAID: waba,
	})
	t.Cleanup(meta.Close)
	if err := meta.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	repo, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	s := shell{dir: t.TempDir()}
	write(t, s.dir, "astromesh", "#!/bin/sh\n"+runMain+"=1 exec "+os.Args[0]+" \"$@\"\n")
	if err := os.Chmod(filepath.Join(s.dir, "astromesh"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(repo, "config"), filepath.Join(s.dir, "config")); err != nil {
		t.Fatal(err)
	}
	webhook, admin := modeltest.FreeAddress(t), modeltest.FreeAddress(t)
	s.here = strings.NewReplacer("127.0.0.1:8080", admin, "https://graph.facebook.com", meta.URL())
	s.env = append(goEnv(t), "PATH="+os.Getenv("PATH"), "HOME="+s.dir, "XDG_DATA_HOME="+filepath.Join(s.dir, "share"), "REPO="+repo,
		"ASTROMESH_WEBHOOK_ADDR="+webhook, "ASTROMESH_ADMIN_ADDR="+admin, "ASTROMESH_GRAPH_URL="+meta.URL(), "OLLAMA_HOST="+ollama.URL,
		"NUMBER="+testPhone, "TOKEN="+testToken, "SECRET=0123456789abcdef0123456789abcdef", "WABA="+waba)
	return s
}

// goEnv keeps the go command's folders where they are, whatever HOME is.
func goEnv(t *testing.T) []string {
	t.Helper()
	var list []string
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH", "GOPROXY", "GOFLAGS", "GOSUMDB", "GOTOOLCHAIN"} {
		out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, name+"="+strings.TrimSpace(string(out)))
	}
	return list
}
