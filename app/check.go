package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"astromesh/runtime/health"
)

// checkWithin bounds the whole command: Meta and the model servers are asked at
// the same time.
const checkWithin = 10 * time.Second

type checkCmd struct {
	JSON bool `help:"Print JSON."`
}

// Run prints every diagnosis; the exit code is 1 if one fails. It may run beside
// a program that is running on the same data folder.
func (k checkCmd) Run(c *command) error {
	ctx, cancel := context.WithTimeout(c.ctx, checkWithin)
	defer cancel()
	checks := health.Diagnose(outside(ctx, c.options()))
	status := health.Overall(checks)
	if err := k.print(c, status, checks); err != nil {
		return fmt.Errorf("print the checks: %w", err)
	}
	if status != "ok" {
		return exitError(1)
	}
	return nil
}

func (k checkCmd) print(c *command, status string, checks []health.Check) error {
	if !k.JSON {
		return printChecks(c.stdout, checks, c.colourful())
	}
	out := json.NewEncoder(c.stdout)
	out.SetEscapeHTML(false)
	return out.Encode(struct {
		Status  string         `json:"status"`
		Version string         `json:"version"`
		Checks  []health.Check `json:"checks"`
	}{status, Version(), checks})
}

// colourful tells whether the output is read on a terminal that shows colours.
func (c *command) colourful() bool {
	f, isFile := c.stdout.(*os.File)
	if !isFile || c.variable("NO_COLOR", "") != "" || c.variable("TERM", "dumb") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// printChecks writes a line for each check, and below one that is not ok what
// mends it.
func printChecks(w io.Writer, checks []health.Check, colour bool) error {
	for _, c := range checks {
		word, paint := "ok  ", "\x1b[32m"
		switch c.Status {
		case health.Warn:
			word, paint = "WARN", "\x1b[33m"
		case health.Fail:
			word, paint = "FAIL", "\x1b[1;31m"
		}
		if colour {
			word = paint + word + "\x1b[0m"
		}
		line := fmt.Sprintf("%s  %-13s  %s\n", word, c.Name, oneLine(c.Detail))
		if c.Status != health.OK && c.Mend != "" {
			line += "      → " + oneLine(c.Mend) + "\n"
		}
		if _, err := io.WriteString(w, line); err != nil {
			return err
		}
	}
	return nil
}

// oneLine keeps what others wrote, a file's or a server's words, from moving
// the terminal's cursor.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}
