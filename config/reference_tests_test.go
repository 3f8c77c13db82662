package config

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// testTree is what the test files of all packages declare: by folder, by name.
type testTree struct {
	files fs.FS
	text  map[string]map[string]string   // source of a declaration
	uses  map[string]map[string][]string // names in it
	words map[string]map[string][]string // texts in it
}

// readTests parses every test file.
func readTests(t *testing.T, files fs.FS) testTree {
	t.Helper()
	tree := testTree{files, map[string]map[string]string{}, map[string]map[string][]string{}, map[string]map[string][]string{}}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules"):
			return fs.SkipDir
		case strings.HasSuffix(name, "_test.go"):
			return tree.read(name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func (tree testTree) read(name string) error {
	source, err := fs.ReadFile(tree.files, name)
	if err != nil {
		return err
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, source, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	folder := path.Dir(name)
	if tree.text[folder] == nil {
		tree.text[folder], tree.uses[folder], tree.words[folder] = map[string]string{}, map[string][]string{}, map[string][]string{}
	}
	keep := func(name string, n ast.Node) {
		tree.text[folder][name] += string(source[fset.Position(n.Pos()).Offset:fset.Position(n.End()).Offset]) + "\n"
		ast.Inspect(n, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.Ident:
				tree.uses[folder][name] = append(tree.uses[folder][name], x.Name)
			case *ast.BasicLit:
				if text, err := strconv.Unquote(x.Value); err == nil && x.Kind == token.STRING {
					tree.words[folder][name] = append(tree.words[folder][name], text)
				}
			}
			return true
		})
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			keep(d.Name.Name, d.Body)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok {
					for _, name := range v.Names {
						keep(name.Name, v)
					}
				}
			}
		}
	}
	return nil
}

// source is a test's own, that of what it names of its folder's test files, and
// the files in testdata that one of them names.
func (tree testTree) source(folder, test string) string {
	text := tree.text[folder][test]
	named := tree.words[folder][test]
	seen := map[string]bool{test: true}
	for _, name := range tree.uses[folder][test] {
		if !seen[name] && !strings.HasPrefix(name, "Test") {
			seen[name] = true
			text += tree.text[folder][name]
			named = append(named, tree.words[folder][name]...)
		}
	}
	for _, word := range named {
		if strings.Contains(word, "testdata/") && fs.ValidPath(path.Join(folder, word)) {
			if b, err := fs.ReadFile(tree.files, path.Join(folder, word)); err == nil {
				text += string(b)
			}
		}
	}
	return text
}

// without says what is wrong with a proof, "FOLDER TEST" and perhaps a file of its
// testdata, for a key; "" if nothing is.
func (tree testTree) without(key, proof string) string {
	parts := strings.Fields(proof)
	if len(parts) < 2 || len(parts) > 3 {
		return fmt.Sprintf("%q is not a folder, a test and perhaps a file of its testdata", proof)
	}
	folder, test := parts[0], parts[1]
	if tree.text[folder][test] == "" || !strings.HasPrefix(test, "Test") {
		return fmt.Sprintf("there is no %s in %s", test, folder)
	}
	text := tree.source(folder, test)
	if len(parts) == 3 {
		b, err := fs.ReadFile(tree.files, path.Join(folder, "testdata", parts[2]))
		if err != nil {
			return err.Error()
		}
		names := strings.FieldsFunc(parts[2], func(r rune) bool { return r == '/' || r == '.' })
		if !slices.ContainsFunc(names[:max(1, strings.Count(parts[2], "/")+1)], func(name string) bool { return strings.Contains(text, name) }) {
			return fmt.Sprintf("%s does not read %s", test, parts[2])
		}
		text += string(b)
	}
	if !spelling(key).MatchString(text) {
		return fmt.Sprintf("%s does not hold it", proof)
	}
	return ""
}

// spelling is how a test may write a key, as the file has it ("key:", or in quotes)
// or as the field of the Go type; and a word of one.
func spelling(key string) *regexp.Regexp {
	const begins, ends = `(^|[^A-Za-z0-9_])`, `([^A-Za-z0-9_]|$)`
	if _, word, ok := strings.Cut(key, " = "); ok {
		if country := regexp.MustCompile(`^[A-Z]{2}_`); country.MatchString(word) { // the marker of BR_CPF is [REDACTED_CPF]
			word = country.ReplaceAllString(word, "")
		}
		return regexp.MustCompile(`(^|[^A-Za-z0-9])` + regexp.QuoteMeta(word) + ends)
	}
	last := strings.TrimSuffix(key[strings.LastIndexAny(key, ". ")+1:], "[]")
	list := []string{regexp.QuoteMeta(last) + `"?\s*:`, `"` + regexp.QuoteMeta(last) + `"`}
	var fields []string
	for _, v := range []any{Agent{}, Channels{}, Providers{}, Runtime{}} {
		fieldNames(reflect.TypeOf(v), last, map[reflect.Type]bool{}, &fields)
	}
	for _, name := range fields {
		list = append(list, name+ends)
	}
	return regexp.MustCompile(begins + `(` + strings.Join(list, "|") + `)`)
}

func fieldNames(typ reflect.Type, key string, seen map[reflect.Type]bool, list *[]string) {
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice || typ.Kind() == reflect.Map {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct || seen[typ] {
		return
	}
	seen[typ] = true
	for i := range typ.NumField() {
		f := typ.Field(i)
		if name, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); name == key {
			*list = append(*list, f.Name)
		}
		fieldNames(f.Type, key, seen, list)
	}
}
