//go:build !windows && !darwin

package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// path is the entry's place by the Desktop Application Autostart Specification.
func (a autostart) path() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find the folder of settings: %w", err)
	}
	return filepath.Join(dir, "autostart", "astromesh.desktop"), nil
}

// on says whether the entry is there. A desktop's own settings switch one off by
// a line in it.
func (a autostart) on() (bool, error) {
	path, err := a.path()
	if err != nil {
		return false, err
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the entry: %w", err)
	}
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line == "Hidden=true" || line == "X-GNOME-Autostart-enabled=false" {
			return false, nil
		}
	}
	return true, nil
}

// set writes or removes the entry.
func (a autostart) set(on bool) error {
	path, err := a.path()
	if err != nil {
		return err
	}
	text, err := a.desktopEntry()
	if err != nil {
		return err
	}
	return setFile(path, text, on)
}
