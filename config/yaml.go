package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// decodeYAML reads a Duration. Only keep_alive may be negative: there it means
// that the model stays loaded for ever.
func (x *Duration) decodeYAML(d *decoder, path string, n ast.Node) {
	s, ok := d.scalar(path, n)
	if !ok {
		return
	}
	span, err := parseDuration(s.text)
	switch {
	case err != nil:
		d.cannot(path, s, `a number of seconds or a duration such as "30s", "2m" or "1h30m"`)
	case span < 0 && !strings.HasSuffix(path, "keep_alive"):
		d.cannot(path, s, "0 or more")
	default:
		*x = span
	}
}

// number is the duration in seconds, whole where it can be.
func (x Duration) number() any {
	if x%Duration(time.Second) == 0 {
		return int64(x / Duration(time.Second))
	}
	return time.Duration(x).Seconds()
}

// MarshalYAML writes seconds.
func (x Duration) MarshalYAML() (any, error) { return x.number(), nil }

// MarshalJSON writes seconds.
func (x Duration) MarshalJSON() ([]byte, error) { return json.Marshal(x.number()) }

// UnmarshalYAML reads seconds or a duration, also where a document is decoded
// without Load.
func (x *Duration) UnmarshalYAML(n ast.Node) error { return unmarshalNode(n, x) }

// UnmarshalJSON reads what MarshalJSON wrote, or a duration as text.
func (x *Duration) UnmarshalJSON(data []byte) error {
	span, err := parseDuration(strings.Trim(string(data), `"`))
	if err != nil {
		return errors.New("a duration is a number of seconds or a text such as \"2m\"")
	}
	*x = span
	return nil
}

// decodeYAML reads named candidates in the order of the file.
func (c *Candidates) decodeYAML(d *decoder, path string, n ast.Node) {
	resolved, _ := d.resolve(n)
	if !isMapping(resolved) {
		d.wrongType(path, resolved, "a mapping of names to candidates")
		return
	}
	*c = nil
	for _, p := range d.pairs(resolved) {
		at := join(path, p.key)
		d.keys[at] = p.at
		named := NamedCandidate{Name: p.key}
		d.value(at, p.value, reflect.ValueOf(&named.Candidate).Elem())
		*c = append(*c, named)
	}
}

// MarshalYAML writes a mapping in the order of the candidates.
func (c Candidates) MarshalYAML() (any, error) {
	m := yaml.MapSlice{}
	for _, named := range c {
		m = append(m, yaml.MapItem{Key: named.Name, Value: named.Candidate})
	}
	return m, nil
}

// MarshalJSON writes an object in the order of the candidates.
func (c Candidates) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, named := range c {
		if i > 0 {
			out.WriteByte(',')
		}
		key, err := json.Marshal(named.Name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(named.Candidate)
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

// UnmarshalYAML reads named candidates in the order of the file.
func (c *Candidates) UnmarshalYAML(n ast.Node) error { return unmarshalNode(n, c) }

// unmarshalNode decodes one node apart from a file: every variable is unset, and
// the first problem is the error.
func unmarshalNode(n ast.Node, v nodeDecoder) error {
	d := newDecoder("", nil)
	path := strings.TrimPrefix(n.GetPath(), "$.")
	d.values[path] = nodePlace(n)
	v.decodeYAML(d, path, n)
	for _, p := range d.problems.Errors() {
		return errors.New(p.Text)
	}
	return nil
}
