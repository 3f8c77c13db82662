package app

import (
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// byLibraries are variables that no code of ours looks up.
var byLibraries = []string{"XDG_DATA_HOME", "HTTPS_PROXY", "NO_PROXY"}

// lookUps are the functions that read a variable by its name.
var lookUps = []string{"variable", "env", "Env", "Getenv", "LookupEnv", "OSEnv"}

var (
	variableName = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)
	expanded     = regexp.MustCompile(`\$\{([A-Z][A-Z0-9_]*)(:-[^}]*)?\}`)
	flagSpan     = regexp.MustCompile("`--([a-z-]+)`")
)

// docs/environment.md names every variable and every flag of the program, and no
// others.
func TestDocsEnvironment(t *testing.T) {
	page := contents(t, "../docs/environment.md")
	var variables, flags []string
	for _, span := range codeSpan.FindAllString(page, -1) {
		name := strings.Trim(span, "`")
		if variableName.MatchString(name) && name != "NAME_FILE" {
			variables = append(variables, name)
		}
	}
	for _, f := range flagSpan.FindAllStringSubmatch(page, -1) {
		flags = append(flags, f[1])
	}
	code, tests := codeVariables(t)
	compareNames(t, "variable", variables, append(code, byLibraries...), tests)
	compareNames(t, "flag", flags, codeFlags(t), nil)
}

// compareNames wants all of the code's on the page, and on the page only those;
// optional ones may stand there.
func compareNames(t *testing.T, what string, page, code, optional []string) {
	t.Helper()
	if len(code) < 10 {
		t.Errorf("only %d names of the kind %s were found in the code: the test looks in the wrong place", len(code), what)
	}
	for _, name := range code {
		if !slices.Contains(page, name) {
			t.Errorf("docs/environment.md does not name the %s %s", what, name)
		}
	}
	for _, name := range page {
		if !slices.Contains(code, name) && !slices.Contains(optional, name) {
			t.Errorf("docs/environment.md names the %s %s, which the program does not know", what, name)
		}
	}
}

// codeFlags are those of all commands.
func codeFlags(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, leaf := range newKong(t).Model.Leaves(false) {
		for _, group := range leaf.AllFlags(false) {
			for _, f := range group {
				names = append(names, f.Name)
			}
		}
	}
	return names
}

// codeVariables are those that the code looks up, by a name or a constant of its
// package, and those that the files inside the program name. tests are the tests' own.
func codeVariables(t *testing.T) (code, tests []string) {
	t.Helper()
	files := readTree(t, os.DirFS(".."))
	constants := map[string]string{} // package, dot, name
	for _, f := range files {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == len(spec.Names) {
				for i, name := range spec.Names {
					constants[f.pkg+"."+name.Name] = literal(spec.Values[i])
				}
			}
			return true
		})
	}
	for _, f := range files {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			name := lookedUp(n, f.pkg, constants)
			switch {
			case !variableName.MatchString(name):
			case f.test, slices.Contains(forTests, f.pkg):
				tests = append(tests, name)
			default:
				code = append(code, name)
			}
			return true
		})
	}
	for _, f := range newKong(t).Model.Flags {
		code = append(code, f.Envs...)
	}
	return append(code, fileVariables(t)...), tests
}

// lookedUp is the name that a call looks up, or "".
func lookedUp(n ast.Node, pkg string, constants map[string]string) string {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return ""
	}
	function := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		function = f.Name
	case *ast.SelectorExpr:
		function = f.Sel.Name
	}
	if !slices.Contains(lookUps, function) {
		return ""
	}
	if id, ok := call.Args[0].(*ast.Ident); ok {
		return constants[pkg+"."+id.Name]
	}
	return literal(call.Args[0])
}

func literal(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	text, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return text
}

// fileVariables are those of the configuration inside the program.
func fileVariables(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, pattern := range []string{"*.yaml", "agents/*.yaml", "demo/*.yaml", "demo/agents/*.yaml"} {
		files, err := filepath.Glob("../config/" + pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			for line := range strings.Lines(contents(t, file)) {
				if strings.HasPrefix(strings.TrimSpace(line), "#") {
					continue
				}
				for _, v := range expanded.FindAllStringSubmatch(line, -1) {
					names = append(names, v[1])
				}
			}
		}
	}
	return names
}
