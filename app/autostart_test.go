package app

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// odd is a program in a folder whose name has everything that needs care.
var odd = autostart{program: `/opt/Ana's "shop" $5 100%/a\b & <c>/astromesh`, args: []string{"desktop", "--hidden", "--data-dir=/home/Ana María"}}

func TestDesktopEntryQuotes(t *testing.T) {
	text, err := odd.desktopEntry()
	if err != nil {
		t.Fatal(err)
	}
	want := `Exec="/opt/Ana's \\"shop\\" \\$5 100%%/a\\\\b & <c>/astromesh" "desktop" "--hidden" "--data-dir=/home/Ana María"` + "\n"
	if !strings.Contains(text, want) {
		t.Errorf("got %s\nwant %s", text, want)
	}
	if _, err := (autostart{program: "a\nExec=rm"}).desktopEntry(); err == nil {
		t.Error("a line break gets into the entry")
	}
}

func TestLaunchAgentIsWellFormed(t *testing.T) {
	var words []string
	for d := xml.NewDecoder(strings.NewReader(odd.launchAgent())); ; {
		token, err := d.Token()
		if err != nil {
			break
		}
		if text, ok := token.(xml.CharData); ok && strings.TrimSpace(string(text)) != "" {
			words = append(words, string(text))
		}
	}
	if want := append([]string{"ProgramArguments", odd.program}, odd.args...); !slices.Equal(words[2:2+len(want)], want) {
		t.Errorf("got %q, want %q", words, want)
	}
}

func TestAutostartOnAndOff(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("left out: it would change this computer's own settings")
	}
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", dir)
	c := &command{flags: flags{DataDir: "data", AdminAddr: "127.0.0.1:9999", ConfigDir: "."}}
	a := newAutostart(c)
	for _, on := range []bool{false, true, true, false, false} {
		if err := a.set(on); err != nil {
			t.Fatal(err)
		}
		if got, err := a.on(); err != nil || got != on {
			t.Errorf("set %v: %v, %v", on, got, err)
		}
	}
	if err := a.set(true); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "autostart", "astromesh.desktop")
	b, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(b), `"--admin-addr=127.0.0.1:9999"`) || !strings.Contains(string(b), `"--data-dir=`+absolute("data")) || !strings.Contains(string(b), `"--config-dir=/`) {
		t.Errorf("%s, %v", b, err)
	}
	// The desktop's own settings switch it off so.
	if err := os.WriteFile(path, append(b, "Hidden=true\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	if on, err := a.on(); err != nil || on {
		t.Errorf("switched off elsewhere: %v, %v", on, err)
	}
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(path, "below a file"))
	if err := a.set(true); err == nil {
		t.Error("an entry in no folder")
	}
}
