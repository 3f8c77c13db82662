package mcptest

// standStill waits for ever, which on Windows holds up this call only.
func standStill() error {
	select {}
}
