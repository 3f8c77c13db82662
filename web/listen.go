package web

import (
	"fmt"

	"astromesh/runtime/reach"
)

// notBound makes a sentence of why an address cannot be listened at: which
// program has it, and what to do. what is the address's part in this program,
// flag chooses another.
func notBound(what, address, flag string, err error) error {
	why, mend := err.Error()+".", "Choose"
	p := reach.BindProblem(address, err)
	switch {
	case p.Taken():
		why, _ = p.Sentences()
		mend = "Stop that program, or choose"
	case p != nil:
		why, _ = p.Sentences()
	case reach.IsElsewhere(err):
		why = "This computer has no such address."
	}
	return fmt.Errorf("%s %s cannot be used. %s %s another with %s", what, address, why, mend, flag)
}
