package tool

import (
	"fmt"
	"time"
)

// What an owner reads of tools that did not do as they should, on the Logs page.
// None of it holds what a tool was asked or has answered.

// Fault is what an owner is to know of a tool.
type Fault struct{ Tool, Text string }

// FaultError is an error whose cause the owner should hear of too: a server that
// is gone, an answer that is no text. Model is what the model is told; "" = the
// call went well for it, and its text stands.
type FaultError struct{ Model, Owner string }

func (e *FaultError) Error() string { return e.Model }

const unreadableCache = "The tool cache_store could not read what it keeps: see whether the disk is full."

func calledTooOften(name string, r *rate) string {
	return fmt.Sprintf("The tool %s was called more than %d times in %s: the agent answers without it for now.", name, r.max, r.window)
}

func tooLate(name string, within time.Duration) string {
	return fmt.Sprintf("The tool %s did not answer within %s: the agent answered without it.", name, within)
}

func unasked(name string) string {
	return fmt.Sprintf("The tool %s could not reach the address that the model chose: the agent answered without it. The reasons of the reply name it.", name)
}

func failedInside(name string) string {
	return fmt.Sprintf("The tool %s failed inside: please report it with the log.", name)
}

func notText(name string, bytes int) string {
	return fmt.Sprintf("The tool %s gave %d bytes that are not text: the agent answered without them.", name, bytes)
}

func tooLong(name string, bytes, read int) string {
	return fmt.Sprintf("The tool %s gave %d bytes: the model was shown the first %d.", name, bytes, read)
}

func notOpened(name string, err error) string {
	return fmt.Sprintf("The tools of %s cannot be offered now, so the agent answers without them: %s", name, err)
}

func tooMany(name string) string {
	return fmt.Sprintf("%s offers more than %d tools: the others are left out.", name, maxTools)
}
