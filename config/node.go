package config

import (
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// pair is one key of a mapping with its value.
type pair struct {
	key   string
	at    place // of the key
	value ast.Node
}

// isNil also sees a nil pointer inside the interface, which the parser leaves
// for a value that is not there.
func isNil(n ast.Node) bool {
	return n == nil || reflect.ValueOf(n).IsNil()
}

func tokenPlace(t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{1, 1}
	}
	return place{max(t.Position.Line, 1), max(t.Position.Column, 1)}
}

// nodePlace is where a value begins. The library's own answer for a mapping is
// its first colon; a reader looks for the first key.
func nodePlace(n ast.Node) place {
	if isNil(n) {
		return place{1, 1}
	}
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		return nodePlace(m.Values[0].Key)
	}
	if m, ok := n.(*ast.MappingValueNode); ok {
		return nodePlace(m.Key)
	}
	return tokenPlace(n.GetToken())
}

// resolve follows anchors, aliases and tags down to a value. quoted is true
// where a tag says that it is text. A nil node stands for nothing at all.
func (d *decoder) resolve(n ast.Node) (node ast.Node, quoted bool) {
	for range maxDepth {
		if isNil(n) {
			return nil, quoted
		}
		switch x := n.(type) {
		case *ast.AnchorNode:
			n = x.Value
		case *ast.AliasNode:
			target, ok := d.anchors[aliasName(x)]
			if !ok {
				d.addAt(nodePlace(x), Error, "*"+aliasName(x)+" refers to an anchor &"+aliasName(x)+" that this file does not have")
				return nil, quoted
			}
			n = target
		case *ast.TagNode:
			quoted = d.tag(x) || quoted
			n = x.Value
		default:
			return n, quoted
		}
	}
	d.addAt(nodePlace(n), Error, "this alias refers to itself")
	return nil, quoted
}

func aliasName(n *ast.AliasNode) string {
	if isNil(n.Value) || n.Value.GetToken() == nil {
		return ""
	}
	return n.Value.GetToken().Value
}

// tag tells whether a tag makes text of its value, and refuses tags that would
// change the value in a way this program does not know.
func (d *decoder) tag(n *ast.TagNode) (text bool) {
	name := n.GetToken().Value
	switch name {
	case "!!str", "!":
		return true
	case "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq":
		return false
	}
	d.addAt(nodePlace(n), Error, "the tag "+name+" is not supported; write the plain value")
	return false
}

// pairs gives the keys of a mapping in the order of the file, each once: a key
// that is written twice is an error, and what "<<" merges in gives way to what
// is written beside it.
func (d *decoder) pairs(n ast.Node) []pair {
	var out, merged []pair
	seen := map[string]bool{}
	for _, v := range mappingValues(n) {
		if isNil(v.Key) {
			continue
		}
		if v.Key.IsMergeKey() {
			merged = append(merged, d.merged(v.Value)...)
			continue
		}
		p := pair{key: keyText(v.Key), at: nodePlace(v.Key), value: v.Value}
		if seen[p.key] {
			d.addAt(p.at, Error, "the key "+quote(p.key)+" is written twice in this mapping; keep one")
			continue
		}
		seen[p.key] = true
		out = append(out, p)
	}
	for _, p := range merged {
		if !seen[p.key] {
			seen[p.key] = true
			out = append(out, p)
		}
	}
	return out
}

// merged gives the keys behind "<<": of one mapping or of a list of them.
func (d *decoder) merged(n ast.Node) []pair {
	if d.depth++; d.depth > maxDepth {
		d.depth--
		d.tooMuch(nodePlace(n), tooDeep)
		return nil
	}
	defer func() { d.depth-- }()
	n, _ = d.resolve(n)
	if list, ok := n.(*ast.SequenceNode); ok {
		var out []pair
		for _, v := range list.Values {
			out = append(out, d.merged(v)...)
		}
		return out
	}
	if n == nil || !isMapping(n) {
		d.addAt(nodePlace(n), Error, `"<<" must name a mapping`)
		return nil
	}
	if !d.spend(n, len(mappingValues(n))) {
		return nil
	}
	return d.pairs(n)
}

func isMapping(n ast.Node) bool {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return true
	}
	return false
}

func mappingValues(n ast.Node) []*ast.MappingValueNode {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}
	}
	return nil
}

// keyText is a key as written: 1 and true are keys "1" and "true".
func keyText(n ast.Node) string {
	switch k := n.(type) {
	case *ast.MappingKeyNode:
		if isNil(k.Value) {
			return ""
		}
		return keyText(k.Value)
	case *ast.AnchorNode:
		return keyText(k.Value)
	case *ast.StringNode:
		return k.Value
	case *ast.LiteralNode:
		return strings.TrimSpace(k.Value.Value)
	}
	if isNil(n) || n.GetToken() == nil {
		return ""
	}
	return n.GetToken().Value
}

const nothing = "nothing"

// kindOf names what a node is, for the sentence that says what it should be.
func kindOf(n ast.Node) string {
	switch n.(type) {
	case nil, *ast.NullNode:
		return nothing
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping of keys"
	default:
		return "a single value"
	}
}
