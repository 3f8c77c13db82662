package agent

import (
	"encoding/json"
	"errors"
	"strings"

	"astromesh/runtime/model/loosejson"
)

const (
	maxLoose      = 64 << 10 // bytes of a reply that are looked at
	maxLooseTries = 200      // brackets that are tried as the beginning of a value
)

// errNoJSON is told to a model that answered in words.
var errNoJSON = errors.New("there is no JSON in it")

// looseJSON gives the objects and lists of a reply, in its order, as small
// models write JSON: with words or a fence around it, single or curly quotes or
// none around names, commas too many or missing, comments, the last brackets
// missing, True and None of Python. What a model thought before is left out.
func looseJSON(reply string) ([]any, error) {
	text := clip(strings.ToValidUTF8(reply, ""), maxLoose)
	if end := strings.LastIndex(text, "</think>"); end >= 0 {
		text = text[end+len("</think>"):]
	}
	var values []any
	for i, tries := 0, 0; i < len(text) && tries < maxLooseTries; i++ {
		if text[i] != '{' && text[i] != '[' {
			continue
		}
		tries++
		value, end := looseAt(text, i)
		if end <= i {
			continue
		}
		values = append(values, value)
		i = end - 1
	}
	if len(values) == 0 {
		return nil, errNoJSON
	}
	return values, nil
}

// looseAt reads the object or list at i and gives where it ends; i or less
// where there is none.
func looseAt(text string, i int) (value any, end int) {
	dec := json.NewDecoder(strings.NewReader(text[i:]))
	if dec.Decode(&value) == nil {
		return value, i + int(dec.InputOffset())
	}
	value, n, ok := loosejson.Value(text[i:])
	if !ok {
		return nil, 0
	}
	return value, i + n
}
