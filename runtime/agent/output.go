package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"astromesh/runtime/tool"
)

// maxData bounds what a turn keeps of an answer's data, in bytes of JSON.
const maxData = 32 << 10

// output is spec.output_schema, ready for use: the form of an answer that has
// words for the customer and data for the business.
type output struct {
	format json.RawMessage // the JSON Schema of the whole answer
	shape  *tool.Shape
	field  string // what the customer reads
	inside string // where the data lies; "" = the whole answer is the data
}

// buildOutput reads spec.output_schema, if there is one.
func (a *Agent) buildOutput() (err error) {
	if len(a.cfg.Spec.OutputSchema) > 0 {
		a.output, err = newOutput(a.cfg.Spec.OutputSchema)
	}
	return err
}

// readBy are the fields of a schema that are taken for the customer's words.
func readBy() []string { return []string{"reply", "response", "message", "answer", "text"} }

// newOutput reads spec.output_schema: JSON Schema of an object, or the short form
// {field: {type, description}}. Where it has no field for the customer's words the
// answer gets one, and the schema is the data beside it.
func newOutput(schema map[string]any) (*output, error) {
	data, err := tool.OutputSchema(schema)
	if err != nil {
		return nil, err
	}
	var whole map[string]any
	if err := json.Unmarshal(data, &whole); err != nil {
		return nil, errors.New("it is no JSON Schema of an object")
	}
	if kind, said := whole["type"]; said && kind != "object" {
		return nil, fmt.Errorf("its type is %v: an answer is an object", kind)
	}
	whole["type"] = "object"
	o := &output{field: wordsIn(whole), format: data}
	if o.field == "" {
		o.field, o.inside = "reply", "data"
		if o.format, err = wrapped(whole); err != nil {
			return nil, err
		}
	} else if o.format, err = json.Marshal(demanded(whole, o.field)); err != nil {
		return nil, err
	}
	o.shape, err = tool.NewShape(o.format)
	return o, err
}

// wordsIn is the schema's own field for what the customer reads, "" if it has none.
func wordsIn(schema map[string]any) string {
	properties, _ := schema["properties"].(map[string]any)
	for _, name := range readBy() {
		if field, ok := properties[name].(map[string]any); ok && field["type"] == "string" {
			return name
		}
	}
	return ""
}

// demanded is a schema that requires a field.
func demanded(schema map[string]any, field string) map[string]any {
	required, _ := schema["required"].([]any)
	if !slices.Contains(required, any(field)) {
		schema = maps.Clone(schema)
		schema["required"] = append(slices.Clone(required), field)
	}
	return schema
}

// wrapped puts the schema beside a text. What it refers to by #/$defs must lie at
// the root, and stays there.
func wrapped(schema map[string]any) (json.RawMessage, error) {
	inner := maps.Clone(schema)
	root := map[string]json.RawMessage{}
	for _, key := range [...]string{"$defs", "definitions"} {
		if defs, ok := inner[key]; ok {
			delete(inner, key)
			b, err := json.Marshal(defs)
			if err != nil {
				return nil, err
			}
			root[key] = b
		}
	}
	delete(inner, "$schema")
	type properties struct { // in this order: the words first, as they are read first
		Reply map[string]any `json:"reply"`
		Data  map[string]any `json:"data"`
	}
	whole := struct {
		Type       string          `json:"type"`
		Properties properties      `json:"properties"`
		Required   []string        `json:"required"`
		Defs       json.RawMessage `json:"$defs,omitempty"`
		Old        json.RawMessage `json:"definitions,omitempty"`
	}{
		Type: "object", Required: []string{"reply", "data"}, Defs: root["$defs"], Old: root["definitions"],
		Properties: properties{Reply: map[string]any{"type": "string"}, Data: inner},
	}
	return json.Marshal(whole)
}

// read takes an answer apart. The error is for the model.
func (o *output) read(content string) (words string, data map[string]any, err error) {
	object, ok := o.object(content)
	if !ok {
		return "", nil, errNoJSON
	}
	fitting, err := o.shape.Fit(object)
	if err != nil {
		return "", nil, err
	}
	words = sayable(fmt.Sprint(fitting[o.field]))
	if words == "" {
		return "", nil, fmt.Errorf("%q is empty: it is what the customer reads", o.field)
	}
	data = fitting
	if o.inside != "" {
		data, _ = fitting[o.inside].(map[string]any)
	}
	return words, data, nil
}

// object finds the answer in a text: the object that has the customer's field, else
// the first.
func (o *output) object(content string) (map[string]any, bool) {
	values, err := looseJSON(content)
	if err != nil {
		return nil, false
	}
	var first map[string]any
	for _, v := range values {
		object, ok := v.(map[string]any)
		if !ok {
			continue
		}
		if _, has := object[o.field]; has {
			return object, true
		}
		if first == nil {
			first = object
		}
	}
	return first, first != nil
}

// saved is what the customer can read of an answer that does not fit.
func (o *output) saved(content string) string {
	object, ok := o.object(content)
	if !ok {
		return sayable(content)
	}
	words, _ := object[o.field].(string)
	return sayable(words)
}

// told is what the model knows of the form.
func (o *output) told() string {
	return fmt.Sprintf("Write your answer as one JSON object that fits this JSON Schema, and nothing around it: %s. "+
		"%q is what the customer reads, in the customer's language. Of the rest, write what you know from this conversation; make nothing up.", o.format, o.field)
}
