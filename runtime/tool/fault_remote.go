package tool

import "fmt"

// What an owner reads of tools outside the program.

func webhookFailed(name, why string) string {
	return fmt.Sprintf("The webhook %s could not be called: %s", name, why)
}

func webhookRefused(name string, status int) string {
	return fmt.Sprintf("The webhook %s was refused by its service with status %d: see whether its address and its headers are right.", name, status)
}
