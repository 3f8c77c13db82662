package tool

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Shape is a JSON Schema of an object that a model's answer is held against. Safe
// for use by many turns at once.
type Shape struct{ check *checker }

// NewShape compiles a schema; the error says what is wrong with it.
func NewShape(schema json.RawMessage) (*Shape, error) {
	c, err := newChecker(schema)
	if err != nil {
		return nil, fmt.Errorf("it is no JSON Schema: %w", errors.Unwrap(err))
	}
	return &Shape{c}, nil
}

// Fit gives the object with what is beyond doubt mended ("5" for 5), or an error in
// words for the model.
func (s *Shape) Fit(object map[string]any) (map[string]any, error) { return s.check.check(object) }

// OutputSchema is Schema for what a model is to fill in: of the short form all
// fields are required, unless one says required: false.
func OutputSchema(fields map[string]any) (json.RawMessage, error) {
	schema, err := Schema(fields)
	if err != nil || len(fields) == 0 || !isShort(fields) {
		return schema, err
	}
	var whole map[string]any
	if err := json.Unmarshal(schema, &whole); err != nil {
		return nil, err
	}
	whole["required"] = slices.DeleteFunc(slices.Sorted(maps.Keys(fields)), func(name string) bool {
		field, _ := fields[name].(map[string]any)
		return field["required"] == false
	})
	return json.Marshal(whole)
}
