package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
)

// EventFilter chooses events of one kind. Zero fields choose all.
type EventFilter struct {
	Kind         string // one of the four; required
	Level        string // "warn": warnings and errors; "error": errors
	Conversation int64
	Agent        string
	Search       string // a part of the text or the data, without regard to case (of ASCII letters)
	// Means are what Search is in the words in which events are stored: pages show
	// them in others.
	Means    []EventMeaning
	From, To time.Time
}

// eventReach bounds how many events one look goes through: what a search or an
// agent's name picks out has no index, and a page is to be quick with a million
// events. Further back goes who asks for it.
const eventReach = 30_000

// EventPage is a part of a list of events, newest first.
type EventPage struct {
	Events []Event
	// Next is the id to go on before; 0 = there is nothing older.
	Next int64
	// Reached is set where the look ended by its bound and not by a full page or
	// the end: everything newer was gone through.
	Reached Millis
}

// FindEvents gives the newest events that the filter chooses, at most limit.
// before is EventPage.Next of the page before; 0 starts at the newest.
func (s *Store) FindEvents(ctx context.Context, f EventFilter, before int64, limit int) (EventPage, error) {
	walk, args := f.walk(before)
	pick, more := f.pick()
	var p EventPage
	err := s.read(ctx).Raw("SELECT * FROM ("+walk+") e"+pick+" ORDER BY id DESC LIMIT ?", append(append(args, more...), limit)...).Scan(&p.Events).Error
	if err != nil {
		return p, translate(err)
	}
	if len(p.Events) == limit {
		p.Next = p.Events[limit-1].ID
		return p, nil
	}
	var last struct {
		ID, At int64
		N      int
	}
	err = s.read(ctx).Raw("SELECT coalesce(min(id), 0) AS id, count(*) AS n FROM ("+f.narrow("id", &args, before)+")", args...).Scan(&last).Error
	if err == nil && last.N == eventReach {
		p.Next = last.ID
		err = s.read(ctx).Raw("SELECT at FROM event WHERE id = ?", last.ID).Scan(&p.Reached).Error
	}
	return p, translate(err)
}

// NewEvents gives chosen events after an id, oldest first, out of the next
// limit ones of the kind. last is the id to go on from, also where none was
// chosen; more says that there may be further ones already.
func (s *Store) NewEvents(ctx context.Context, f EventFilter, after int64, limit int) (list []Event, last int64, more bool, err error) {
	all, err := s.Events(ctx, f.Kind, after, limit)
	last = after
	for _, e := range all {
		last = e.ID
		if f.chooses(e) {
			list = append(list, e)
		}
	}
	return list, last, len(all) == limit, err
}

// chooses judges one event as the queries do.
func (f EventFilter) chooses(e Event) bool {
	has := func(text string) bool {
		return strings.Contains(strings.ToLower(text), strings.ToLower(f.Search))
	}
	return (f.Kind == "" || e.Kind == f.Kind) &&
		(f.Level == "" || e.Level == "error" || f.Level == "warn" && e.Level == "warn") &&
		(f.Conversation == 0 || e.ConversationID == f.Conversation) &&
		(f.Agent == "" || e.Agent == f.Agent) &&
		(f.From.IsZero() || e.At >= At(f.From)) && (f.To.IsZero() || e.At < At(f.To)) &&
		(f.Search == "" || has(e.Text) || has(e.Data) || slices.ContainsFunc(f.Means, func(m EventMeaning) bool { return m.chooses(e) }))
}

// walk is the statement of the newest events that an index leads to.
func (f EventFilter) walk(before int64) (sql string, args []any) {
	sql = f.narrow("*", &args, before)
	return sql, args
}

func (f EventFilter) narrow(columns string, args *[]any, before int64) string {
	where, a := []string{"kind = ?"}, []any{f.Kind}
	add := func(condition string, value ...any) { where, a = append(where, condition), append(a, value...) }
	if f.Conversation != 0 {
		// The plus keeps SQLite from taking the index of kinds: a conversation's
		// events are far fewer.
		where[0] = "+kind = ?"
		add("conversation_id = ?", f.Conversation)
	}
	if f.Level != "" {
		add("level IN ('warn','error')") // to the letter: the condition of the index
	}
	if before > 0 {
		add("id < ?", before)
	}
	// Ids follow the clock but for events that were on their way together.
	const together = time.Minute
	if !f.From.IsZero() {
		add("id >= coalesce((SELECT id FROM event WHERE at >= ? ORDER BY at LIMIT 1), 0)", At(f.From.Add(-together)))
	}
	if !f.To.IsZero() {
		add("id <= coalesce((SELECT id FROM event WHERE at <= ? ORDER BY at DESC LIMIT 1), 0)", At(f.To.Add(together)))
	}
	*args = append(a, eventReach)
	return "SELECT " + columns + " FROM event WHERE " + strings.Join(where, " AND ") + " ORDER BY id DESC LIMIT ?"
}

// pick is the condition on what walk gives.
func (f EventFilter) pick() (sql string, args []any) {
	where := []string{"true"}
	add := func(condition string, value ...any) { where, args = append(where, condition), append(args, value...) }
	if f.Level == "error" {
		add("level = 'error'")
	}
	if f.Agent != "" {
		add("agent = ?", f.Agent)
	}
	if !f.From.IsZero() {
		add("at >= ?", At(f.From))
	}
	if !f.To.IsZero() {
		add("at < ?", At(f.To))
	}
	if f.Search != "" {
		ways, values := []string{`text LIKE ? ESCAPE '\'`, `data LIKE ? ESCAPE '\'`}, []any{like(f.Search), like(f.Search)}
		for _, m := range f.Means {
			condition, more := m.pick()
			ways, values = append(ways, condition), append(values, more...)
		}
		add("("+strings.Join(ways, " OR ")+")", values...)
	}
	return " WHERE " + strings.Join(where, " AND "), args
}

// EventHours counts events an hour, from a moment on and before another. Without
// a conversation, an agent or a search it reads kept counts; with one, it counts
// the newest of them as far back as FindEvents reaches.
func (s *Store) EventHours(ctx context.Context, f EventFilter, from, to time.Time) (map[int64]int64, error) {
	var rows []struct{ Hour, N int64 }
	var q *gorm.DB
	if f.Conversation == 0 && f.Agent == "" && f.Search == "" {
		names := []string{"event:" + f.Kind + ":error"}
		if f.Level != "error" {
			names = append(names, "event:"+f.Kind+":warn")
		}
		if f.Level == "" {
			names = append(names, "event:"+f.Kind+":info", "event:"+f.Kind+":debug")
		}
		q = s.read(ctx).Raw("SELECT hour, sum(n) AS n FROM counter WHERE hour >= ? AND hour < ? AND name IN ? GROUP BY hour", hourOf(from), hourOf(to), names)
	} else {
		f.From, f.To = from, to
		walk, args := f.walk(0)
		pick, more := f.pick()
		q = s.read(ctx).Raw("SELECT at / 3600000 AS hour, count(*) AS n FROM ("+walk+") e"+pick+" GROUP BY hour", append(args, more...)...)
	}
	if err := q.Scan(&rows).Error; err != nil {
		return nil, translate(err)
	}
	hours := make(map[int64]int64, len(rows))
	for _, r := range rows {
		hours[r.Hour] = r.N
	}
	return hours, nil
}

// hourOf is a moment's hour as counters know it: hours since 1970 UTC.
func hourOf(t time.Time) int64 { return t.Unix() / 3600 }

// HourStart is when an hour of the counters begins.
func HourStart(hour int64) time.Time { return time.Unix(hour*3600, 0) }
