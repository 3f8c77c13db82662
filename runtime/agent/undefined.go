package agent

import (
	"github.com/nikolalohinski/gonja/v2/builtins"
	"github.com/nikolalohinski/gonja/v2/config"
	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/tokens"
)

// missing is what a name stands for that nobody set. It prints as nothing, is
// false, has no elements, and every part of it is missing too: the engine's own
// nothing turns {{ context.customer.name }} into an error, and one absent value
// would cost a customer the whole answer.
type missing map[string]string

// String is what it prints as.
func (missing) String() string { return "" }

// GetAttribute answers {{ missing.part }}.
func (missing) GetAttribute(string) (*exec.Value, bool) { return exec.AsValue(missing{}), true }

// GetItem answers {{ missing["part"] }}.
func (missing) GetItem(any) (*exec.Value, bool) { return exec.AsValue(missing{}), true }

// fields is a group of values whose absent parts are missing, not an error.
type fields map[string]any

// GetAttribute answers {{ fields.part }}.
func (f fields) GetAttribute(name string) (*exec.Value, bool) {
	v, ok := f[name]
	switch {
	case ok && v == nil || !ok && fieldMethod(name):
		return exec.AsValue(nil), false
	case !ok:
		return exec.AsValue(missing{}), true
	default:
		return exec.AsValue(v), true
	}
}

// GetItem answers {{ fields["part"] }}.
func (f fields) GetItem(key any) (*exec.Value, bool) {
	name, ok := key.(string)
	if !ok {
		return exec.AsValue(missing{}), true
	}
	return f.GetAttribute(name)
}

// fieldMethod says whether {{ fields.name() }} is a method of every dictionary:
// the engine looks for it only where there is no such part.
func fieldMethod(name string) bool {
	_, ok := builtins.Methods.Dict.Get(name)
	return ok
}

// names lists every word of a template that could be a variable, so that the
// ones that nobody set can be given as missing.
func names(source string, cfg *config.Config) []string {
	var list []string
	seen := map[string]bool{}
	known := sandboxNames()
	for stream := tokens.LexAll(source, cfg); !stream.End(); stream.Next() {
		tok := stream.Current()
		if tok.Type == tokens.Name && !seen[tok.Val] && !known[tok.Val] {
			seen[tok.Val] = true
			list = append(list, tok.Val)
		}
	}
	return list
}

func isMissing(v *exec.Value) bool {
	if v.IsNil() {
		return false
	}
	_, ok := v.Interface().(missing)
	return ok
}

// orDefault is the filter default, for which missing is not defined.
func orDefault(e *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
	if isMissing(in) {
		in = exec.AsValue(nil)
	}
	f, _ := builtins.Filters.Get("default")
	return f(e, in, params)
}

// conditions are the engine's tests, with missing counted as undefined.
func conditions() *exec.TestSet {
	set := exec.NewTestSet(map[string]exec.TestFunction{}).Update(builtins.Tests)
	for _, name := range []string{"defined", "undefined", "none"} { // they look at no more than whether it is there
		original, _ := builtins.Tests.Get(name)
		f := func(ctx *exec.Context, in *exec.Value, params *exec.VarArgs) (bool, error) {
			if isMissing(in) {
				in = exec.AsValue(nil)
			}
			return original.(func(*exec.Context, *exec.Value, *exec.VarArgs) (bool, error))(ctx, in, params)
		}
		if err := set.Replace(name, f); err != nil {
			panic(err) // the name was read from the same set
		}
	}
	return set
}
