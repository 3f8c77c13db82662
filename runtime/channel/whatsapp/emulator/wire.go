package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// object is a JSON object whose keys keep the order they were added in. Meta's
// order is part of the bytes that are signed; a Go map would sort it away.
type object []member

type member struct {
	key   string
	value any
}

// with returns o with key set last, whatever the value.
func (o object) with(key string, value any) object {
	return append(o[:len(o):len(o)], member{key, value})
}

// opt is with, less empty strings: Meta leaves a key out rather than empty.
func (o object) opt(key, value string) object {
	if value == "" {
		return o
	}
	return o.with(key, value)
}

// MarshalJSON writes the members in order.
func (o object) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			out.WriteByte(',')
		}
		key, err := plainJSON(m.key)
		if err != nil {
			return nil, err
		}
		value, err := plainJSON(m.value)
		if err != nil {
			return nil, err
		}
		out.Write(key)
		out.WriteByte(':')
		out.Write(value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// plainJSON is compact JSON in UTF-8 without Go's HTML escapes.
func plainJSON(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// wireJSON is v as Meta writes it: compact and ASCII only.
func wireJSON(v any) ([]byte, error) {
	plain, err := plainJSON(v)
	if err != nil {
		return nil, err
	}
	return escape(plain), nil
}

// escape rewrites valid JSON the way Meta's serialiser does, without changing
// what it means: non-ASCII as lower-case \uxxxx with surrogate pairs, and / @ %
// < escaped too; & and > stay. Source: a captured body of May 2026, and the
// platform notes on escaped-unicode signatures for @ % <. The characters can
// only stand inside strings, so no parsing is needed; an escape that is already
// there is copied whole.
func escape(plain []byte) []byte {
	out := make([]byte, 0, len(plain)+len(plain)/8)
	for i := 0; i < len(plain); {
		c := plain[i]
		switch {
		case c == '\\' && i+1 < len(plain) && plain[i+1] < utf8.RuneSelf:
			out = append(out, c, plain[i+1])
			i += 2
			continue
		case c == '/':
			out = append(out, `\/`...)
		case c == '@':
			out = append(out, `\u0040`...)
		case c == '%':
			out = append(out, `\u0025`...)
		case c == '<':
			out = append(out, `\u003C`...)
		case c < utf8.RuneSelf:
			out = append(out, c)
		default:
			r, size := utf8.DecodeRune(plain[i:])
			out = appendEscapedRune(out, r)
			i += size
			continue
		}
		i++
	}
	return out
}

func appendEscapedRune(out []byte, r rune) []byte {
	if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
		return fmt.Appendf(out, `\u%04x\u%04x`, high, low)
	}
	return fmt.Appendf(out, `\u%04x`, r)
}
