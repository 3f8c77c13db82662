package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// Beside a log in JSON every line is one of JSON, what is announced too.
func TestAnnouncementsBesideALogInJSON(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		log, err := newLog(&out, format, "info")
		if err != nil {
			t.Fatal(err)
		}
		log.Info("started")
		if n, err := fmt.Fprint(beside(&out, format), "\nOpen this:\n\n    http://127.0.0.1/\n\n"); err != nil || n != 36 {
			t.Errorf("%s: %d, %v", format, n, err)
		}
		if format == "text" {
			if !strings.HasSuffix(out.String(), "\nOpen this:\n\n    http://127.0.0.1/\n\n") {
				t.Errorf("%q", out.String())
			}
			continue
		}
		for line := range strings.Lines(out.String()) {
			var said struct{ Time, Level, Msg string }
			if err := json.Unmarshal([]byte(line), &said); err != nil || said.Time == "" || said.Level != "INFO" || said.Msg != "started" && said.Msg != "Open this: http://127.0.0.1/" {
				t.Errorf("%q: %v", line, err)
			}
		}
	}
}
