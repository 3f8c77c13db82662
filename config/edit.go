package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Edit changes single values of a YAML text and leaves the rest of it as it was
// written: comments, order, quotes, ${VARIABLES}. It is for a form beside an
// editor. What it cannot change so is an error, and the text stays.
type Edit struct {
	lines []string
	root  ast.Node // nil for an empty document
}

// ErrOdd is for texts that are right and written in a way that is not edited.
var ErrOdd = errors.New("this part of the YAML is written in a way that the form cannot change: change it in the YAML")

// OpenEdit reads a text. The error is a sentence that names the line.
func OpenEdit(text []byte) (*Edit, error) {
	d := newDecoder("", nil)
	root := d.parse(text)
	if errs := d.problems.Errors(); len(errs) > 0 {
		return nil, fmt.Errorf("line %d: %s", errs[0].Line, errs[0].Text)
	}
	return &Edit{lines: d.lines, root: root}, nil
}

// Bytes is the text as it is now.
func (e *Edit) Bytes() []byte { return []byte(strings.Join(e.lines, "\n")) }

// Get gives a value as it is written: nil where there is none, else a string,
// bool, int64, float64, []any or yaml.MapSlice. path holds keys and, in lists,
// indexes.
func (e *Edit) Get(path ...any) any {
	v := rawValue(e.root)
	for _, step := range path {
		v = child(v, step)
	}
	return v
}

// Text is a value that is a single word or text; "" for everything else.
func (e *Edit) Text(path ...any) string {
	switch v := e.Get(path...).(type) {
	case nil, []any, yaml.MapSlice:
		return ""
	default:
		return fmt.Sprint(v)
	}
}

// Len is how many elements a list has, 0 where there is none.
func (e *Edit) Len(path ...any) int {
	list, _ := e.Get(path...).([]any)
	return len(list)
}

// Set writes a value: a string, bool, int, []string, []any or yaml.MapSlice. Keys on
// the way to it are made where they are missing; an index may be one past the end.
func (e *Edit) Set(value any, path ...any) error {
	return e.change(putAt(e.Get(), plainValue(value), path), path, false)
}

// Delete removes a key or an element, and what is empty without it.
func (e *Edit) Delete(path ...any) error {
	if e.Get(path...) == nil {
		return nil
	}
	up := path[:len(path)-1]
	if len(up) > 1 && size(e.Get(up...)) == 1 {
		return e.Delete(up...)
	}
	return e.change(dropAt(e.Get(), path), path, true)
}

// Insert puts an element at the beginning of a list, which is made if it is missing.
func (e *Edit) Insert(value any, path ...any) error {
	list, _ := e.Get(path...).([]any)
	longer := append([]any{plainValue(value)}, list...)
	if first, ok := e.spanOf(append(slices.Clone(path), 0)); ok && !first.afterDash {
		lines := slices.Concat(e.lines[:first.first], renderEntry(0, plainValue(value), first.indent), e.lines[first.first:])
		return e.accept(lines, putAt(e.Get(), longer, path))
	}
	return e.Set(longer, path...)
}

// change makes the text say want, which differs from it at path only. gone: what
// stands there is to go, and another element may have come into its place.
func (e *Edit) change(want any, path []any, gone bool) error {
	if reflect.DeepEqual(want, e.Get()) {
		return nil
	}
	lines, ok := e.rewrite(want, path, gone)
	if !ok {
		return ErrOdd
	}
	return e.accept(lines, want)
}

// accept takes new lines over if they say what is wanted, and nothing else.
func (e *Edit) accept(lines []string, want any) error {
	again, err := OpenEdit([]byte(strings.Join(lines, "\n")))
	if err != nil || !reflect.DeepEqual(again.Get(), want) {
		return ErrOdd
	}
	*e = *again
	return nil
}

// rewrite finds the smallest part of the text around path that can be written
// anew, and writes it as in want.
func (e *Edit) rewrite(want any, path []any, gone bool) ([]string, bool) {
	for depth := len(path); depth > 0; depth-- {
		value, kept := lookUp(want, path[:depth])
		kept = kept && !(gone && depth == len(path))
		span, found := e.spanOf(path[:depth])
		switch {
		case found && kept:
			return e.replace(span, path[depth-1], value), true
		case found && !span.afterDash:
			return slices.Concat(e.lines[:span.first], e.lines[span.end:]), true
		case !found && kept:
			if lines, ok := e.add(path[:depth], value); ok {
				return lines, true
			}
		}
	}
	return nil, false
}

// replace writes an entry anew in its place, keeping a comment on its line.
func (e *Edit) replace(s span, step, value any) []string {
	written := renderEntry(step, value, s.indent)
	head := e.lines[s.first][:s.indent]
	written[0] = head + strings.TrimLeft(written[0], " ")
	if s.scalar && s.end == s.first+1 && len(written) == 1 {
		written[0] += trailingComment(e.lines[s.first][s.indent:])
	}
	return slices.Concat(e.lines[:s.first], written, e.lines[s.end:])
}

// add writes an entry that is missing behind the last one of what it belongs to.
func (e *Edit) add(path []any, value any) ([]string, bool) {
	up, step := path[:len(path)-1], path[len(path)-1]
	node := e.nodeAt(up)
	var last any
	switch n := node.(type) {
	case *ast.MappingNode:
		if n.IsFlowStyle || len(n.Values) == 0 {
			return nil, false
		}
		last = keyOf(n.Values[len(n.Values)-1])
	case *ast.MappingValueNode:
		last = keyOf(n)
	case *ast.SequenceNode:
		if n.IsFlowStyle || len(n.Values) == 0 {
			return nil, false
		}
		last = len(n.Values) - 1
	default:
		return nil, false
	}
	s, ok := e.spanOf(append(slices.Clone(up), last))
	if !ok {
		return nil, false
	}
	return slices.Concat(e.lines[:s.end], renderEntry(step, value, s.indent), e.lines[s.end:]), true
}
