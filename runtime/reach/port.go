package reach

import (
	"errors"
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

// BindProblem says why an address of this machine, host:port, cannot be listened
// at: Taken, and by whom, or not allowed. nil where it is for something else.
func BindProblem(address string, err error) *Problem {
	_, text, splits := net.SplitHostPort(address)
	port, odd := strconv.Atoi(text)
	if splits != nil || odd != nil {
		return nil
	}
	if p := portProblem(port, err); p.Code != "port_other" {
		return p
	}
	return nil
}

// Taken says whether it is that another program has the port.
func (p *Problem) Taken() bool {
	return p != nil && (p.Code == "port_taken" || p.Code == "port_taken_who")
}

// IsElsewhere says whether an address cannot be listened at because it is not one
// of this machine's.
func IsElsewhere(err error) bool { return errors.Is(err, addressNotHere) }
