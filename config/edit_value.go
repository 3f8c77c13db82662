package config

import (
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// alias stands for *name in a raw value: it is not followed, so that a few lines
// cannot become a million.
type alias string

// rawValue is a node as written: no variable is filled in.
func rawValue(n ast.Node) any {
	if isNil(n) {
		return nil
	}
	switch x := n.(type) {
	case *ast.AnchorNode:
		return rawValue(x.Value)
	case *ast.TagNode:
		return rawValue(x.Value)
	case *ast.AliasNode:
		return alias(aliasName(x))
	case *ast.MappingNode:
		m := yaml.MapSlice{}
		for _, v := range x.Values {
			m = append(m, yaml.MapItem{Key: keyOf(v), Value: rawValue(v.Value)})
		}
		return m
	case *ast.MappingValueNode:
		return yaml.MapSlice{{Key: keyOf(x), Value: rawValue(x.Value)}}
	case *ast.SequenceNode:
		list := []any{}
		for _, v := range x.Values {
			list = append(list, rawValue(v))
		}
		return list
	case *ast.NullNode:
		return nil
	case *ast.BoolNode:
		return x.Value
	case *ast.IntegerNode:
		return whole(x.Value)
	case *ast.FloatNode:
		return x.Value
	case *ast.StringNode:
		return x.Value
	case *ast.LiteralNode:
		return x.Value.Value
	default:
		return n.String()
	}
}

// whole makes the parser's kinds of integers one.
func whole(v any) any {
	switch n := v.(type) {
	case int64:
		return n
	case uint64:
		if n < 1<<63 {
			return int64(n)
		}
	}
	return fmt.Sprint(v)
}

// plainValue makes a caller's value one as rawValue gives them.
func plainValue(v any) any {
	switch x := v.(type) {
	case int:
		return int64(x)
	case []string:
		list := []any{}
		for _, s := range x {
			list = append(list, s)
		}
		return list
	case []any:
		list := []any{}
		for _, element := range x {
			list = append(list, plainValue(element))
		}
		return list
	case yaml.MapSlice:
		m := yaml.MapSlice{}
		for _, it := range x {
			m = append(m, yaml.MapItem{Key: it.Key, Value: plainValue(it.Value)})
		}
		return m
	default:
		return v
	}
}

func keyOf(n *ast.MappingValueNode) any {
	if s, ok := n.Key.(*ast.StringNode); ok {
		return s.Value
	}
	return n.Key.String()
}

func child(v, step any) any {
	found, _ := lookUp(v, []any{step})
	return found
}

// lookUp also says whether there is such a key or element, which may hold null.
func lookUp(v any, path []any) (any, bool) {
	for _, step := range path {
		at := -1
		switch x := v.(type) {
		case yaml.MapSlice:
			if at = slices.IndexFunc(x, func(it yaml.MapItem) bool { return it.Key == step }); at >= 0 {
				v = x[at].Value
			}
		case []any:
			if i, ok := step.(int); ok && i >= 0 && i < len(x) {
				at, v = i, x[i]
			}
		}
		if at < 0 {
			return nil, false
		}
	}
	return v, true
}

// putAt gives a copy of v in which value stands at path.
func putAt(v, value any, path []any) any {
	if len(path) == 0 {
		return value
	}
	step, rest := path[0], path[1:]
	if i, ok := step.(int); ok {
		list, _ := v.([]any)
		list = slices.Clone(list)
		if i < len(list) {
			list[i] = putAt(list[i], value, rest)
			return list
		}
		return append(list, putAt(nil, value, rest))
	}
	m, _ := v.(yaml.MapSlice)
	m = slices.Clone(m)
	if at := slices.IndexFunc(m, func(it yaml.MapItem) bool { return it.Key == step }); at >= 0 {
		m[at].Value = putAt(m[at].Value, value, rest)
		return m
	}
	return append(m, yaml.MapItem{Key: step, Value: putAt(nil, value, rest)})
}

// dropAt gives a copy of v without what stands at path.
func dropAt(v any, path []any) any {
	step, rest := path[0], path[1:]
	switch x := v.(type) {
	case yaml.MapSlice:
		at := slices.IndexFunc(x, func(it yaml.MapItem) bool { return it.Key == step })
		if at < 0 {
			return v
		}
		x = slices.Clone(x)
		if len(rest) == 0 {
			return slices.Delete(x, at, at+1)
		}
		x[at].Value = dropAt(x[at].Value, rest)
		return x
	case []any:
		i, ok := step.(int)
		if !ok || i >= len(x) {
			return v
		}
		x = slices.Clone(x)
		if len(rest) == 0 {
			return slices.Delete(x, i, i+1)
		}
		x[i] = dropAt(x[i], rest)
		return x
	default:
		return v
	}
}

func size(v any) int {
	switch x := v.(type) {
	case yaml.MapSlice:
		return len(x)
	case []any:
		return len(x)
	default:
		return 0
	}
}
