package whatsapp

import (
	"bytes"
	"encoding/json"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"
)

// node is one JSON value as raw bytes. The whole body has passed json.Valid
// before the first node is made, so a node never holds a syntax error: the code
// here only finds where a value ends, and decodes those that are asked for.
//
// Decoding into structs would be shorter, but encoding/json reports one wrong
// type per document and no unknown names, and a json.RawMessage per level scans
// the body once more for each. Here a broken element costs only itself, every
// oddity has its path, and a text message takes a third of the time.
type node []byte

// readNode takes a whole document. If it is no JSON, the node is nil, which has
// no members, and ok is false. Only JSON's own white space around it is cut:
// bytes.TrimSpace would let others through.
func readNode(document []byte) (n node, ok bool) {
	document = bytes.Trim(document, " \t\r\n")
	if !json.Valid(document) {
		return nil, false
	}
	return document, true
}

// isObject and isArray tell what the value is; a nil node is neither.
func (n node) isObject() bool { return len(n) > 0 && n[0] == '{' }
func (n node) isArray() bool  { return len(n) > 0 && n[0] == '[' }

// isNull is also true of a value that was absent.
func (n node) isNull() bool { return len(n) == 0 || n[0] == 'n' }

// members yields each key (decoded) with its value, in order, repeated keys
// included. Nothing is yielded unless n is an object. Keys are bytes because a
// switch over string(key) then costs no allocation.
func (n node) members() iter.Seq2[[]byte, node] {
	return func(yield func([]byte, node) bool) {
		if !n.isObject() {
			return
		}
		for i := skipSpace(n, 1); n[i] != '}'; {
			end := skipValue(n, i)
			key := unquoteBytes(n[i:end])
			i = skipSpace(n, skipSpace(n, end)+1) // over the colon
			end = skipValue(n, i)
			if !yield(key, n[i:end]) {
				return
			}
			if i = skipSpace(n, end); n[i] == ',' {
				i = skipSpace(n, i+1)
			}
		}
	}
}

// elements yields index and value of each element; nothing unless n is an array.
func (n node) elements() iter.Seq2[int, node] {
	return func(yield func(int, node) bool) {
		if !n.isArray() {
			return
		}
		for i, index := skipSpace(n, 1), 0; n[i] != ']'; index++ {
			end := skipValue(n, i)
			if !yield(index, n[i:end]) {
				return
			}
			if i = skipSpace(n, end); n[i] == ',' {
				i = skipSpace(n, i+1)
			}
		}
	}
}

// get returns the last member named key, or nil.
func (n node) get(key string) node {
	var found node
	for k, v := range n.members() {
		if string(k) == key {
			found = v
		}
	}
	return found
}

// text returns a string as it is, and a number or a boolean as it is written:
// an id that came as a number is still an id. NUL is removed (it ends strings
// in other people's software), broken UTF-8 and lone surrogates become U+FFFD.
func (n node) text() string {
	switch {
	case len(n) == 0 || n.isObject() || n.isArray() || n.isNull():
		return ""
	case n[0] != '"':
		return string(n)
	}
	s := string(unquoteBytes(n))
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	return s
}

// whole returns a whole number that came as a number or inside a string.
func (n node) whole() (int64, bool) {
	s := strings.TrimSpace(n.text())
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return i, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != f || f > 1e15 || f < -1e15 {
		return 0, false
	}
	return int64(f), true
}

// truth reports a true that came as a boolean, a string or a 1.
func (n node) truth() bool {
	s := n.text()
	return s == "true" || s == "1"
}

// unquoteBytes decodes a JSON string literal, without a copy where it can.
func unquoteBytes(quoted node) []byte {
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return inner
	}
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return nil // not reachable: the body is valid JSON
	}
	return []byte(s)
}

func skipSpace(n node, i int) int {
	for n[i] == ' ' || n[i] == '\n' || n[i] == '\r' || n[i] == '\t' {
		i++
	}
	return i
}

// skipValue returns the index behind the value that begins at i. It counts
// brackets in place of recursing, so nesting costs no stack.
func skipValue(n node, i int) int {
	switch n[i] {
	case '"':
		return skipString(n, i)
	case '{', '[':
		for depth := 0; ; i++ {
			switch n[i] {
			case '"':
				i = skipString(n, i) - 1
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
	}
	for i < len(n) && strings.IndexByte(",]} \n\r\t", n[i]) < 0 {
		i++
	}
	return i
}

func skipString(n node, i int) int {
	for i++; n[i] != '"'; i++ {
		if n[i] == '\\' {
			i++
		}
	}
	return i + 1
}
