package view

import (
	"context"
	"time"
)

// Page is what the frame of every page shows.
type Page struct {
	Title  string
	Active string // the rail's item: home, conversations, agents, guardrails, logs, health, settings
	User   string
	Owner  bool   // may change things
	Demo   bool   // a customer's phone is at /phone
	Needs  int    // conversations that need a person
	Health string // ok, warn, fail
	Broken int    // checks that fail
	Banner *Banner
	Theme  string // light, dark, "" = the system's
}

// Banner is what stops answers, with its cause and one way to mend it.
type Banner struct{ Text, Link, Button string }

// item of the rail.
type item struct{ name, path, icon string }

var rail = []item{
	{"home", "/", "home"}, {"conversations", "/conversations", "chat"}, {"agents", "/agents", "agent"}, {"guardrails", "/guardrails", "shield"},
	{"logs", "/logs", "list"}, {"health", "/health", "heart"}, {"settings", "/settings", "gear"},
}

// railMain is how many items a phone's bar shows before "more".
const railMain = 4

func healthWord(ctx context.Context, p Page) string {
	switch p.Health {
	case "fail":
		return T(ctx, "frame.health_fail")
	case "warn":
		return T(ctx, "frame.health_warn")
	default:
		return T(ctx, "frame.health_ok")
	}
}

// Ago is a moment as an owner says it: relative up to a day, then the date.
func Ago(ctx context.Context, at, now time.Time) string {
	if at.IsZero() {
		return T(ctx, "frame.never")
	}
	d := now.Sub(at)
	switch {
	case d < time.Minute:
		return T(ctx, "frame.just_now")
	case d < time.Hour:
		return T(ctx, "frame.minutes_ago", int(d.Minutes()))
	case d < 24*time.Hour:
		return T(ctx, "frame.hours_ago", int(d.Hours()))
	default:
		return at.Local().Format("2006-01-02 15:04")
	}
}

// Exact is a moment to the second, for the hover text.
func Exact(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Local().Format("2006-01-02 15:04:05 MST")
}
