package agent

import (
	"fmt"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// sizedFilter gives a filter only what it can make a text of, and bounds what it
// makes: two of them multiply.
func sizedFilter(name string, f exec.FilterFunction) exec.FilterFunction {
	return func(e *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
		if err := sizedArgs(in, params); err != nil {
			return exec.AsValue(err)
		}
		if err := multiplies(name, in, params); err != nil {
			return exec.AsValue(err)
		}
		out := f(e, in, params)
		if out.IsError() {
			return out
		}
		if err := sized(out); err != nil {
			return exec.AsValue(err)
		}
		return out
	}
}

// sizedMethod is sizedFilter for a method of texts.
func sizedMethod(name string, m exec.Method[string]) exec.Method[string] {
	return func(self string, v *exec.Value, a *exec.VarArgs) (any, error) {
		if err := sizedArgs(v, a); err != nil {
			return nil, err
		}
		if err := multiplies(name, v, a); err != nil {
			return nil, err
		}
		return m(self, v, a)
	}
}

func sizedArgs(in *exec.Value, a *exec.VarArgs) error {
	if err := sized(in); err != nil {
		return err
	}
	for _, v := range a.Args {
		if err := sized(v); err != nil {
			return err
		}
	}
	for _, v := range a.KwArgs {
		if err := sized(v); err != nil {
			return err
		}
	}
	return nil
}

// multiplies says why a text that is put in many places at once is too much.
func multiplies(name string, in *exec.Value, a *exec.VarArgs) error {
	if name != "replace" && name != "join" && name != "urlencode" && name != "indent" && name != "wordwrap" {
		return nil
	}
	longest := 3 // urlencode
	for _, v := range a.Args {
		if v.IsString() {
			longest = max(longest, len(v.String()))
		}
	}
	for _, v := range a.KwArgs {
		if v.IsString() {
			longest = max(longest, len(v.String()))
		}
	}
	places := 0
	switch {
	case in.IsString():
		places = len(in.String())
	case in.CanSlice():
		places = in.Len()
	}
	if name == "join" && in.IsString() && len(a.Args) > 0 && a.Args[0].CanSlice() { // the method: a text that joins a list
		longest, places = max(3, places), a.Args[0].Len()
	}
	if longest > 20 && longest*places > 16*maxRendered {
		return fmt.Errorf("what %s makes can be longer than %d bytes", name, maxRendered)
	}
	return nil
}
