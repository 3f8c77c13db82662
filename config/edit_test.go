package config

import (
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

const edited = `# The shop.
kind: Agent
metadata: {name: shop, labels: {a: b}} # flow
spec:
  identity:
    display_name: "Shop: one" # shown

  # What it knows.
  prompts:
    system: |
      Be kind.

      # not a comment
    # after the text
  model:
    primary: &m
      model: ${MODEL:-llava:7b}   # the eyes
    fallback: *m
  empty:
  guardrails:
    input:
    # first
    - type: pii_detection
      action: redact
    - type: max_length   # second
      max_chars: 2000
  tools: [a, b]
`

func TestEdit(t *testing.T) {
	pii := yaml.MapSlice{{Key: "type", Value: "pii_detection"}}
	for _, c := range []struct {
		name     string
		do       func(e *Edit) error
		old, new string // the only difference
	}{
		{"a word keeps its comment", func(e *Edit) error { return e.Set("Bar # 1", "spec", "identity", "display_name") }, `"Shop: one" # shown`, `"Bar # 1" # shown`},
		{"below an anchor", func(e *Edit) error { return e.Set("llama3.1:8b", "spec", "model", "primary", "model") }, "${MODEL:-llava:7b} ", `"llama3.1:8b" `},
		{"a text", func(e *Edit) error { return e.Set("Be short.\n\nAnd kind.\n", "spec", "prompts", "system") }, "      Be kind.\n\n      # not a comment", "      Be short.\n\n      And kind."},
		{"a text of one line", func(e *Edit) error { return e.Set("Be short.", "spec", "prompts", "system") }, "|\n      Be kind.\n\n      # not a comment", `Be short.`},
		{"a new key goes behind", func(e *Edit) error { return e.Set("Hello", "spec", "identity", "description") }, "# shown\n", "# shown\n    description: Hello\n"},
		{"where nothing was", func(e *Edit) error { return e.Set(true, "spec", "empty", "a", "b") }, "empty:\n", "empty:\n    a:\n      b: true\n"},
		{"a new branch", func(e *Edit) error { return e.Set(30, "spec", "memory", "conversational", "max_turns") }, "  tools: [a, b]\n", "  tools: [a, b]\n  memory:\n    conversational:\n      max_turns: 30\n"},
		{"in brackets", func(e *Edit) error { return e.Set("c", "metadata", "labels", "a") }, "metadata: {name: shop, labels: {a: b}} # flow", "metadata:\n  name: shop\n  labels:\n    a: c"},
		{"a list", func(e *Edit) error { return e.Set([]string{"a"}, "spec", "tools") }, "tools: [a, b]", "tools:\n    - a"},
		{"no list", func(e *Edit) error { return e.Set([]string{}, "spec", "tools") }, "tools: [a, b]", "tools: []"},
		{"a number in an element", func(e *Edit) error { return e.Set(50, "spec", "guardrails", "input", 1, "max_chars") }, "2000", "50"},
		{"a key in an element", func(e *Edit) error {
			return e.Set([]string{"EMAIL", "CC"}, "spec", "guardrails", "input", 0, "entities")
		}, "action: redact\n", "action: redact\n      entities:\n        - EMAIL\n        - CC\n"},
		{"the first key of an element", func(e *Edit) error { return e.Set("max", "spec", "guardrails", "input", 1, "type") }, "max_length   # second", "max   # second"},
		{"a first element", func(e *Edit) error { return e.Insert(pii, "spec", "guardrails", "input") }, "# first\n", "# first\n    - type: pii_detection\n"},
		{"a last element", func(e *Edit) error { return e.Set(pii, "spec", "guardrails", "input", 2) }, "max_chars: 2000\n", "max_chars: 2000\n    - type: pii_detection\n"},
		{"an element in brackets", func(e *Edit) error { return e.Insert("z", "spec", "tools") }, "tools: [a, b]", "tools:\n    - z\n    - a\n    - b"},
		{"a list that is missing", func(e *Edit) error { return e.Insert(pii, "spec", "guardrails", "output") }, "max_chars: 2000\n", "max_chars: 2000\n    output:\n      - type: pii_detection\n"},
		{"take out a key", func(e *Edit) error { return e.Delete("spec", "guardrails", "input", 0, "action") }, "      action: redact\n", ""},
		{"take out an element", func(e *Edit) error { return e.Delete("spec", "guardrails", "input", 0) }, "    - type: pii_detection\n      action: redact\n", ""},
		{"take out the last of a branch", func(e *Edit) error { return e.Delete("spec", "identity", "display_name") }, "  identity:\n    display_name: \"Shop: one\" # shown\n", ""},
		{"take out nothing", func(e *Edit) error { return e.Delete("spec", "nothing", "here") }, "", ""},
		{"what is so already", func(e *Edit) error { return e.Set(2000, "spec", "guardrails", "input", 1, "max_chars") }, "", ""},
		{"behind an alias", func(e *Edit) error { return e.Set("x", "spec", "model", "fallback", "model") }, "fallback: *m", "fallback:\n      model: x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := OpenEdit([]byte(edited))
			if err != nil {
				t.Fatal(err)
			}
			if err := c.do(e); err != nil {
				t.Fatal(err)
			}
			want := strings.Replace(edited, c.old, c.new, 1)
			if got := string(e.Bytes()); got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// Texts that owners paste come back as they went in.
func TestEditKeepsText(t *testing.T) {
	for _, text := range []string{
		"", " ", "\n", "a", "a\n", "a\n\n", "\na", " a\n b", "a\n b\n", "yes", "12", "1e3", "null", "~", "- a", "a: b", "a #b", "#a", "*a", "&a", "!a", "%a", "@a", "`a", "{a", "[a",
		"'a'", `"a"`, `a\b`, "tab\there", "a\n\tb", "héllo", "مرحبا بالعالم\nكيف", "😀", "a\r\nb", "\u2028", "a\x01b", "${VAR}", "a\n---\nb", "a\n...\nb", "|", ">", "a\n# b\nc", strings.Repeat("long ", 1000),
		"2001-01-01", "0x1F", "0o7", ".5", "<b>&amp;</b>", "line\n   \nline", "a\n\n", "ends \nso ",
	} {
		e, err := OpenEdit([]byte(edited))
		if err != nil {
			t.Fatal(err)
		}
		err = e.Set(text, "spec", "prompts", "system")
		if got := e.Get("spec", "prompts", "system"); err == nil && got != text {
			t.Errorf("%q came back as %q", text, got)
		}
		if err != nil && !strings.ContainsAny(text, "\r\x01\u2028") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestEditOdd(t *testing.T) {
	for _, text := range []string{"", "# nothing", "- a\n- b", "word", "{a: b}", "a: 1\na: 2", "a: [", "\x00", "a: \xff", "a: 1\n---\nb: 2", "? a\n: b"} {
		e, err := OpenEdit([]byte(text))
		if err != nil {
			continue // it says so
		}
		before := string(e.Bytes())
		if err := e.Set("x", "spec", "b"); err != nil && string(e.Bytes()) != before {
			t.Errorf("%q failed, and became %q", text, e.Bytes())
		}
	}
}

func FuzzEdit(f *testing.F) {
	f.Add([]byte(edited), "text\nof lines\n", 0)
	f.Add([]byte("spec:\n- a: b\n  c: d\n"), "x", 1)
	f.Fuzz(func(t *testing.T, text []byte, value string, n int) {
		e, err := OpenEdit(text)
		if err != nil {
			return
		}
		paths := [][]any{{"spec", "prompts", "system"}, {"spec", "guardrails", "input", 0, "type"}, {"kind"}, {"spec", 0, "a"}, {"spec", "tools", 1}}
		path := paths[int(uint(n)%uint(len(paths)))]
		before, want := string(e.Bytes()), putAt(e.Get(), value, path)
		if err := e.Set(value, path...); err != nil {
			if string(e.Bytes()) != before {
				t.Fatalf("failed, and changed the text to %q", e.Bytes())
			}
			return
		}
		if !reflect.DeepEqual(e.Get(), want) {
			t.Fatalf("%q\nbecame %q", text, e.Bytes())
		}
		if err := e.Delete(path...); err == nil && e.Get(path...) != nil {
			if _, element := path[len(path)-1].(int); !element {
				t.Fatalf("still there: %q", e.Bytes())
			}
		}
	})
}
