package app

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"
)

// newLog writes to w as "text" or "json" from a level on: debug, info, warn, error.
func newLog(w io.Writer, format, level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("--log-level is %q: use debug, info, warn or error", level)
	}
	opts := &slog.HandlerOptions{Level: l}
	switch format {
	case "json":
		return slog.New(slog.NewJSONHandler(w, opts)), nil
	case "text":
		return slog.New(slog.NewTextHandler(w, opts)), nil
	default:
		return nil, fmt.Errorf("--log-format is %q: use text or json", format)
	}
}

// beside is where the owner reads what is not for the log, on the same output: as it
// is beside a log in text, and in lines of JSON beside such a log, which a program reads.
func beside(w io.Writer, format string) io.Writer {
	if format == "json" {
		return jsonLines{w}
	}
	return w
}

// jsonLines writes each text as one line of JSON.
type jsonLines struct{ w io.Writer }

// Write is an io.Writer's; text is one whole announcement.
func (j jsonLines) Write(text []byte) (int, error) {
	line := map[string]string{"time": time.Now().Format(time.RFC3339Nano), "level": "INFO", "msg": strings.Join(strings.Fields(string(text)), " ")}
	if err := json.NewEncoder(j.w).Encode(line); err != nil {
		return 0, fmt.Errorf("write a line: %w", err)
	}
	return len(text), nil
}
