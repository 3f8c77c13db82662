package tool

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"astromesh/runtime/model"

	"github.com/jmespath/go-jmespath"
)

//go:embed json_transform.md
var jsonTransformWords string

const (
	transformInput      = 16 << 10 // bytes of JSON to begin with
	transformExpression = 400      // bytes of an expression
	// transformGrowth is how many times its input an expression may name.
	transformGrowth = 128
	// transformOutput is how much may come out, in bytes.
	transformOutput = 32 << 10
)

// jsonTransform picks and rearranges parts of JSON with a JMESPath expression.
//
// JMESPath and not jq: jq's programs have loops and variables, and one of its
// steps (writing a structure that shares its parts, a long addition) can fill
// the memory between two looks at the clock. JMESPath has neither: what an
// expression can produce is bounded by what it names, which is counted before it
// runs (see growth).
type jsonTransform struct {
	fixed *jmespath.JMESPath // the file's expression; nil = the model gives one
}

func newJSONTransform(d Declared, _ Sources) (Made, error) {
	fixed := text(d.Config, "expression")
	if fixed == "" {
		return one(&jsonTransform{}), nil
	}
	compiled, err := compileExpression(fixed)
	if err != nil {
		return Made{}, fmt.Errorf("config.expression: %w", err)
	}
	return one(&jsonTransform{fixed: compiled}), nil
}

func (t *jsonTransform) Spec() model.ToolSpec {
	input := `"input":{"type":["object","array","string"],"description":"The JSON to work on."}`
	parameters := `{"type":"object","properties":{` + input + `},"required":["input"]}`
	if t.fixed == nil {
		parameters = `{"type":"object","properties":{` + input + `,"expression":{"type":"string","description":` +
			`"A JMESPath expression, such as items[?stock > ` + "`0`" + `].{name: name, price: price}"}},"required":["input","expression"]}`
	}
	return model.ToolSpec{Name: "json_transform", Description: strings.TrimSpace(jsonTransformWords), Parameters: json.RawMessage(parameters)}
}

func (t *jsonTransform) Call(_ context.Context, c Call) (string, error) {
	expression := t.fixed
	if expression == nil {
		var err error
		if expression, err = compileExpression(text(c.Arguments, "expression", "query", "filter")); err != nil {
			return "", err
		}
	}
	input, err := jsonInput(c.Arguments["input"])
	if err != nil {
		return "", err
	}
	found, err := expression.Search(input)
	if err != nil {
		return "", fmt.Errorf("the expression does not fit this input: %s", clip(err.Error(), 200))
	}
	if found == nil {
		return "", errors.New("the expression finds nothing in this input")
	}
	if size(found, transformOutput) > transformOutput {
		return "", fmt.Errorf("the result is larger than %d bytes: pick fewer parts", transformOutput)
	}
	out, err := json.Marshal(found)
	if err != nil {
		return "", errors.New("the result cannot be written as JSON")
	}
	return string(out), nil
}

// jsonInput takes JSON as a value, or as the text of one.
func jsonInput(raw any) (any, error) {
	written, isText := raw.(string)
	if !isText {
		b, err := json.Marshal(raw)
		if err != nil || raw == nil {
			return nil, errors.New("the input is missing: give JSON in input")
		}
		written = string(b)
	}
	if len(written) > transformInput {
		return nil, fmt.Errorf("the input has %d bytes, at most %d can be worked on", len(written), transformInput)
	}
	var input any
	if err := json.Unmarshal([]byte(written), &input); err != nil {
		return nil, errors.New("the input is no JSON")
	}
	return input, nil
}

func compileExpression(expression string) (*jmespath.JMESPath, error) {
	switch {
	case expression == "":
		return nil, errors.New("the expression is missing: give a JMESPath expression")
	case len(expression) > transformExpression:
		return nil, fmt.Errorf("the expression is longer than %d bytes", transformExpression)
	}
	compiled, err := jmespath.Compile(expression)
	if err != nil {
		return nil, fmt.Errorf("this is no JMESPath expression: %s", clip(err.Error(), 200))
	}
	if err := growth(expression); err != nil {
		return nil, err
	}
	return compiled, nil
}

// growth refuses an expression that could make much out of little. Without loops
// and variables every part of the input is named as often as the lists, maps and
// arguments around it say: the product of their lengths bounds the result. Two
// functions make new text and are bounded by themselves: to_string escapes what
// it is given, and join repeats its separator.
func growth(expression string) error {
	outside, literals := withoutLiterals(expression)
	product, open := 1, []int{}
	for _, r := range outside {
		switch r {
		case '[', '{', '(':
			open = append(open, 1)
		case ',':
			if len(open) > 0 {
				open[len(open)-1]++
			}
		case ']', '}', ')':
			if len(open) > 0 {
				product *= open[len(open)-1]
				open = open[:len(open)-1]
			}
		}
		if product > transformGrowth {
			return errors.New("the expression names too much at once: pick fewer parts")
		}
	}
	if strings.Count(outside, "to_string") > 3 {
		return errors.New("the expression calls to_string more than three times")
	}
	// A quoted name could be "join" too, but no quoted name is a function.
	for rest := outside; ; {
		_, after, found := strings.Cut(rest, "join")
		if !found {
			return nil
		}
		if after = strings.TrimLeft(after, " \t\r\n"); strings.HasPrefix(after, "(") {
			if !strings.HasPrefix(strings.TrimLeft(after[1:], " \t\r\n"), "'") || literals > transformGrowth {
				return errors.New("the separator of join must be a short text in single quotes")
			}
		}
		rest = after
	}
}

// withoutLiterals takes what stands in quotes out of an expression, the quotes
// stay, and counts its bytes.
func withoutLiterals(expression string) (outside string, inside int) {
	var b strings.Builder
	quote := rune(0)
	escaped := false
	for _, r := range expression {
		switch {
		case quote == 0:
			b.WriteRune(r)
			if strings.ContainsRune("'\"`", r) {
				quote = r
			}
		case escaped:
			escaped = false
			inside++
		case r == '\\':
			escaped = true
		case r == quote:
			b.WriteRune(r)
			quote = 0
		default:
			inside += len(string(r))
		}
	}
	return b.String(), inside
}

// size is about how many bytes a value takes as JSON, counted no further than
// just above most: parts that are shared count each time.
func size(v any, most int) int {
	switch x := v.(type) {
	case string:
		return len(x) + 2
	case []any:
		n := 2
		for _, item := range x {
			if n += size(item, most-n) + 1; n > most {
				return n
			}
		}
		return n
	case map[string]any:
		n := 2
		for key, item := range x {
			if n += len(key) + 4 + size(item, most-n); n > most {
				return n
			}
		}
		return n
	default:
		return 8
	}
}
