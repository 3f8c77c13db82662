package view

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

// HealthView is what the health page shows.
type HealthView struct {
	Rows   []HealthRow // broken first
	At     time.Time   // of the look
	Now    time.Time
	Owner  bool
	Done   string // what a button just did; key of the texts
	Report string
}

// HealthRow is one diagnosis.
type HealthRow struct {
	Name   string
	Status string // ok, warn, fail
	Since  time.Time
	Detail string // the program's own sentence in English, with its values; the page says it in the reader's language
	Mend   string // likewise
}

// CheckMeaning says what a state of a check means, in the reader's language; ""
// where there are no words for it.
func CheckMeaning(ctx context.Context, name, status string) string {
	return known(ctx, "health."+name+"_"+status, "")
}

// title of a check.
func (r HealthRow) title(ctx context.Context) string { return known(ctx, "health."+r.Name, r.Name) }

// known is a text that may not be there.
func known(ctx context.Context, key, otherwise string) string {
	if text := T(ctx, key); text != key {
		return text
	}
	return otherwise
}

// steps are what to do, in order; none where all is well.
func (r HealthRow) steps(ctx context.Context) []string {
	if r.Status == "ok" {
		return nil
	}
	text := known(ctx, "health."+r.Name+"_steps", "")
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSpace(text), "\n")
}

// copies are values to paste at Meta.
func (r HealthRow) copies() []string {
	if r.Status == "ok" {
		return nil
	}
	switch r.Name {
	case "handshake", "webhook":
		return []string{"/v1/channels/whatsapp/webhook"}
	case "subscription":
		return []string{"/subscribed_apps"}
	case "graph", "sending":
		return []string{"whatsapp_business_messaging", "whatsapp_business_management"}
	default:
		return nil
	}
}

// mend is a page or an act that helps.
type mend struct {
	key, path string
	post      bool // an act; only owners may
}

func (r HealthRow) mends() []mend {
	if r.Status == "ok" {
		return nil
	}
	retry := mend{"health.retry", "/health/retry", true}
	reload := mend{"health.reload", "/health/reload", true}
	settings := mend{"health.open_settings", "/settings", false}
	switch r.Name {
	case "configuration", "variables":
		return []mend{reload}
	case "agent":
		return []mend{{"health.open_agents", "/agents", false}, reload}
	case "models":
		return []mend{{"health.warm", "/health/warm", true}, {"health.open_agents", "/agents", false}}
	case "sending":
		return []mend{retry, settings}
	case "graph", "credentials", "signature", "handshake", "subscription":
		return []mend{settings}
	case "reach":
		return []mend{{"health.open_reach", "/settings/reachability", false}}
	case "backup":
		return []mend{{"health.open_backup", "/settings/backup", false}}
	case "people":
		return []mend{{"health.open_conversations", "/conversations", false}}
	case "inbox":
		return []mend{{"health.open_logs", "/logs?kind=model", false}}
	default:
		return nil
	}
}

// rowID names a row by its check and its place among the rows of that check, so
// that the page knows it again when the order changes.
func (v HealthView) rowID(at int) string {
	n := 0
	for _, r := range v.Rows[:at] {
		if r.Name == v.Rows[at].Name {
			n++
		}
	}
	return "check-" + v.Rows[at].Name + "-" + strconv.Itoa(n)
}

func (v HealthView) count(status string) int {
	n := 0
	for _, r := range v.Rows {
		if r.Status == status {
			n++
		}
	}
	return n
}

// done is the sentence about what a button just did, or "".
func (v HealthView) done() string {
	if slices.Contains([]string{"check", "reload", "reload_failed", "warm", "warm_failed", "retry"}, v.Done) {
		return "health.done_" + v.Done
	}
	return ""
}
