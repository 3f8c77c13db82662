package agent

import (
	"strings"
	"unicode/utf8"

	"astromesh/runtime/channel"
)

// clip shortens s to at most n bytes, between characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// clean takes out what is no text: broken UTF-8 and NUL, at which a C string
// in a model server ends. White space around it goes too.
func clean(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", ""))
}

// sayable is clean, and nothing where nothing in it could be read, or where it is a
// program's word for nothing.
func sayable(reply string) string {
	text := clean(reply)
	switch strings.Trim(text, "`*_\"'. ") {
	case "null", "undefined", "[object Object]", "NaN", "nil", "<nil>", "(null)":
		return ""
	}
	if !channel.Legible(text) {
		return ""
	}
	return text
}

// joinLines puts lines under a text.
func joinLines(text string, lines []string) string {
	if text != "" {
		lines = append([]string{text}, lines...)
	}
	return strings.Join(lines, "\n")
}
