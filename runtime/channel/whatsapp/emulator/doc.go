// Package emulator is Meta's side of the WhatsApp Cloud API, accurate on the
// wire: it signs and posts webhooks as Meta does, and answers the Graph calls
// as graph.facebook.com does, with its limits, its silent drops and, on
// request, its failures. Tests and the demo use the same one.
//
// It imports nothing of this program on purpose. If the parser and the
// emulator shared a type, a mistake in it would cancel itself out and every
// test would still pass.
//
// The parts, in the order a reader needs them:
//
//	config.go emulator.go    what an emulator is told, and what it holds
//	clock.go  tasks.go       time, real or virtual, and work that Close waits for
//	wire.go   sign.go        the exact bytes of a webhook, and their signature
//	item.go   message_*.go   what a customer does, as a value to post
//	envelope.go deliver.go   values to one POST, its retries and duplicates
//	graph*.go fault.go       the calls a business makes, and how they go wrong
//	status.go                sent, delivered, read: what Meta tells afterwards
//	journal.go wait.go       what happened, for assertions and live pages
//	phone.go                 a telephone in ten lines, for the demo
//
// An Emulator works over real sockets (Start) and without any network
// (SetCallbackHandler and Client), so it can live in a testing/synctest bubble.
package emulator
