package app

import (
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"astromesh/runtime/reach"
	"astromesh/web"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"
)

var (
	linkTo   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading  = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	codeSpan = regexp.MustCompile("`[^`\n]+`")
	bold     = regexp.MustCompile(`\*\*[^*]+\*\*`)
	italic   = regexp.MustCompile(`\*([^*]+)\*`)
	said     = regexp.MustCompile(`“([^”]+)”`)
)

// Every link from one of our pages to another file leads to it, and to the heading.
func TestDocsLinks(t *testing.T) {
	for _, p := range readDocs(t) {
		for _, link := range linkTo.FindAllStringSubmatch(p.prose, -1) {
			if strings.HasPrefix(link[1], "https://") {
				continue
			}
			file, anchor, hasAnchor := strings.Cut(link[1], "#")
			target := p.name
			if file != "" {
				target = path.Join(path.Dir(p.name), file)
			}
			b, err := os.ReadFile(filepath.Join("..", target))
			if err != nil {
				t.Errorf("%s: the link %s leads nowhere: %v", p.name, link[1], err)
				continue
			}
			if hasAnchor && !slices.Contains(anchors(string(b)), anchor) {
				t.Errorf("%s: the link %s names no heading of %s, which has %q", p.name, link[1], target, anchors(string(b)))
			}
		}
	}
}

// anchors are the headings as links name them.
func anchors(text string) []string {
	var list []string
	for _, h := range heading.FindAllStringSubmatch(parseDoc("", text).prose, -1) {
		list = append(list, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, h[1]))
	}
	return list
}

// What stands in italics is on one of our screens in these very words; Meta's and
// others' words are bold.
func TestDocsNameTheScreen(t *testing.T) {
	screen := onScreen(t)
	for _, p := range readDocs(t) {
		text := bold.ReplaceAllString(codeSpan.ReplaceAllString(p.prose, ""), "")
		for _, name := range italic.FindAllStringSubmatch(text, -1) {
			if words := strings.Join(strings.Fields(name[1]), " "); !screen[words] {
				t.Errorf("%s: %q is on no screen", p.name, words)
			}
		}
	}
}

// onScreen are the English texts of the pages, and the installer's.
func onScreen(t *testing.T) map[string]bool {
	t.Helper()
	screen := map[string]bool{}
	files, err := filepath.Glob("../web/view/text/en/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		keys := map[string]string{}
		if err := yaml.Unmarshal([]byte(contents(t, file)), &keys); err != nil {
			t.Fatal(err)
		}
		for _, text := range keys {
			screen[text] = true
		}
	}
	for _, l := range regexp.MustCompile(`LangString \w+ \$\{LANG_ENGLISH\} "([^"]*)"`).FindAllStringSubmatch(contents(t, "../build/windows/installer.nsi"), -1) {
		screen[l[1]] = true
	}
	return screen
}

func contents(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The sentences that the page of symptoms quotes are the program's.
func TestDocsQuoteTheProgram(t *testing.T) {
	var program strings.Builder
	err := fs.WalkDir(os.DirFS(".."), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == "docs" || strings.HasPrefix(d.Name(), ".") && name != "."):
			return fs.SkipDir
		case strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go"), strings.HasPrefix(name, "web/view/text/en/"):
			program.WriteString(contents(t, filepath.Join("..", name)))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	quotes := 0
	for _, p := range readDocs(t) {
		for _, q := range said.FindAllStringSubmatch(p.prose, -1) {
			quotes++
			if !strings.Contains(program.String(), q[1]) {
				t.Errorf("%s: the program does not say %q", p.name, q[1])
			}
		}
	}
	if quotes < 20 {
		t.Errorf("only %d sentences are quoted: the test looks for the wrong marks", quotes)
	}
}

// The commands that are named in passing exist, and the table names all.
func TestDocsKnowTheCommands(t *testing.T) {
	for _, p := range readDocs(t) {
		for _, span := range codeSpan.FindAllString(p.prose, -1) {
			words := strings.Fields(strings.Trim(span, "`"))
			if words[0] == "astromesh" && len(words) > 1 {
				if _, err := newKong(t).Parse(words[1:]); err != nil {
					t.Errorf("%s: %s: %v", p.name, span, err)
				}
			}
		}
	}
	terminal := contents(t, "../docs/terminal.md")
	for _, leaf := range newKong(t).Model.Leaves(true) {
		if name := "`" + strings.TrimPrefix(leaf.FullPath(), "astromesh ") + "`"; !strings.Contains(terminal, name) {
			t.Errorf("docs/terminal.md does not name the command %s", name)
		}
	}
}

func newKong(t *testing.T) *kong.Kong {
	t.Helper()
	k, err := kong.New(new(commands), kong.Name("astromesh"), kong.Writers(io.Discard, io.Discard), kong.Exit(func(int) {}))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// The lines for proxies are those that the page shows.
func TestDocsProxyLines(t *testing.T) {
	front := reach.Front{Name: "shop.example.com", Upstream: reach.UpstreamOf("0.0.0.0:8000"), Path: web.WebhookPath}
	want := map[string]string{"caddy": front.Caddy(), "nginx": front.Nginx()}
	seen := 0
	for _, p := range readDocs(t) {
		for _, b := range p.blocks {
			lines, isProxy := want[b.language]
			if !isProxy {
				continue
			}
			seen++
			if got := strings.Join(b.lines, "\n") + "\n"; got != lines {
				t.Errorf("%s: the program gives for %s:\n%s", p.name, b.language, lines)
			}
		}
	}
	if seen != 2 {
		t.Errorf("%d blocks for proxies", seen)
	}
}

// Each guide goes the whole way by itself; what they have in common is the same.
func TestDocsGuidesAgree(t *testing.T) {
	common := map[string]string{}
	for _, name := range []string{"tunnel", "domain", "reverse-proxy"} {
		for _, part := range strings.Split(contents(t, "../docs/"+name+".md"), "\n## ")[1:] {
			title, text, _ := strings.Cut(part, "\n")
			if !regexp.MustCompile(`^[12356]\. `).MatchString(title) {
				continue
			}
			if other, seen := common[title]; seen && strings.TrimSpace(other) != strings.TrimSpace(text) {
				t.Errorf("docs/%s.md: the part %q differs from the other guides'", name, title)
			}
			common[title] = text
		}
	}
	if len(common) != 5 {
		t.Errorf("the guides have %d parts in common", len(common))
	}
}
