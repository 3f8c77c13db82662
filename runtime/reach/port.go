package reach

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strconv"
)

// portProblem says why a port of this machine cannot be had, and who has it.
func portProblem(port int, err error) *Problem {
	switch {
	case errors.Is(err, addressInUse):
		if who := portHolder(port); who != "" {
			return problem("port_taken", port, who)
		}
		return problem("port_taken_who", port)
	case errors.Is(err, addressDenied), errors.Is(err, fs.ErrPermission):
		return problem("port_forbidden", port)
	default:
		return problem("port_other", port).noted(err.Error())
	}
}

// NotBound makes a sentence of why an address of this machine cannot be listened
// at: which program has it, and what to do. What is the address's part in this
// program, flag chooses another.
func NotBound(what, address, flag string, err error) error {
	why, mend := err.Error(), "Choose"
	switch {
	case errors.Is(err, addressInUse):
		who := "another program"
		if _, text, splits := net.SplitHostPort(address); splits == nil {
			if port, odd := strconv.Atoi(text); odd == nil {
				who = cmp.Or(portHolder(port), who)
			}
		}
		why, mend = "it is in use by "+who, "Stop that program, or choose"
	case errors.Is(err, addressDenied), errors.Is(err, fs.ErrPermission):
		why = "the system does not let Astromesh use it"
	case errors.Is(err, addressNotHere):
		why = "this computer has no such address"
	}
	return fmt.Errorf("%s %s cannot be used: %s. %s another with %s", what, address, why, mend, flag)
}
