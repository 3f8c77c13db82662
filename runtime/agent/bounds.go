package agent

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/nodes"
	"github.com/nikolalohinski/gonja/v2/tokens"
)

// The template engine knows no limit of its own: a text can double itself forty
// times, and a value that holds itself ends the whole program by its stack once it
// is printed. So everything that makes a text of values is given them through a
// check, which this file puts into the parsed template.

const (
	maxWritten   = 4 * maxRendered // bytes that one rendering may write, into the text and into variables
	maxInside    = 30              // values within values
	maxOperators = 2000            // of one text: each lies in the one before
	// The check's names in a template; no template may name them itself.
	fitName, timesName, outName = "__fit", "__times", "__out"
)

// sized says why a value cannot be made a text of: it is too large, or holds itself.
func sized(v *exec.Value) error {
	if v == nil || v.Val.IsValid() && v.Val.Kind() == reflect.String && v.Val.Len() <= maxRendered {
		return nil
	}
	left := maxRendered
	return measure(v.Val, 0, &left)
}

// measure takes what a value holds off what is left.
func measure(v reflect.Value, depth int, left *int) error {
	if depth > maxInside {
		return fmt.Errorf("a value holds more than %d others inside each other, or itself", maxInside)
	}
	if *left--; *left < 0 {
		return fmt.Errorf("a value is larger than %d bytes", maxRendered)
	}
	switch v.Kind() {
	case reflect.String:
		if *left -= v.Len(); *left < 0 {
			return fmt.Errorf("a value is larger than %d bytes", maxRendered)
		}
	case reflect.Interface, reflect.Pointer:
		if !v.IsNil() {
			return measure(v.Elem(), depth+1, left)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if err := measure(v.Index(i), depth+1, left); err != nil {
				return err
			}
		}
	case reflect.Map:
		for iter := v.MapRange(); iter.Next(); {
			if err := measure(iter.Key(), depth+1, left); err != nil {
				return err
			}
			if err := measure(iter.Value(), depth+1, left); err != nil {
				return err
			}
		}
	case reflect.Struct: // the engine's own pairs and values
		if inner, ok := held(v); ok {
			return measure(inner, depth, left)
		}
		if !strings.HasPrefix(v.Type().PkgPath(), "github.com/nikolalohinski/") {
			return nil // a time
		}
		for i := range v.NumField() {
			if err := measure(v.Field(i), depth+1, left); err != nil {
				return err
			}
		}
	}
	return nil
}

// held is what a reflect.Value inside the engine's own value stands for.
func held(v reflect.Value) (inner reflect.Value, ok bool) {
	if v.CanInterface() {
		inner, ok = v.Interface().(reflect.Value)
	}
	return inner, ok
}

// checks are the functions that a template is given its values through.
func (b *budget) checks() map[string]any {
	first := func(a *exec.VarArgs) *exec.Value {
		if len(a.Args) == 0 {
			return exec.AsValue(nil)
		}
		return a.Args[0]
	}
	checked := func(v *exec.Value) *exec.Value {
		if err := sized(v); err != nil {
			b.spent = err
			return exec.AsValue(err)
		}
		return v
	}
	return map[string]any{
		fitName: func(a *exec.VarArgs) *exec.Value { return checked(first(a)) },
		outName: func(a *exec.VarArgs) *exec.Value {
			v := checked(first(a))
			if !v.IsError() && !v.IsNil() {
				if b.written += len(v.String()); b.written > maxWritten {
					b.spent = fmt.Errorf("the filled-in text is longer than %d bytes", maxRendered)
					return exec.AsValue(b.spent)
				}
			}
			return v
		},
		timesName: func(a *exec.VarArgs) *exec.Value {
			if err := b.spend(false); err != nil || len(a.Args) < 2 {
				return exec.AsValue(err)
			}
			text, times := checked(a.Args[0]), checked(a.Args[1])
			switch {
			case text.IsError():
				return text
			case times.IsError() || !text.IsString():
			case times.Integer() < 0 || times.Integer() > maxRendered/max(1, len(text.String())):
				b.spent = fmt.Errorf("a text is repeated to more than %d bytes", maxRendered)
				return exec.AsValue(b.spent)
			}
			return times
		},
	}
}

// bounded puts the checks into a parsed template. What a tag holds lies in fields
// that the engine does not show, so it is found by reflection; what is changed are
// the engine's open fields.
func bounded(root *nodes.Template) error {
	w := &nodeWalk{seen: map[uintptr]bool{}}
	w.walk(reflect.ValueOf(root))
	if len(w.expressions) > maxOperators {
		return fmt.Errorf("more than %d operators", maxOperators)
	}
	for _, e := range w.expressions {
		switch e.Operator.Token.Type {
		case tokens.And, tokens.Or:
		case tokens.Multiply:
			e.Right = checkedBy(timesName, e.Position(), e.Left, e.Right)
		default:
			e.Left, e.Right = checkedBy(fitName, e.Position(), e.Left), checkedBy(fitName, e.Position(), e.Right)
		}
	}
	for _, o := range w.outputs {
		o.Expression = checkedBy(outName, o.Start, o.Expression)
		if o.Alternative != nil {
			o.Alternative = checkedBy(outName, o.Start, o.Alternative)
		}
	}
	return nil
}

func checkedBy(name string, at *tokens.Token, args ...nodes.Expression) nodes.Expression {
	word := &tokens.Token{Type: tokens.Name, Val: name}
	if at != nil {
		word.Line, word.Col, word.Pos = at.Line, at.Col, at.Pos
	}
	return &nodes.Call{Location: word, Func: &nodes.Name{Name: word}, Args: args, Kwargs: map[string]nodes.Expression{}}
}
