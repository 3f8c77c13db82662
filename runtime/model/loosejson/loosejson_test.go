package loosejson

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestValue(t *testing.T) {
	for _, c := range []struct {
		text, want string
		end        int // 0 = the whole text
	}{
		{`{"a": 1}, and so on`, `{"a":1}`, 8},
		{`{'a': 'it's here', "b": "she said "no""}`, `{"a":"it's here","b":"she said \"no\""}`, 0},
		{`{a: look it up, b = [x, y]; c => True}`, `{"a":"look it up","b":["x","y"],"c":true}`, 0},
		{`{\"a\": \"x\ny\"}`, `{"a":"x\ny"}`, 0},
		{`{{"a": None}}`, `{"a":null}`, 0},
		{`["a" "b",, "c",]`, `["a","b","c"]`, 0},
		{`["one "two" three"]`, `["one \"two\" three"]`, 0},
		{`{"a": 2 "b": "c" "d": [1 , {"e"`, `{"a":2,"b":"c","d":[1]}`, 0},
		{"{„a“: “x”, // one\n # two\n /* three */ \u00a0b: 'y'}", `{"a":"x","b":"y"}`, 0},
		{"{\"a\": [\"x\"\n```\nmore", `{"a":["x"]}`, 11},
		{`{"when": {"day": 2`, `{"when":{"day":2}}`, 0},
	} {
		value, end, ok := Value(c.text)
		got, _ := json.Marshal(value)
		if c.end == 0 {
			c.end = len(c.text)
		}
		if !ok || string(got) != c.want || end != c.end {
			t.Errorf("%s\ngot  %s to %d, %v\nwant %s to %d", c.text, got, end, ok, c.want, c.end)
		}
	}
	for _, text := range []string{"", "a", "{", "[", "{]", "[see: above]", "{in words}", "[)", strings.Repeat("[", 2*MaxDepth), strings.Repeat("{", 2*MaxDepth)} {
		if value, _, ok := Value(text); ok {
			t.Errorf("%q was read as %v", text, value)
		}
	}
}

func TestLiteral(t *testing.T) {
	for s, want := range map[string]any{
		`3`: 3.0, `"x"`: "x", `'it\'s'`: "it's", "True": true, "FALSE": false, "None": nil, "undefined": nil, "none": "none", "NaN": "NaN",
		"two words": "two words", `{'a': 1}`: map[string]any{"a": 1.0}, `{'a': 1} and`: `{'a': 1} and`, "": "",
	} {
		if got := Literal(s); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, want %#v", s, got, want)
		}
	}
}

// Whatever a model writes, reading it ends within the text and gives what can be
// written as JSON, the same each time; an object in true JSON is read as it is.
func FuzzValue(f *testing.F) {
	for _, s := range []string{
		`{"a": "b"}`, `{'a': "b", c = d; e`, "[[[[{{{{", `["a" "b" "c`, `{"x": "\u12`, "{a: {b: [c\x00\xff", `{"a": """"""}`, "{/*", "[#", `{\"a\": \"`, "{„a“: 1e999}",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		value, end, ok := Value(text)
		if end < 0 || end > len(text) {
			t.Fatalf("it ends at %d of %d", end, len(text))
		}
		once, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		again, _, okAgain := Value(text)
		if twice, _ := json.Marshal(again); string(twice) != string(once) || ok != okAgain {
			t.Fatalf("%s, then %s", once, twice)
		}
		if written, _, ok := Value(string(once)); ok && strings.HasPrefix(string(once), "{") {
			if _, isObject := written.(map[string]any); !isObject {
				t.Fatalf("%s was read as %v", once, written)
			}
		}
		_ = Literal(text)
	})
}
