package web

import "astromesh/config"

// Channel is what is in force on WhatsApp, and what of it the dashboard may not
// change.
type Channel struct {
	config.WhatsApp
	// Outside are the keys that an owner's file or a variable gives: what the
	// dashboard would save for them is not used.
	Outside map[string]bool
}

// MessageLanguages are those that the channel's texts are written in here; a file
// may have others.
var MessageLanguages = [...]string{"en", "es", "pt"}
