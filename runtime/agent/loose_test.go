package agent

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestLooseJSON(t *testing.T) {
	for _, c := range []struct{ reply, want string }{
		{`{"steps": ["a", "b"]}`, `[{"steps":["a","b"]}]`},
		{"Sure!\n```json\n{\"steps\": [\"a\"]}\n```\nShall I go on?", `[{"steps":["a"]}]`},
		{`{"steps": ["a", "b",],}`, `[{"steps":["a","b"]}]`},
		{`{'steps': ['it's here', 'b']}`, `[{"steps":["it's here","b"]}]`},
		{`{“steps”: [“a”, “b”]}`, `[{"steps":["a","b"]}]`},
		{`{steps: [look it up, tell]}`, `[{"steps":["look it up","tell"]}]`},
		{`{steps = ["a"]}`, `[{"steps":["a"]}]`},
		{`{"steps": ["a" "b"]}`, `[{"steps":["a","b"]}]`},
		{`{"steps": ["a", "b"`, `[{"steps":["a","b"]}]`},
		{`{"steps": ["a", "b`, `[{"steps":["a","b"]}]`},
		{"```\n{\"steps\": [\"a\"\n```", `[{"steps":["a"]}]`},
		{`{"done": True, "next": None, "n": 3} // ok`, `[{"done":true,"n":3,"next":null}]`},
		{"{\"a\": 1, // one\n /* two */ \"b\": 2}", `[{"a":1,"b":2}]`},
		{`{"a": "x\u00e9\n\"y\""}`, `[{"a":"xé\n\"y\""}]`},
		{`<think>{"steps": ["no"]}</think>{"steps": ["yes"]}`, `[{"steps":["yes"]}]`},
		{`["a", "b"]`, `[["a","b"]]`},
		{`{"a": 1} and {"b": 2}`, `[{"a":1},{"b":2}]`},
		{`{"a": NaN}`, `[{"a":"NaN"}]`},
	} {
		values, err := looseJSON(c.reply)
		got, _ := json.Marshal(values)
		if err != nil || string(got) != c.want {
			t.Errorf("%s\ngot  %s %v\nwant %s", c.reply, got, err, c.want)
		}
	}
	for _, reply := range []string{"", "No JSON at all.", "{", "}", "a { b", "[see: above]", "<think>{\"a\": 1}</think>"} {
		if values, err := looseJSON(reply); err == nil {
			t.Errorf("%q was read as %v", reply, values)
		}
	}
}

// Whatever a model writes, reading it ends, gives what can be written as JSON
// again, and reads true JSON as it is.
func FuzzLooseJSON(f *testing.F) {
	for _, s := range []string{
		`{"steps": ["a", "b",],}`, "```json\n{'a': \"b\"", `[{[{[{`, `{"a":{"a":{"a":`, `{a: b, c = d; e}`, `{"x": "\u12`, "[[[[[[\x00\xff", `{“a”: ‘b’}`, `/*{//`, `{"a": 1e999}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, reply string) {
		values, err := looseJSON(reply)
		if (err == nil) != (len(values) > 0) {
			t.Fatalf("%d values, %v", len(values), err)
		}
		if _, err := json.Marshal(values); err != nil {
			t.Fatal(err)
		}
		var exact any
		if len(reply) < maxLoose && strings.HasPrefix(reply, "{") && json.Unmarshal([]byte(reply), &exact) == nil && !strings.Contains(reply, "</think>") &&
			strings.ToValidUTF8(reply, "") == reply && !reflect.DeepEqual(values, []any{exact}) {
			t.Fatalf("%s was read as %v", reply, values)
		}
		for _, value := range values {
			_, _ = entries(value, maxParts)
			_, _ = readDecision(value, []colleague{{name: "worker"}})
		}
		once := withoutInstructions(withoutDecisions(reply))
		if len(once) > len(reply) {
			t.Fatalf("%q became longer: %q", reply, once)
		}
	})
}

func TestWithoutDecisions(t *testing.T) {
	for reply, want := range map[string]string{
		`{"answer": "We open at nine."}`:                        "We open at nine.",
		"```json\n{\"answer\": \"Nine.\"}\n```":                 "Nine.",
		`{"final_answer": "Nine.", "reason": "asked"}`:          "Nine.",
		`We open at nine. {"handoff": "sales"}`:                 "We open at nine.",
		`{"worker": "a", "task": "b"}{"steps": []}`:             "",
		`{"name": "Ana", "answer": "b"}`:                        `{"name": "Ana", "answer": "b"}`,
		`{"task": "b"}`:                                         `{"task": "b"}`,
		`{"response": "Nine."}`:                                 "Nine.",
		`{"Final Answer": "Nine.", "confidence": 0.9}`:          "Nine.",
		`{"transfer": "orders", "context": "where is it"}`:      "",
		`{"delegate": "orders", "query": "where is it"}`:        "",
		`{"goal": "tell when", "tasks": ["look", "say"]}`:       "",
		"Use {curly} and [square].":                             "Use {curly} and [square].",
		`He said {"steps": ["a"`:                                "He said",
		"Nine.\n\n```json\n{\"steps\": [\"a\"]}\n```\n\nBye.":   "Nine.\n\nBye.",
		`{"reason": "none", "thought": "x"} is how it is meant`: `{"reason": "none", "thought": "x"} is how it is meant`,
	} {
		if got := withoutDecisions(reply); got != want {
			t.Errorf("%q\ngot  %q\nwant %q", reply, got, want)
		}
	}
}
