// Command astromesh answers a small business's WhatsApp messages with an AI
// agent that runs on its own machine.
package main

import (
	"os"

	"astromesh/app"
)

func main() { os.Exit(app.Main()) }
