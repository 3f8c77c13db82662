package reach

import (
	"errors"
	"io/fs"
	"syscall"
)

// portProblem says why a port of this machine cannot be had, and who has it.
func portProblem(port int, err error) *Problem {
	switch {
	case errors.Is(err, syscall.EADDRINUSE), errors.Is(err, addressInUse):
		if who := portHolder(port); who != "" {
			return problem("port_taken", port, who)
		}
		return problem("port_taken_who", port)
	case errors.Is(err, fs.ErrPermission):
		return problem("port_forbidden", port)
	default:
		return problem("port_other", port).noted(err.Error())
	}
}
