package app

import (
	"errors"
	"fmt"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// Windows starts what stands under this key of its user.
const (
	runKey  = `Software\Microsoft\Windows\CurrentVersion\Run`
	runName = "Astromesh"
)

// on says whether the value is there.
func (a autostart) on() (bool, error) {
	key, err := registry.OpenKey(registry.CURRENT_USER, runKey, registry.QUERY_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("open the key Run: %w", err)
	}
	defer func() { _ = key.Close() }() // it was only read
	_, _, err = key.GetStringValue(runName)
	if errors.Is(err, registry.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// set writes or removes the value.
func (a autostart) set(on bool) error {
	key, _, err := registry.CreateKey(registry.CURRENT_USER, runKey, registry.SET_VALUE)
	if err != nil {
		return fmt.Errorf("open the key Run: %w", err)
	}
	if on {
		err = key.SetStringValue(runName, windows.ComposeCommandLine(append([]string{a.program}, a.args...)))
	} else if err = key.DeleteValue(runName); errors.Is(err, registry.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, key.Close())
}
