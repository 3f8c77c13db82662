package view

import (
	"context"
	"strconv"
	"time"

	"astromesh/web/form"
)

func tickSign(tick string) string {
	switch tick {
	case TickSent:
		return "✓"
	case TickDelivered, TickRead:
		return "✓✓"
	case TickFailed:
		return "✗"
	case TickWithdrawn:
		return "⊘"
	case TickUnsure:
		return "?"
	default:
		return "◷"
	}
}

// mark says in words what a guardrail did.
func (m ChatMark) words(ctx context.Context) string {
	what := T(ctx, "conversations.entity_"+m.Entity)
	if what == "conversations.entity_"+m.Entity {
		what = m.Entity
	}
	return T(ctx, "conversations.mark_"+m.Action, what, m.Rule)
}

// said is a line's text, or a word for what has none.
func said(ctx context.Context, kind, text string) string {
	switch {
	case kind == "taken" && text == "":
		return T(ctx, "conversations.line_taken_phone")
	case kind == "called":
		return T(ctx, "conversations.line_called", Said(ctx, text))
	case kind == "taken", kind == "handed_back":
		return T(ctx, "conversations.line_"+kind, text)
	case text != "":
		return text
	}
	if word := T(ctx, "conversations.kind_"+kind); word != "conversations.kind_"+kind {
		return "[" + word + "]"
	}
	return "[" + kind + "]"
}

// dayWord is today, yesterday, or the date.
func dayWord(ctx context.Context, day, now time.Time) string {
	y, m, d := now.Local().Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, time.Local)
	switch {
	case !day.Before(today):
		return T(ctx, "conversations.today")
	case !day.Before(today.AddDate(0, 0, -1)):
		return T(ctx, "conversations.yesterday")
	default:
		return day.Local().Format("2006-01-02")
	}
}

// listTime is the hour of today, else the date.
func listTime(at, now time.Time) string {
	if at.IsZero() {
		return ""
	}
	if sameDay(at, now) {
		return at.Local().Format("15:04")
	}
	return at.Local().Format("2006-01-02")
}

func sameDay(a, b time.Time) bool {
	ay, am, ad := a.Local().Date()
	by, bm, bd := b.Local().Date()
	return ay == by && am == bm && ad == bd
}

// untilWord is a moment soon: the hour, with the date if that is another day.
func untilWord(at, now time.Time) string {
	if sameDay(at, now) {
		return at.Local().Format("15:04")
	}
	return at.Local().Format("2006-01-02 15:04")
}

// agentItself stands in the place of a person's name where the agent called for
// somebody and nobody has come yet.
const agentItself = "(agent)"

// takenWords says who answers and until when.
func takenWords(ctx context.Context, s ChatState) string {
	who := s.By
	if who == agentItself {
		return T(ctx, "conversations.taken_called")
	}
	if who == "" {
		who = T(ctx, "conversations.the_phone")
	}
	if s.Until.IsZero() {
		return T(ctx, "conversations.taken_open", who)
	}
	return T(ctx, "conversations.taken_until", who, untilWord(s.Until, time.Now()))
}

// left is a span in hours and minutes.
func left(ctx context.Context, d time.Duration) string {
	if d <= 0 {
		return T(ctx, "conversations.window_closed")
	}
	return T(ctx, "conversations.window_left", int(d.Hours()), int(d.Minutes())%60)
}

func (c ChatRow) path(f form.Chats) string {
	return f.Path("/conversations/" + strconv.FormatInt(c.ID, 10))
}

func chatPath(id int64, rest string) string {
	return "/conversations/" + strconv.FormatInt(id, 10) + rest
}

// filterKey is a filter's key among the texts.
func filterKey(filter string) string {
	if filter == "" {
		return "all"
	}
	return filter
}

// unread is the count as shown.
func (c ChatRow) unread() string {
	if c.Many {
		return strconv.Itoa(c.Unread) + "+"
	}
	return strconv.Itoa(c.Unread)
}
