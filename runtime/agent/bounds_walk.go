package agent

import (
	"reflect"
	"strings"

	"github.com/nikolalohinski/gonja/v2/nodes"
)

// nodeWalk finds what makes texts of values in a parsed template.
type nodeWalk struct {
	seen        map[uintptr]bool
	expressions []*nodes.BinaryExpression
	outputs     []*nodes.Output
	words       int // bytes of plain text
}

func (w *nodeWalk) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface:
		w.walk(v.Elem())
	case reflect.Pointer:
		at := v.Pointer()
		if v.IsNil() || w.seen[at] || !ofTree(v.Type().Elem()) {
			return
		}
		w.seen[at] = true
		switch v.Type() {
		case reflect.TypeFor[*nodes.BinaryExpression]():
			w.expressions = append(w.expressions, (*nodes.BinaryExpression)(v.UnsafePointer()))
		case reflect.TypeFor[*nodes.Data]():
			if data := (*nodes.Data)(v.UnsafePointer()); data.Data != nil {
				w.words += len(data.Data.Val)
			}
		case reflect.TypeFor[*nodes.Output]():
			w.outputs = append(w.outputs, (*nodes.Output)(v.UnsafePointer()))
		}
		w.walk(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			w.walk(v.Field(i))
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			w.walk(v.Index(i))
		}
	case reflect.Map:
		for iter := v.MapRange(); iter.Next(); {
			w.walk(iter.Value())
		}
	}
}

// ofTree says whether a type is a part of the parsed tree: not its tokens, nor the
// parser that made it.
func ofTree(t reflect.Type) bool {
	return strings.HasSuffix(t.PkgPath(), "/gonja/v2/nodes") || strings.HasSuffix(t.PkgPath(), "/builtins/control_structures")
}
