package app

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// The value under the key Run comes and goes, and begins the program as it was
// begun; what was there before is there again afterwards.
func TestAutostartInTheRegistry(t *testing.T) {
	key, _, err := registry.CreateKey(registry.CURRENT_USER, runKey, registry.QUERY_VALUE|registry.SET_VALUE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = key.Close() })
	if before, _, err := key.GetStringValue(runName); err == nil {
		t.Cleanup(func() { _ = key.SetStringValue(runName, before) })
	} else {
		t.Cleanup(func() { _ = key.DeleteValue(runName) })
	}
	a := autostart{program: `C:\Users\Ana María\As tro\astromesh.exe`, args: []string{"desktop", "--hidden", `--data-dir=C:\my shop\`}}
	for _, on := range []bool{false, true, true, false, false, true} {
		if err := a.set(on); err != nil {
			t.Fatal(err)
		}
		if got, err := a.on(); err != nil || got != on {
			t.Errorf("set %v: %v, %v", on, got, err)
		}
	}
	text, _, err := key.GetStringValue(runName)
	if err != nil {
		t.Fatal(err)
	}
	words, err := windows.DecomposeCommandLine(text)
	if want := append([]string{a.program}, a.args...); err != nil || strings.Join(words, "|") != strings.Join(want, "|") {
		t.Errorf("%s is read as %q, %v", text, words, err)
	}
	if err := a.set(false); err != nil {
		t.Fatal(err)
	}
	if _, _, err := key.GetStringValue(runName); !errors.Is(err, registry.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}
