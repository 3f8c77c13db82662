package app

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "astromesh"

// may says which of our packages a package may import. "all" is every package,
// "x/..." is x and what lies below it. A package that is not here fails the
// test: whoever adds one decides what it may know.
var may = map[string][]string{
	".":   {"app"},
	"app": {"all"},

	"web":      {"web/form", "web/view", "web/static", "store", "config", "runtime/..."},
	"web/view": {"web/form", "web/static"},
	"web/form": {}, "web/static": {},

	// The dispatcher describes what came in and hands on what a model let us know.
	"runtime/inbox": {"runtime/agent", "runtime/channel", "runtime/model", "store"},
	"runtime/agent": {"runtime/guardrail", "runtime/memory", "runtime/model", "runtime/model/loosejson", "runtime/tool", "runtime/channel", "store", "config"},
	// A diagnosis may look everywhere; nobody but app and web looks at it.
	"runtime/health":    {"runtime/...", "store", "config"},
	"runtime/guardrail": {"runtime/model", "runtime/model/loosejson"},
	"runtime/memory":    {"runtime/model", "store"},
	"runtime/tool":      {"runtime/model", "runtime/tool/outside", "runtime/tool/mcp"},
	"runtime/outbox":    {"runtime/channel", "store"},
	// A tool's ways out of the program know nothing of tools.
	"runtime/tool/outside": {}, "runtime/tool/mcp": {"runtime/tool/outside"},
	// The way in brings calls to a handler that it knows nothing of.
	"runtime/reach": {},

	"runtime/channel/whatsapp":          {"runtime/channel"},
	"runtime/channel/whatsapp/emulator": {},

	"runtime": {}, "runtime/channel": {}, "runtime/model": {}, "store": {}, "config": {},
	// JSON as models write it, for the readers of plans and those of tool calls.
	"runtime/model/loosejson": {},

	"runtime/model/modeltest":  {"runtime/model"},
	"runtime/tool/mcp/mcptest": {},
	"store/storetest":          {"store"},
}

// forTests are packages that only tests, and each other, may import.
var forTests = []string{"runtime/model/modeltest", "runtime/tool/mcp/mcptest", "store/storetest"}

// bans keeps a library in the rooms that are about it. A path stands for itself
// and what lies below it; exactly one of only and never is given.
var bans = []struct {
	library     string
	only, never []string
}{
	{library: "gorm.io", only: []string{"store"}},
	{library: "database/sql", only: []string{"store"}},
	{library: "github.com/mattn/go-sqlite3", only: []string{"store"}},
	{library: "github.com/labstack/echo", only: []string{"web", "runtime/channel/whatsapp/emulator"}},
	{library: "github.com/ollama/ollama", only: []string{"runtime/model"}},
	{library: "github.com/wailsapp/wails", only: []string{"app/desktop_on.go"}},
	{library: "github.com/modelcontextprotocol/go-sdk", only: []string{"runtime/tool/mcp"}},
	{library: "golang.ngrok.com", only: []string{"runtime/reach"}},
	{library: "github.com/caddyserver/certmagic", only: []string{"runtime/reach"}},
	{library: "net/http", never: []string{"store", "config"}},
}

// goFile is a parsed Go file of the tree.
type goFile struct {
	name      string // from the root, with slashes
	pkg       string // its folder, "." for the root
	test      bool
	generated bool
	lines     int
	imports   []string
	ast       *ast.File
	fset      *token.FileSet
}

// TestImports holds the rooms apart. Test files may import what they need: what
// they alone import is logged with -v.
func TestImports(t *testing.T) {
	files := readTree(t, os.DirFS(".."))
	if len(files) < 50 {
		t.Fatalf("only %d Go files were found: the test looks in the wrong place", len(files))
	}
	for _, wrong := range importFaults(files) {
		t.Error(wrong)
	}
	for _, f := range files {
		for _, ours := range f.ours() {
			if f.test && !allowed(f.pkg, ours) && ours != f.pkg {
				t.Logf("only in a test: %s imports %s", f.name, ours)
			}
		}
	}
}

// TestImportsCanFail breaks every rule once.
func TestImportsCanFail(t *testing.T) {
	for file, imports := range map[string]string{
		"main.go":                           "astromesh/store",
		"web/view/page.go":                  "astromesh/store",
		"web/form/login.go":                 "astromesh/config",
		"runtime/model/m.go":                "astromesh/config",
		"runtime/channel/whatsapp/send.go":  "astromesh/runtime/agent",
		"runtime/outbox/relay.go":           "astromesh/runtime/agent",
		"runtime/new/new.go":                "fmt",
		"runtime/inbox/i.go":                "gorm.io/gorm",
		"app/a.go":                          "astromesh/store/storetest",
		"app/desktop_off.go":                "github.com/wailsapp/wails/v2",
		"runtime/channel/whatsapp/s.go":     "github.com/labstack/echo/v4",
		"store/s.go":                        "net/http",
		"config/c.go":                       "net/http/httputil",
		"web/d.go":                          "database/sql",
		"runtime/agent/a.go":                "github.com/ollama/ollama/api",
		"runtime/channel/whatsapp/twice.go": "astromesh/runtime",
	} {
		src := fmt.Sprintf("package x\n\nimport _ %q\n", imports)
		if got := importFaults(readTree(t, fstest.MapFS{file: {Data: []byte(src)}})); len(got) != 1 {
			t.Errorf("%s importing %s: found %q, want one fault", file, imports, got)
		}
	}
	fine := fstest.MapFS{
		"store/a_test.go":       {Data: []byte("package store\n\nimport _ \"net/http\"\n")},
		"app/desktop_on.go":     {Data: []byte("package app\n\nimport _ \"github.com/wailsapp/wails/v2\"\n")},
		"store/x/testdata/a.go": {Data: []byte("not Go at all")},
	}
	if got := importFaults(readTree(t, fine)); len(got) > 0 {
		t.Errorf("found %q where all is well", got)
	}
}

// importFaults is a sentence for each import of a non-test file that breaks a rule.
func importFaults(files []goFile) []string {
	var faults []string
	for _, f := range files {
		if f.test {
			continue
		}
		if _, known := may[f.pkg]; !known {
			faults = append(faults, fmt.Sprintf("%s: the package %s has no line in the table of allowed imports", f.name, f.pkg))
		}
		for _, ours := range f.ours() {
			if !allowed(f.pkg, ours) {
				faults = append(faults, fmt.Sprintf("%s: %s must not import %s", f.name, f.pkg, ours))
			}
		}
		for _, imported := range f.imports {
			for _, b := range bans {
				if below(imported, b.library) && (f.in(b.never) || b.only != nil && !f.in(b.only)) {
					faults = append(faults, fmt.Sprintf("%s: %s does not belong here", f.name, imported))
				}
			}
		}
	}
	return faults
}

// allowed says whether a non-test file of one package may import another of ours.
func allowed(from, to string) bool {
	if to == "runtime" { // the map holds no code
		return false
	}
	if slices.Contains(forTests, to) {
		return slices.Contains(forTests, from)
	}
	return slices.ContainsFunc(may[from], func(entry string) bool {
		tree, whole := strings.CutSuffix(entry, "/...")
		return entry == "all" || entry == to || whole && below(to, tree)
	})
}

// below says whether a path is another one or lies in it.
func below(p, tree string) bool { return p == tree || strings.HasPrefix(p, tree+"/") }

func (f goFile) in(trees []string) bool {
	return slices.ContainsFunc(trees, func(tree string) bool { return below(f.name, tree) })
}

// ours are the imported packages of this module, from the root.
func (f goFile) ours() []string {
	var list []string
	for _, imported := range f.imports {
		if rest, ok := strings.CutPrefix(imported, module+"/"); ok {
			list = append(list, rest)
		}
	}
	return list
}

// readTree parses every Go file, leaving out what the go tool leaves out.
func readTree(t *testing.T, tree fs.FS) []goFile {
	t.Helper()
	var files []goFile
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			base := entry.Name()
			if name != "." && (base[0] == '.' || base[0] == '_' || base == "testdata" || base == "node_modules") {
				return fs.SkipDir
			}
			return nil
		case path.Ext(name) != ".go":
			return nil
		}
		f, err := parseFile(tree, name)
		files = append(files, f)
		return err
	})
	if err != nil {
		t.Fatalf("read the tree: %v", err)
	}
	return files
}

func parseFile(tree fs.FS, name string) (goFile, error) {
	f := goFile{name: name, pkg: path.Dir(name), test: strings.HasSuffix(name, "_test.go"), fset: token.NewFileSet()}
	src, err := fs.ReadFile(tree, name)
	if err != nil {
		return f, err
	}
	if f.ast, err = parser.ParseFile(f.fset, name, src, parser.ParseComments|parser.SkipObjectResolution); err != nil {
		return f, err
	}
	f.generated = ast.IsGenerated(f.ast)
	f.lines = f.fset.File(f.ast.Pos()).LineCount()
	for _, spec := range f.ast.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return f, err
		}
		f.imports = append(f.imports, imported)
	}
	return f, nil
}
