package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

const (
	// maxValues bounds what a file unfolds to: a few lines of aliases to aliases
	// can stand for billions of values.
	maxValues = 100_000
	// maxPathBytes bounds what is kept to find a value's place again: one very
	// long key around many values would fill the memory with itself.
	maxPathBytes = 16 << 20
	// maxProblems of one file are enough to know that it is the wrong file.
	maxProblems = 200
)

// decoder turns one file into a value and collects everything that is wrong
// with it on the way, each with its place. It is our own because the library's
// stops at the first problem and gives its words, not ours.
type decoder struct {
	file    string
	env     Env
	lines   []string
	anchors map[string]ast.Node

	values   map[string]place  // by path: "spec.model.primary.provider"
	keys     map[string]place  // by path, of the key in front of the value
	written  map[string]string // by path: the text as written, where a variable changed it
	problems Problems
	later    map[string]bool // what was already said not to be acted on yet

	depth, count, expanded, pathBytes int
	stopped                           bool // a limit was hit: say so once and unfold no further
	asWritten                         bool // variables are not looked up
}

func newDecoder(file string, env Env) *decoder {
	if env == nil {
		env = func(string) (string, bool) { return "", false }
	}
	return &decoder{
		file: file, env: env, anchors: map[string]ast.Node{}, later: map[string]bool{},
		values: map[string]place{}, keys: map[string]place{}, written: map[string]string{},
	}
}

// nodeDecoder is what a type implements that reads YAML in its own way.
type nodeDecoder interface {
	decodeYAML(d *decoder, path string, n ast.Node)
}

// decode parses data into v, a pointer to a struct that holds the defaults.
// It tells whether it is worth looking at what came out: there was a document,
// of keys, and it was read to its end.
func (d *decoder) decode(data []byte, v any) bool {
	root := d.parse(data)
	if root == nil {
		return false
	}
	d.value("", root, reflect.ValueOf(v).Elem())
	resolved, _ := d.resolve(root)
	if kindOf(resolved) == nothing {
		d.addAt(nodePlace(root), Error, "the file is empty")
	}
	return isMapping(resolved) && !d.stopped
}

// value decodes one node. What is wrong leaves v as it was.
func (d *decoder) value(path string, n ast.Node, v reflect.Value) {
	if d.depth++; d.depth > maxDepth {
		d.tooMuch(nodePlace(n), tooDeep)
	}
	defer func() { d.depth-- }()
	d.pathBytes += len(path)
	if !d.spend(n, 1) {
		return
	}
	resolved, _ := d.resolve(n)
	if resolved == nil || resolved.Type() == ast.NullType {
		return // a key without a value is as good as absent
	}
	d.values[path] = nodePlace(resolved)
	if own, ok := v.Addr().Interface().(nodeDecoder); ok {
		own.decodeYAML(d, path, n)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		d.pointer(path, n, v)
	case reflect.Struct:
		d.structure(path, resolved, v)
	case reflect.Map:
		d.mapping(path, resolved, v)
	case reflect.Slice:
		d.list(path, resolved, v)
	case reflect.Interface:
		if x := d.any(path, n); x != nil {
			v.Set(reflect.ValueOf(x))
		}
	default:
		d.scalarInto(path, n, v)
	}
}

func (d *decoder) pointer(path string, n ast.Node, v reflect.Value) {
	fresh := reflect.New(v.Type().Elem())
	d.value(path, n, fresh.Elem())
	v.Set(fresh)
}

func (d *decoder) structure(path string, n ast.Node, v reflect.Value) {
	if !isMapping(n) {
		d.wrongType(path, n, "a mapping of keys")
		return
	}
	fields := fieldsOf(v.Type())
	for _, p := range d.pairs(n) {
		at := join(path, p.key)
		d.keys[at] = p.at
		switch index, known := fields.index[p.key]; {
		case known:
			d.value(at, p.value, v.Field(index))
		case fields.inline >= 0:
			d.rest(at, p, v.Field(fields.inline))
		case !strings.HasPrefix(p.key, "x-"): // x- is how YAML files keep anchors apart
			near := didYouMean(p.key, fields.names)
			if near == "" && isKeyItself(p.key) && contains(fields.names, "api_key_env") {
				near = didYouMean("api_key_env", fields.names)
			}
			d.addAt(p.at, Warning, "unknown key "+quote(p.key)+within(path)+": it has no effect"+near)
		}
	}
}

// isKeyItself: other programs take the key of a server itself under these names.
// Here it stands in no file, which is shown, copied and backed up.
func isKeyItself(name string) bool {
	return contains([]string{"api_key", "apikey", "key", "token", "api_token"}, strings.ToLower(name))
}

// rest keeps a key that the struct has no field for in its inline map.
func (d *decoder) rest(path string, p pair, v reflect.Value) {
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	fresh := reflect.New(v.Type().Elem()).Elem()
	d.value(path, p.value, fresh)
	v.SetMapIndex(reflect.ValueOf(p.key), fresh)
}

func (d *decoder) mapping(path string, n ast.Node, v reflect.Value) {
	if !isMapping(n) {
		d.wrongType(path, n, "a mapping of keys")
		return
	}
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	for _, p := range d.pairs(n) {
		at := join(path, p.key)
		d.keys[at] = p.at
		fresh := reflect.New(v.Type().Elem()).Elem()
		d.value(at, p.value, fresh)
		v.SetMapIndex(reflect.ValueOf(p.key), fresh)
	}
}

func (d *decoder) list(path string, n ast.Node, v reflect.Value) {
	items, ok := n.(*ast.SequenceNode)
	if !ok {
		d.wrongType(path, n, "a list")
		return
	}
	list := reflect.MakeSlice(v.Type(), 0, min(len(items.Values), 64))
	for i, item := range items.Values {
		at := path + "[" + strconv.Itoa(i) + "]"
		fresh := reflect.New(v.Type().Elem()).Elem()
		d.value(at, item, fresh)
		if resolved, _ := d.resolve(item); resolved == nil || resolved.Type() == ast.NullType {
			d.values[at] = nodePlace(item)
			d.addAt(nodePlace(item), Error, at+" is empty; write a value or take the line out")
		}
		if d.stopped {
			return
		}
		list = reflect.Append(list, fresh)
	}
	v.Set(list)
}

// any decodes a value whose shape the file chooses: maps, lists, numbers (int
// or float64), booleans and text.
func (d *decoder) any(path string, n ast.Node) any {
	resolved, _ := d.resolve(n)
	switch x := resolved.(type) {
	case nil, *ast.NullNode:
		return nil
	case *ast.SequenceNode:
		list := []any{}
		d.list(path, x, reflect.ValueOf(&list).Elem())
		return list
	case *ast.MappingNode, *ast.MappingValueNode:
		m := map[string]any{}
		d.mapping(path, x, reflect.ValueOf(&m).Elem())
		return m
	}
	s, ok := d.scalar(path, n)
	if !ok {
		return nil
	}
	return s.natural()
}

// spend counts values; false when there are too many.
func (d *decoder) spend(n ast.Node, values int) bool {
	if d.count += values; d.count > maxValues {
		d.tooMuch(nodePlace(n), "the file unfolds to more than 100,000 values through its aliases")
	}
	if d.pathBytes > maxPathBytes {
		d.tooMuch(nodePlace(n), "the keys of this file are too long")
	}
	return !d.stopped
}

func (d *decoder) tooMuch(at place, text string) {
	if !d.stopped {
		d.stopped = true
		d.addAt(at, Error, text)
	}
}

func (d *decoder) wrongType(path string, n ast.Node, want string) {
	d.addAt(nodePlace(n), Error, fmt.Sprintf("%s must be %s, not %s", shown(path), want, kindOf(n)))
}

func (d *decoder) addAt(at place, s Severity, text string) {
	d.add(Problem{Line: at.line, Col: at.col, Severity: s, Text: text})
}

// add keeps a problem. The same one may be met twice, through an alias.
func (d *decoder) add(p Problem) {
	p.File = d.file
	switch {
	case slices.Contains(d.problems, p):
	case len(d.problems) < maxProblems:
		d.problems = append(d.problems, p)
	case !d.stopped:
		d.stopped = true
		d.problems = append(d.problems, Problem{File: d.file, Line: p.Line, Col: p.Col, Text: "there are more than 200 problems in this file; the rest is left out"})
	}
}
