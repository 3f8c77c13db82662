package config

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// scalar is a single value: its text with the environment put in, and whether
// it was written without quotes, so that it may be a number.
type scalar struct {
	text     string
	plain    bool
	expanded bool
}

// scalar reads a single value; anything else is a problem.
func (d *decoder) scalar(path string, n ast.Node) (scalar, bool) {
	resolved, quoted := d.resolve(n)
	raw, plain := "", false
	switch x := resolved.(type) {
	case nil:
		return scalar{}, false
	case *ast.StringNode:
		raw = x.Value
		plain = x.Token.Type != token.SingleQuoteType && x.Token.Type != token.DoubleQuoteType
	case *ast.LiteralNode:
		raw = x.Value.Value
	case *ast.SequenceNode, *ast.MappingNode, *ast.MappingValueNode:
		d.wrongType(path, resolved, "a single value")
		return scalar{}, false
	default: // numbers, booleans: as written, so that version: 1.0 stays "1.0"
		raw, plain = strings.TrimSpace(resolved.GetToken().Value), true
	}
	s := scalar{text: d.expand(nodePlace(resolved), raw), plain: plain && !quoted}
	if s.expanded = s.text != raw; s.expanded {
		d.written[path] = raw
	}
	return s, true
}

// natural is the value of a scalar in a place without a type of its own.
func (s scalar) natural() any {
	if !s.plain {
		return s.text
	}
	if i, err := parseInt(s.text); err == nil {
		return i
	}
	if f, err := parseFloat(s.text); err == nil {
		return f
	}
	switch s.text {
	case "true", "True", "TRUE":
		return true
	case "false", "False", "FALSE":
		return false
	}
	return s.text
}

// scalarInto sets a string, number or boolean. Numbers and booleans may stand
// in quotes: what is meant is plain, and variables are often quoted.
func (d *decoder) scalarInto(path string, n ast.Node, v reflect.Value) {
	s, ok := d.scalar(path, n)
	if !ok {
		return
	}
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[Secret]() {
			s.text = strings.TrimSpace(s.text)
		}
		v.SetString(s.text)
	case reflect.Int:
		i, err := wholeNumber(s.text)
		if err != nil {
			d.cannot(path, s, "a whole number")
			return
		}
		if i < 0 {
			d.cannot(path, s, "0 or more")
			return
		}
		v.SetInt(int64(i))
	case reflect.Float64:
		f, err := parseFloat(s.text)
		if err != nil {
			d.cannot(path, s, "a number")
			return
		}
		v.SetFloat(f)
	case reflect.Bool:
		b, err := parseBool(s.text)
		if err != nil {
			d.cannot(path, s, "true or false")
			return
		}
		v.SetBool(b)
	default: // no field of the kinds has another type; a test walks them all
		d.cannot(path, s, "of another type")
	}
}

// cannot says what a value must be. It shows the value as the file has it, so
// that nothing out of an environment variable is printed.
func (d *decoder) cannot(path string, s scalar, want string) {
	have := quote(s.text)
	if s.expanded {
		have = d.fromVariable(path)
	}
	d.addAt(d.values[path], Error, fmt.Sprintf("%s must be %s, not %s", shown(path), want, have))
}

func (d *decoder) fromVariable(path string) string {
	return "what " + quote(d.written[path]) + " stands for"
}

// parseInt reads a decimal number, or 0x, 0o and 0b, with _ between digits.
// "017" is seventeen.
func parseInt(text string) (int, error) {
	digits := strings.TrimLeft(text, "+-")
	base := 10
	if len(digits) > 2 && digits[0] == '0' && strings.ContainsRune("xob", rune(digits[1])) {
		base = 0
	}
	if base == 10 && digits != "" && digits[0] != '_' {
		text = strings.ReplaceAll(text, "_", "")
	}
	i, err := strconv.ParseInt(text, base, strconv.IntSize)
	return int(i), err
}

// wholeNumber also takes 5.0, where a whole number is asked for.
func wholeNumber(text string) (int, error) {
	i, err := parseInt(text)
	if err == nil {
		return i, nil
	}
	f, floatErr := parseFloat(text)
	if floatErr != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, err
	}
	return int(f), nil
}

// parseFloat takes decimal numbers only.
func parseFloat(text string) (float64, error) {
	switch strings.TrimLeft(text, "+-") {
	case "":
		return 0, strconv.ErrSyntax
	case ".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN":
		return 0, strconv.ErrRange // no key here has a use for them, and JSON cannot say them
	}
	if strings.ContainsFunc(text, func(r rune) bool { return !strings.ContainsRune("0123456789.eE+-", r) }) {
		return 0, strconv.ErrSyntax // ParseFloat also takes Inf, nan and hexadecimal
	}
	return strconv.ParseFloat(text, 64)
}

func parseBool(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "true", "yes", "on", "1":
		return true, nil
	case "false", "no", "off", "0":
		return false, nil
	}
	return false, strconv.ErrSyntax
}

// parseDuration reads seconds ("30", "0.5") or a duration ("10m").
func parseDuration(text string) (Duration, error) {
	seconds, err := parseFloat(text)
	if err != nil {
		span, err := time.ParseDuration(text)
		return Duration(span), err
	}
	nanos := seconds * float64(time.Second)
	if math.Abs(nanos) >= math.MaxInt64 {
		return 0, errors.New("longer than 292 years")
	}
	return Duration(math.Round(nanos)), nil
}
