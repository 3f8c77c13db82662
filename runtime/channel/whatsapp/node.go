package whatsapp

import (
	"bytes"
	"encoding/json"
	"iter"
	"strconv"
	"strings"
	"unicode/utf16"
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

// unquoteBytes decodes a JSON string literal, without a copy where it can. Meta
// writes ASCII only, so that every "ñ" and every emoji comes escaped:
// json.Unmarshal for each such string took a quarter of the parser's time.
// FuzzNode holds the result against it.
func unquoteBytes(quoted node) []byte {
	inner := quoted[1 : len(quoted)-1]
	escape := bytes.IndexByte(inner, '\\')
	if escape < 0 {
		return validText(inner)
	}
	out := make([]byte, 0, len(inner))
	for ; escape >= 0; escape = bytes.IndexByte(inner, '\\') {
		out = append(out, inner[:escape]...)
		var r rune
		r, inner = escaped(inner[escape+1:])
		out = utf8.AppendRune(out, r)
	}
	return validText(append(out, inner...))
}

// validText puts U+FFFD in the place of each byte that is no UTF-8, as
// encoding/json does; bytes.ToValidUTF8 puts one for a whole run of them.
func validText(s []byte) []byte {
	if utf8.Valid(s) {
		return s
	}
	return []byte(string([]rune(string(s))))
}

// escaped decodes what stands behind a backslash, and gives the rest. Half of a
// surrogate pair becomes U+FFFD.
func escaped(s []byte) (r rune, rest []byte) {
	switch s[0] {
	case 'u':
		r, rest = hex4(s[1:]), s[5:]
		if !utf16.IsSurrogate(r) {
			return r, rest
		}
		if len(rest) >= 6 && rest[0] == '\\' && rest[1] == 'u' {
			if pair := utf16.DecodeRune(r, hex4(rest[2:])); pair != utf8.RuneError {
				return pair, rest[6:]
			}
		}
		return utf8.RuneError, rest
	case 'n':
		r = '\n'
	case 't':
		r = '\t'
	case 'r':
		r = '\r'
	case 'b':
		r = '\b'
	case 'f':
		r = '\f'
	default: // the quote, the slash and the backslash
		r = rune(s[0])
	}
	return r, s[1:]
}

// hex4 reads four hexadecimal digits.
func hex4(s []byte) (r rune) {
	for _, c := range s[:4] {
		switch {
		case c <= '9':
			c -= '0'
		case c <= 'F':
			c -= 'A' - 10
		default:
			c -= 'a' - 10
		}
		r = r<<4 | rune(c)
	}
	return r
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

// skipString looks for the closing quote, the first with an even number of
// backslashes before it.
func skipString(n node, i int) int {
	for i++; ; i++ {
		i += bytes.IndexByte(n[i:], '"')
		first := i
		for n[first-1] == '\\' {
			first--
		}
		if (i-first)%2 == 0 {
			return i + 1
		}
	}
}
