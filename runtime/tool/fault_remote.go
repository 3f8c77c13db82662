package tool

import (
	"fmt"

	"astromesh/runtime/tool/outside"
)

// What an owner reads of tools outside the program.

func webhookFailed(name, why string) string {
	return fmt.Sprintf("The webhook %s could not be called: %s", name, why)
}

// noText tells the owner of an answer that is not text. What was asked for may have
// been done all the same, so it is no error for the model.
func noText(name string, res outside.Response) error {
	if res.Binary == 0 {
		return nil
	}
	return &FaultError{Owner: notText(name, res.Binary)}
}

func webhookRefused(name string, status int) string {
	return fmt.Sprintf("The webhook %s was refused by its service with status %d: see whether its address and its headers are right.", name, status)
}
