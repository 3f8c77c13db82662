package config

import "os"

// makePipe makes a folder: Windows has no pipes among its files.
func makePipe(path string) error { return os.Mkdir(path, 0o700) }
