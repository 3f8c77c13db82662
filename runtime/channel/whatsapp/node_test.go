package whatsapp

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// tree reads a whole node, as encoding/json would read it into an any.
func tree(n node) any {
	switch {
	case n.isObject():
		object := map[string]any{}
		for key, v := range n.members() {
			object[string(key)] = tree(v)
		}
		return object
	case n.isArray():
		list := []any{}
		for _, v := range n.elements() {
			list = append(list, tree(v))
		}
		return list
	case n.isNull():
		return nil
	case n[0] == '"':
		return string(unquoteBytes(n))
	case n[0] == 't', n[0] == 'f':
		return n.truth()
	}
	return json.Number(n)
}

// FuzzNode holds the walker against encoding/json.
func FuzzNode(f *testing.F) {
	for _, seed := range []string{`{"a":[1,-2.5e3,"x\"\\",{"b":{}},[],null,true,false]}`, " [ ] ", `{"\u0061":"\ud83d\ude00","a":"\ud83d"}`, `"x"`, "12", `{"a" : 1 , "b" :[ 2 ]}`,
		`"\u00e1\u00E9\/\b\f\n\r\t\"\\"`, `"\ud83d\ud83d\ude00\ude00\u0000"`, "\"\xff\xfe\\u0041\xc3\"", `"\\\""`, `["\\","\\\\"]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var want any
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		if !json.Valid(body) || decoder.Decode(&want) != nil {
			return
		}
		if got := tree(node(bytes.TrimSpace(body))); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %#v, want %#v", body, got, want)
		}
	})
}

func TestNodeWhole(t *testing.T) {
	for text, want := range map[string]int64{`1793000000`: 1793000000, `"1793000000"`: 1793000000, `" 12 "`: 12, `1.7e9`: 1_700_000_000, `"12.9"`: 12} {
		if got, ok := node(text).whole(); !ok || got != want {
			t.Errorf("%s: %d, %v", text, got, ok)
		}
	}
	for _, text := range []string{``, `null`, `""`, `"x"`, `{}`, `[1]`, `true`, `1e300`, `"NaN"`, `"Inf"`} {
		if got, ok := node(text).whole(); ok {
			t.Errorf("%s: %d", strings.TrimSpace(text), got)
		}
	}
}
