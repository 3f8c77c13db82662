package agent

import (
	"strings"
	"time"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// clock is {{ now }} in a template: it prints as a date with weekday and time,
// and has parts ({{ now.year }}, {{ now.strftime("%H:%M") }}).
type clock struct{ time.Time }

func (c clock) String() string { return c.Format("Monday, 2 January 2006, 15:04") }

// GetAttribute is how the template engine reads a part.
func (c clock) GetAttribute(name string) (*exec.Value, bool) {
	parts := map[string]any{
		"year": c.Year(), "month": int(c.Month()), "day": c.Day(), "hour": c.Hour(), "minute": c.Minute(), "second": c.Second(),
		"weekday": c.Weekday().String(), "date": c.Format(time.DateOnly), "time": c.Format("15:04"),
		"strftime":  func(a *exec.VarArgs) *exec.Value { return exec.AsValue(strftime(c.Time, first(a))) },
		"isoformat": func(*exec.VarArgs) *exec.Value { return exec.AsValue(c.Format(time.RFC3339)) },
	}
	v, ok := parts[name]
	return exec.AsValue(v), ok
}

func first(a *exec.VarArgs) string {
	if len(a.Args) == 0 {
		return "%Y-%m-%d %H:%M"
	}
	return a.Args[0].String()
}

// strftime knows the signs that prompts use; others stay as they are written.
func strftime(t time.Time, format string) string {
	return strings.NewReplacer("%%", "%", "%Y", t.Format("2006"), "%y", t.Format("06"), "%m", t.Format("01"),
		"%d", t.Format("02"), "%H", t.Format("15"), "%I", t.Format("03"), "%M", t.Format("04"), "%S", t.Format("05"),
		"%p", t.Format("PM"), "%A", t.Format("Monday"), "%a", t.Format("Mon"), "%B", t.Format("January"),
		"%b", t.Format("Jan"), "%Z", t.Format("MST"), "%z", t.Format("-0700"), "%F", t.Format(time.DateOnly),
		"%T", t.Format(time.TimeOnly), "%j", t.Format("002")).Replace(format)
}
