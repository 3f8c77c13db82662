package app

import (
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"
)

// autostart is the program's entry in the system's own list of what it starts
// when its user signs in. Each system has its file: on and set.
type autostart struct {
	program string
	args    []string
}

// newAutostart repeats how this program was started, less what it shows. Folders
// are written whole: a sign-in begins elsewhere.
func newAutostart(c *command) autostart {
	a := autostart{args: []string{"desktop", "--hidden"}}
	if program, err := os.Executable(); err == nil {
		a.program = program
	}
	if dir := c.source().Path(); dir != "" {
		a.args = append(a.args, "--config-dir="+absolute(dir))
	}
	for _, f := range []struct{ name, value string }{{"data-dir", absolute(c.DataDir)}, {"webhook-addr", c.WebhookAddr}, {"admin-addr", c.AdminAddr}} {
		if f.value != "" {
			a.args = append(a.args, "--"+f.name+"="+f.value)
		}
	}
	return a
}

// desktopEntry is the file of the freedesktop.org specifications, which the
// desktops of Linux and BSD read.
func (a autostart) desktopEntry() (string, error) {
	var words []string
	for _, word := range append([]string{a.program}, a.args...) {
		if strings.ContainsAny(word, "\n\r") {
			return "", fmt.Errorf("%q cannot stand in a desktop entry", word)
		}
		words = append(words, execWord(word))
	}
	return "[Desktop Entry]\nType=Application\nVersion=1.5\nName=Astromesh\nComment=Answers your customers on WhatsApp\n" +
		"Exec=" + strings.Join(words, " ") + "\nIcon=astromesh\nTerminal=false\nX-GNOME-Autostart-enabled=true\n", nil
}

// execWord writes an argument as the key Exec wants it: quoted, and the
// backslashes of that once more, for every value is unescaped first.
func execWord(word string) string {
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`).Replace(word)
	return `"` + strings.NewReplacer(`\`, `\\`, `%`, `%%`).Replace(quoted) + `"`
}

// launchAgent is the file that macOS reads from ~/Library/LaunchAgents.
func (a autostart) launchAgent() string {
	var words strings.Builder
	for _, word := range append([]string{a.program}, a.args...) {
		words.WriteString("    <string>" + html.EscapeString(word) + "</string>\n")
	}
	return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>astromesh</string>
  <key>ProgramArguments</key>
  <array>
` + words.String() + `  </array>
  <key>RunAtLoad</key>
  <true/>
</dict>
</plist>
`
}

// setFile writes or removes the file that is such an entry.
func setFile(path, text string, on bool) error {
	if !on {
		if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("remove the entry: %w", err)
		}
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the entry's folder: %w", err)
	}
	if err := writeWhole(path, []byte(text), 0o644); err != nil {
		return fmt.Errorf("write the entry: %w", err)
	}
	return nil
}
