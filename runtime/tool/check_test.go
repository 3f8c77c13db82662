package tool

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestParametersInBothForms(t *testing.T) {
	for _, c := range []struct{ name, parameters, want string }{
		{"none", `{}`, `{"type":"object","properties":{}}`},
		{"short", `{"sku":{"type":"string","description":"Number","required":true},"many":{"type":"int","default":1},"size":"text","any":null}`,
			`{"properties":{"any":{"type":"string"},"many":{"default":1,"type":"integer"},"size":{"type":"string"},"sku":{"description":"Number","type":"string"}},"required":["sku"],"type":"object"}`},
		{"short, named as JSON Schema's words", `{"type":{"type":"string"},"properties":{"type":"string"}}`,
			`{"properties":{"properties":{"type":"string"},"type":{"type":"string"}},"required":[],"type":"object"}`},
		{"JSON Schema", `{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}`, `{"properties":{"a":{"type":"string"}},"required":["a"],"type":"object"}`},
		{"JSON Schema without type", `{"properties":{"a":{"type":"string"}}}`, `{"properties":{"a":{"type":"string"}}}`},
		{"unknown type", `{"a":{"type":"sku"}}`, `!"sku" is not a type`},
		{"a number", `{"a":5}`, `!must be a map`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var p map[string]any
			if err := json.Unmarshal([]byte(c.parameters), &p); err != nil {
				t.Fatal(err)
			}
			before := maps.Clone(p)
			got, err := Schema(p)
			want, fails := strings.CutPrefix(c.want, "!")
			if fails && (err == nil || !strings.Contains(err.Error(), want)) || !fails && string(got) != want {
				t.Errorf("got %s, %v, want %s", got, err, c.want)
			}
			if !reflect.DeepEqual(before, p) {
				t.Error("the file's own map was changed")
			}
		})
	}
}

const orderSchema = `{"type":"object","required":["sku"],"properties":{
	"sku":{"type":"string"},"many":{"type":"integer","minimum":1},"price":{"type":"number"},"gift":{"type":"boolean"},
	"size":{"type":"string","enum":["S","M","L"]},"colours":{"type":"array","items":{"type":"string"}},"to":{"type":"object","properties":{"zip":{"type":"string"}}}}}`

// Small models write arguments as they hear them: what is beyond doubt is mended.
func TestArgumentsAreMended(t *testing.T) {
	c, err := newChecker(json.RawMessage(orderSchema))
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct{ name, given, want string }{
		{"as it should be", `{"sku":"a","many":2}`, `{"many":2,"sku":"a"}`},
		{"numbers as text", `{"sku":7,"many":"5","price":"2,50"}`, `{"many":5,"price":2.5,"sku":"7"}`},
		{"words for yes", `{"sku":"a","gift":"Yes"}`, `{"gift":true,"sku":"a"}`},
		{"null", `{"sku":"a","many":null}`, `{"sku":"a"}`},
		{"a copy of the schema", `{"sku":"a","many":{"type":"integer"}}`, `{"sku":"a"}`},
		{"capitals", `{"sku":"a","size":"m"}`, `{"size":"M","sku":"a"}`},
		{"one for a list", `{"sku":"a","colours":"red"}`, `{"colours":["red"],"sku":"a"}`},
		{"a list as text", `{"sku":"a","colours":"[\"red\",3]"}`, `{"colours":["red","3"],"sku":"a"}`},
		{"an object as text", `{"sku":"a","to":"{\"zip\":28001}"}`, `{"sku":"a","to":{"zip":"28001"}}`},
		{"nested", `{"sku":"a","to":{"zip":28001}}`, `{"sku":"a","to":{"zip":"28001"}}`},
		{"unknown stays", `{"sku":"a","note":"x"}`, `{"note":"x","sku":"a"}`},
		{"missing", `{"many":2}`, `!sku missing`},
		{"nothing", `null`, `!sku missing`},
		{"too small", `{"sku":"a","many":0}`, `!do not fit`},
		{"no number", `{"sku":"a","many":"few"}`, `!do not fit`},
		{"no word of the list", `{"sku":"a","size":"XXL"}`, `!do not fit`},
	} {
		t.Run(one.name, func(t *testing.T) {
			var args map[string]any
			if err := json.Unmarshal([]byte(one.given), &args); err != nil {
				t.Fatal(err)
			}
			got, err := c.check(args)
			b, _ := json.Marshal(got)
			want, fails := strings.CutPrefix(one.want, "!")
			switch {
			case fails && (err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 400):
				t.Errorf("%s, %v, want %q", b, err, want)
			case !fails && (err != nil || string(b) != want):
				t.Errorf("%s, %v, want %s", b, err, want)
			}
		})
	}
	for _, schema := range []string{`{"type":5}`, `[]`, `{"$ref":"file:///etc/passwd"}`, `{"properties":{"a":{"pattern":"("}}}`} {
		if c, err := newChecker(json.RawMessage(schema)); err == nil {
			if _, err := c.check(map[string]any{"a": "x"}); err == nil {
				t.Errorf("%s is taken", schema)
			}
		}
	}
}

func FuzzArguments(f *testing.F) {
	for _, seed := range []string{`{"sku":"a"}`, `{"sku":{"type":"string"},"many":"1e400"}`, `{"colours":[[["x"]]]}`, `{"to":"{\"to\":\"{}\"}"}`, `{"sku":null,"size":[]}`} {
		f.Add(orderSchema, seed)
		f.Add(`{"a":{"type":["string","null"]},"b":"list"}`, seed)
	}
	f.Fuzz(func(t *testing.T, parameters, arguments string) {
		var p, args map[string]any
		if json.Unmarshal([]byte(parameters), &p) != nil || json.Unmarshal([]byte(arguments), &args) != nil {
			return
		}
		schema, err := Schema(p)
		if err != nil {
			return
		}
		c, err := newChecker(schema)
		if err != nil {
			return
		}
		got, err := c.check(args)
		if (got == nil) == (err == nil) {
			t.Errorf("%v and %v", got, err)
		}
		for _, name := range c.required() {
			if _, there := got[name]; err == nil && !there {
				t.Errorf("%s is missing in %v", name, slices.Sorted(maps.Keys(got)))
			}
		}
	})
}
