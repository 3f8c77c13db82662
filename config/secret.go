package config

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
)

// Secret is a credential: it prints, logs and marshals as ***. Three things
// are beyond its reach, because nobody asks the value there: a field of a struct
// that is not exported, the key of a map (keep a Secret in neither), and fmt's
// verb %p, which go vet refuses.
type Secret string

// Reveal gives the value, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// String hides the value.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "***"
}

// GoString hides the value from %#v.
func (s Secret) GoString() string { return s.String() }

// Format hides the value from every verb: without it %d, which does not fit a
// text, prints the value in its complaint.
func (s Secret) Format(f fmt.State, verb rune) {
	text := s.String()
	if verb == 'q' {
		text = strconv.Quote(text)
	}
	_, _ = io.WriteString(f, text) // fmt's own buffer takes everything
}

// MarshalText hides the value from JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue hides the value from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
