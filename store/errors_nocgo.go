//go:build !cgo

package store

// translateDriver has nothing to know: without a C compiler the driver is a stub
// whose only error is ErrNoCompiler.
func translateDriver(err error) error { return err }
