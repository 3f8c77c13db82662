package inbox

import (
	"errors"
	"runtime/debug"
)

// errPanicked stands for a panic that was caught and logged.
var errPanicked = errors.New("panicked")

// safely keeps a panic over one customer's message from ending the program: the
// message would be claimed again at the next start, and end it again.
func (c *conversation) safely(what string, do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.Log.Error(what+" panicked", "stage", "dispatch", "conversation", c.id, "panic", p, "stack", string(debug.Stack()))
			err = errPanicked
		}
	}()
	return do()
}
