package config

import (
	"io"
	"os"
	"strings"
)

// Env looks up an environment variable. False means that it is not set.
type Env func(name string) (string, bool)

// maxSecretFile bounds what NAME_FILE may name: a credential, not a disk image.
const maxSecretFile = 64 << 10

// OSEnv reads the program's environment: NAME, and where that is not set or
// empty the file that NAME_FILE names, which is how containers hand over
// secrets. Surrounding white space is cut: a file nearly always ends in a line
// break. A file that cannot be read counts as not set.
func OSEnv(name string) (string, bool) {
	value, set := os.LookupEnv(name)
	if value = strings.TrimSpace(value); value != "" {
		return value, true
	}
	path := os.Getenv(name + "_FILE")
	if path == "" {
		return value, set
	}
	data, err := readRegular(path)
	if err != nil {
		return value, set
	}
	return strings.TrimSpace(string(data)), true
}

// readRegular refuses pipes and devices, on which a read may never end.
func readRegular(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxSecretFile {
		return nil, os.ErrInvalid
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // opened to read: nothing is lost
	return io.ReadAll(io.LimitReader(f, maxSecretFile))
}
