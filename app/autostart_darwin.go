package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// path is where macOS looks for what a user starts at the sign-in.
func (a autostart) path() (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the home folder: %w", err)
	}
	return filepath.Join(home, "Library", "LaunchAgents", "astromesh.plist"), nil
}

// on says whether the entry is there.
func (a autostart) on() (bool, error) {
	path, err := a.path()
	if err != nil {
		return false, err
	}
	_, err = os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// set writes or removes the entry; macOS reads it at the next sign-in.
func (a autostart) set(on bool) error {
	path, err := a.path()
	if err != nil {
		return err
	}
	return setFile(path, a.launchAgent(), on)
}
