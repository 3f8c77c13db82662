package app

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// docPage is README.md or a page of docs.
type docPage struct {
	name   string // from the root, with slashes
	text   string
	prose  string // without the fenced blocks
	blocks []docBlock
}

// docBlock is one fenced block, without the list's indentation that it stands in.
type docBlock struct {
	language string
	lines    []string
}

// fenceLanguages are those that a block may have; commands are sh.
var fenceLanguages = []string{"sh", "yaml", "caddy", "nginx"}

// readDocs reads the pages that the reader is led through.
func readDocs(t *testing.T) []docPage {
	t.Helper()
	names, err := filepath.Glob("../docs/*.md")
	if err != nil || len(names) < 5 {
		t.Fatalf("the pages of docs: %q, %v", names, err)
	}
	var pages []docPage
	for _, name := range append([]string{"../README.md"}, names...) {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		p := parseDoc(strings.TrimPrefix(filepath.ToSlash(name), "../"), string(b))
		for _, block := range p.blocks {
			if !slices.Contains(fenceLanguages, block.language) {
				t.Errorf("%s: a block of %q: the languages are %q", p.name, block.language, fenceLanguages)
			}
		}
		pages = append(pages, p)
	}
	return pages
}

func parseDoc(name, text string) docPage {
	p := docPage{name: name, text: text}
	var prose []string
	var indent string
	in := false
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		bare := strings.TrimLeft(line, " ")
		language, fence := strings.CutPrefix(bare, "```")
		switch {
		case fence && !in:
			in, indent = true, line[:len(line)-len(bare)]
			p.blocks = append(p.blocks, docBlock{language: language})
		case fence:
			in = false
		case in:
			last := &p.blocks[len(p.blocks)-1]
			last.lines = append(last.lines, strings.TrimPrefix(line, indent))
		default:
			prose = append(prose, line)
		}
	}
	p.prose = strings.Join(prose, "\n")
	return p
}

// remark is what stands behind a command for the reader.
var remark = regexp.MustCompile(`(^|\s+)#.*$`)

// commands are the command lines of a page, those that go on in the next line in
// one piece.
func (p docPage) commands() []string {
	var list []string
	for _, b := range p.blocks {
		if b.language != "sh" {
			continue
		}
		open := ""
		for _, line := range b.lines {
			line = strings.TrimSpace(remark.ReplaceAllString(line, ""))
			if line == "" {
				continue
			}
			if before, more := strings.CutSuffix(line, `\`); more || strings.HasSuffix(line, "|") {
				open += strings.TrimSpace(before) + " "
				continue
			}
			list, open = append(list, open+line), ""
		}
		if open != "" {
			list = append(list, open)
		}
	}
	return list
}

// place is a file on the build server's way, and the words in it that run a command.
type place struct{ file, words string }

// onTheBuildServer are the commands that no test can run where it runs: they make
// packages, install, or are the tests themselves. Here stands where they are run.
var onTheBuildServer = map[string][]place{
	"go test ./...": {{".ci/run", `step "tests, as the README says" go test ./...`}},
	"make ollama":   {{"Makefile", "\t@.ci/install-ollama"}, {".ci/run", ".ci/install-ollama"}},
	"make ci":       {{"Makefile", "\t.ci/run"}},
	"make package":  {{"Makefile", "build/package"}, {".ci/run", "\tbuild/package"}},
	"ASTROMESH_OLLAMA_BIN=~/.cache/astromesh-ci/ollama go test ./...": {{".ci/run", "ASTROMESH_OLLAMA_BIN=$cache/ollama"}},
	"go run github.com/wailsapp/wails/v2/cmd/wails@v2.12.0 build":     {{".ci/run", `step "wails build"`}, {"go.mod", "github.com/wailsapp/wails/v2 v2.12.0"}},

	"sudo dpkg -i astromesh_*.deb":         {{".ci/check-packages", "only 'astromesh_*.deb'"}, {".ci/check-packages", `as_root dpkg -i "$deb"`}},
	"sudo dpkg -i astromesh-desktop_*.deb": {{".ci/check-packages", "only 'astromesh-desktop_*.deb'"}},
	"sudo dpkg --remove astromesh":         {{".ci/check-packages", "as_root dpkg --remove astromesh\n"}},
	"sudo dpkg --purge astromesh":          {{".ci/check-packages", "as_root dpkg --purge astromesh\n"}},
	"sudo -u astromesh env ASTROMESH_DATA_DIR=/var/lib/astromesh astromesh password":                               {{".ci/check-packages", `"${service[@]}" password`}},
	"sudo -u astromesh env ASTROMESH_DATA_DIR=/var/lib/astromesh astromesh backup /var/lib/astromesh/house.backup": {{".ci/check-packages", `"${service[@]}" backup /var/lib/astromesh/house.backup`}},
	"tar xzf astromesh-*-linux-*.tar.gz":           {{".ci/check-packages", `tar xzf "$(only 'astromesh-[0-9]*-linux-*.tar.gz')"`}},
	"./astromesh-*/astromesh demo --message hello": {{".ci/check-packages", `answers "$work"/astromesh-*/astromesh`}, {".ci/check-packages", "demo --message hello"}},
}

// otherwiseRun are commands that the test runs in another form: with an end, or
// where they leave nothing behind. The rest is run as it stands.
var otherwiseRun = map[string]string{
	"./astromesh serve": `./astromesh serve 2>serve.log & trap 'kill $!; wait' EXIT
command curl -sS -o /dev/null --retry 60 --retry-connrefused --retry-delay 1 http://$ASTROMESH_WEBHOOK_ADDR/healthz || { cat serve.log >&2; false; }`,
	`curl -N -H "$AUTH" -H 'Accept: text/event-stream' $API/events`: `curl -N -H "$AUTH" -H 'Accept: text/event-stream' $API/events --max-time 2 || [ $? -eq 28 ]`,
	// Not beside serve, on the address that serve has there.
	`./astromesh demo --message "hello" --message "When do you open?"`: `env -u ASTROMESH_WEBHOOK_ADDR ./astromesh demo --message "hello" --message "When do you open?"`,
	"go build -o astromesh .": `(cd "$REPO" && go build -o "$OLDPWD/built" .) && ./built version`,
	"go run . demo": `setsid sh -c 'cd "$REPO" && exec go run . demo' >demo.out & demo=$!
until grep -q 'Open http://.*/phone' demo.out; do kill -0 $demo; sleep 0.2; done
kill -- -$demo; wait $demo || true`,
	`go run . demo --message "hello" --message "When do you open?"`: `(cd "$REPO" && go run . demo --message "hello" --message "When do you open?") | tee /dev/stderr | grep -c '"text":"..' | grep -qx 2`,
	"make": `make -C "$REPO"`,
}

// asItStands are the beginnings of commands that are run as they are.
var asItStands = regexp.MustCompile(`^(\./astromesh |curl |echo |export |AUTH=)`)

// Every command of the pages is run: by TestDocsCommands or on the build server.
func TestDocsCommandsAreAccountedFor(t *testing.T) {
	files := map[string]string{}
	used := map[string]bool{}
	for _, p := range readDocs(t) {
		for _, c := range p.commands() {
			used[c] = true
			if _, other := otherwiseRun[c]; other || asItStands.MatchString(c) {
				continue
			}
			places, known := onTheBuildServer[c]
			if !known {
				t.Errorf("%s: nothing runs this command: %s", p.name, c)
			}
			for _, at := range places {
				if files[at.file] == "" {
					b, err := os.ReadFile(filepath.Join("..", at.file))
					if err != nil {
						t.Fatal(err)
					}
					files[at.file] = string(b)
				}
				if !strings.Contains(files[at.file], at.words) {
					t.Errorf("%s: %s has no %q, which is to run: %s", p.name, at.file, at.words, c)
				}
			}
		}
	}
	for c := range onTheBuildServer {
		if !used[c] {
			t.Errorf("no page has this command any more: %s", c)
		}
	}
	for c := range otherwiseRun {
		if !used[c] {
			t.Errorf("no page has this command any more: %s", c)
		}
	}
}
