package view

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// dummy stands for a value in a sentence that was read out of the source.
const dummy = "Xq7"

var verb = regexp.MustCompile(`%[-+#0-9.]*[a-zA-Z]`)

// sources reads the strings of Go files: constants by name, so that a sentence
// made of several is seen as a whole.
type sources struct {
	consts map[string]string
	found  map[string]string // sentence → where it stands
	errors bool              // also what only becomes an error
	at     func(ast.Node) string
}

// collect gives every sentence in the non-test files under dir, values replaced
// by the dummy, and where it stands.
func collect(t *testing.T, errors bool, dirs ...string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, dir := range dirs {
		set := token.NewFileSet()
		var files []*ast.File
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() && path != dir {
				if err == nil {
					err = fs.SkipDir
				}
				return err
			}
			if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
				return nil
			}
			f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
			files = append(files, f)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		s := sources{consts: map[string]string{}, found: all, errors: errors, at: func(n ast.Node) string { return set.Position(n.Pos()).String() }}
		for range 2 { // a constant may be made of others
			for _, f := range files {
				ast.Inspect(f, s.constant)
			}
		}
		for _, f := range files {
			ast.Inspect(f, s.visit)
		}
	}
	return all
}

func (s sources) constant(n ast.Node) bool {
	spec, ok := n.(*ast.ValueSpec)
	if !ok {
		return true
	}
	for i, value := range spec.Values {
		if text := s.text(value); !strings.Contains(text, dummy) && i < len(spec.Names) {
			s.consts[spec.Names[i].Name] = text
		}
	}
	return true
}

// visit takes the widest expression that makes a string.
func (s sources) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ImportSpec, *ast.Field:
		return false
	case *ast.ValueSpec: // a constant counts where it is used
		return len(n.Values) == 0 || strings.Contains(s.text(n.Values[0]), dummy)
	case *ast.Ident:
		if _, ok := s.consts[n.Name]; ok {
			s.keep(n, s.text(n))
		}
		return false
	case *ast.KeyValueExpr:
		ast.Inspect(n.Value, s.visit)
		return false
	case *ast.SelectorExpr:
		ast.Inspect(n.X, s.visit)
		return false
	case *ast.CallExpr:
		return !s.skipped(n)
	case *ast.BasicLit, *ast.BinaryExpr:
		s.keep(n, s.text(n.(ast.Expr)))
		if b, ok := n.(*ast.BinaryExpr); ok && b.Op == token.ADD {
			s.places(b)
			return false
		}
	}
	return true
}

// skipped are calls that write the technician's log, and those that make errors.
func (s sources) skipped(call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	switch sel.Sel.Name {
	case "Info", "Warn", "Error", "Debug":
		return true
	case "Errorf", "New":
		return !s.errors
	}
	return false
}

// places looks into what fills a sentence: calls, whose own arguments may be sentences.
func (s sources) places(e ast.Expr) {
	if b, ok := e.(*ast.BinaryExpr); ok && b.Op == token.ADD {
		s.places(b.X)
		s.places(b.Y)
		return
	}
	if c, ok := e.(*ast.CallExpr); ok {
		ast.Inspect(c, s.visit)
	}
}

func (s sources) text(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, _ := strconv.Unquote(e.Value)
			return verb.ReplaceAllStringFunc(text, func(v string) string {
				if strings.HasSuffix(v, "q") {
					return `"` + dummy + `"`
				}
				return dummy
			})
		}
	case *ast.Ident:
		if text, ok := s.consts[e.Name]; ok {
			return text
		}
	case *ast.ParenExpr:
		return s.text(e.X)
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return s.text(e.X) + s.text(e.Y)
		}
	case *ast.CallExpr:
		if sel, ok := e.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Sprintf" {
			return s.text(e.Args[0])
		}
	}
	return dummy
}

func (s sources) keep(n ast.Node, text string) {
	if text != dummy {
		s.found[text] = s.at(n)
	}
}
