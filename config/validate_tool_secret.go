package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// looksSecret are the names of headers and variables that hold keys.
var looksSecret = regexp.MustCompile(`(?i)authorization|cookie|secret|token|passw|api[-_]?key|[-_]key$|^key$`)

// headers checks what is sent with each request.
func (d *decoder) headers(s setting) { d.named(s, "headers") }

// environment checks the variables of a server's program.
func (d *decoder) environment(s setting) { d.named(s, "env") }

// named checks names with texts, and warns of keys that everybody can read who
// reads the file: it is copied, shown in the dashboard and backed up.
func (d *decoder) named(s setting, what string) {
	m, ok := s.value.(map[string]any)
	if !ok {
		if s.value != nil {
			d.errorf(s.path, "%s must be a map of names and texts", what)
		}
		return
	}
	for _, name := range sortedKeys(m) {
		path := s.path + "." + name
		switch m[name].(type) {
		case map[string]any, []any:
			d.errorf(path, "%s.%s must be text", what, name)
		default:
			d.plainSecret(path, name, m[name])
		}
	}
}

func (d *decoder) plainSecret(path, name string, value any) {
	_, changed := d.written[path]
	text, _ := value.(string)
	if !changed && text != "" && looksSecret.MatchString(name) {
		d.warnf(path, "%s stands here for everybody to read who sees this file; write ${NAME}, and set the variable NAME where the program runs", name)
	}
}

// callLimit checks how long a call may take.
func (d *decoder) callLimit(s map[string]setting) {
	for _, key := range []string{"timeout", longTimeout} {
		t := s[key]
		span, ok := spanOf(t.value)
		switch {
		case t.value == nil:
		case !ok || span <= 0:
			d.errorf(t.path, "%s must be seconds, or like 30s", key)
		case span > longestCall:
			d.warnf(t.path, "%s is more than 2 minutes, which no customer waits for: 2 minutes it is", key)
		}
	}
}

func spanOf(v any) (time.Duration, bool) {
	switch x := v.(type) {
	case int:
		return time.Duration(min(max(x, -1), 1<<20)) * time.Second, true
	case float64:
		return time.Duration(min(max(x, -1), 1<<20) * float64(time.Second)), true
	case string:
		if f, err := strconv.ParseFloat(strings.TrimSpace(x), 64); err == nil {
			return spanOf(f)
		}
		span, err := time.ParseDuration(strings.TrimSpace(x))
		return span, err == nil
	}
	return 0, false
}

// texts gives a list of texts, or one text as a list of one; nil = it is neither.
func texts(v any) []string {
	items, ok := v.([]any)
	if !ok {
		s, isText := v.(string)
		if !isText || s == "" {
			return nil
		}
		return []string{s}
	}
	out := []string{}
	for _, item := range items {
		out = append(out, fmt.Sprint(item))
	}
	return out
}

func scalarEmpty(v any) bool { return v == nil || v == "" }
