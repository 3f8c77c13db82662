package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Figures are what happened within a time, from counts that are kept by the
// hour: however many messages there are, it is a few thousand rows to read.
type Figures struct {
	In       int64 // messages of customers
	Out      int64 // replies that WhatsApp accepted
	Hits     int64 // findings of guardrails
	Failed   int64 // replies that were given up
	Answered int64 // turns whose first reply was accepted
	// Median and P95 are how long it took from a message's coming until the first
	// reply was accepted, for half and for 95 of 100: the upper end of a step (half
	// a second below 10 s, 2 s below a minute, then coarser). 0 = nothing answered.
	Median, P95 time.Duration
}

// Figures adds up the hours from a moment on and before another. Hours are whole
// ones of UTC: where the clock differs by half an hour, a day begins at the next.
func (s *Store) Figures(ctx context.Context, from, to time.Time) (Figures, error) {
	var rows []struct {
		Name string
		N    int64
	}
	err := s.read(ctx).Raw(`SELECT name, sum(n) AS n FROM counter WHERE hour >= ? AND hour < ?
		AND (name IN ('in', 'out', 'failed') OR name >= 'wait:' AND name < 'wait;' OR name >= 'hit:' AND name < 'hit;') GROUP BY name`,
		hourOf(from), hourCeil(to)).Scan(&rows).Error
	var f Figures
	waits := map[int64]int64{}
	for _, r := range rows {
		kind, rest, _ := strings.Cut(r.Name, ":")
		switch kind {
		case "in":
			f.In = r.N
		case "out":
			f.Out = r.N
		case "failed":
			f.Failed = r.N
		case "hit":
			f.Hits += r.N
		case "wait":
			if step, err := strconv.ParseInt(rest, 10, 64); err == nil {
				waits[step] += r.N
				f.Answered += r.N
			}
		}
	}
	f.Median, f.P95 = within(waits, f.Answered, 50), within(waits, f.Answered, 95)
	return f, translate(err)
}

// within is the step below which percent of 100 lie.
func within(waits map[int64]int64, all, percent int64) time.Duration {
	steps := make([]int64, 0, len(waits))
	for step := range waits {
		steps = append(steps, step)
	}
	slices.Sort(steps)
	var seen int64
	for _, step := range steps {
		if seen += waits[step]; seen*100 >= all*percent {
			return time.Duration(step) * time.Millisecond
		}
	}
	return 0
}

// Flow is messages in and out within an hour.
type Flow struct{ In, Out int64 }

// Flows gives messages in and out by the hour (see HourStart), from a moment on.
// Hours without any are left out.
func (s *Store) Flows(ctx context.Context, from time.Time) (map[int64]Flow, error) {
	var rows []struct {
		Hour, N int64
		Name    string
	}
	err := s.read(ctx).Raw("SELECT hour, name, n FROM counter WHERE hour >= ? AND name IN ('in', 'out')", hourOf(from)).Scan(&rows).Error
	flows := make(map[int64]Flow, len(rows))
	for _, r := range rows {
		f := flows[r.Hour]
		if r.Name == "in" {
			f.In = r.N
		} else {
			f.Out = r.N
		}
		flows[r.Hour] = f
	}
	return flows, translate(err)
}

// Hits are the findings of one kind by the hour (see HourStart).
type Hits struct {
	Agent, Direction, Rule, Entity, Action string
	Hours                                  map[int64]int64
}

// GuardrailHits gives what guardrails found from a moment on, ordered by agent,
// direction, rule, entity and action.
func (s *Store) GuardrailHits(ctx context.Context, from time.Time) ([]Hits, error) {
	var rows []struct {
		Hour, N int64
		Name    string
	}
	err := s.read(ctx).Raw("SELECT hour, name, n FROM counter WHERE hour >= ? AND name >= 'hit:' AND name < 'hit;' ORDER BY name", hourOf(from)).Scan(&rows).Error
	var list []Hits
	last := ""
	for _, r := range rows {
		parts := strings.Split(r.Name, ":")
		if len(parts) != 6 {
			continue
		}
		if r.Name != last {
			last = r.Name
			list = append(list, Hits{Agent: parts[1], Direction: parts[2], Rule: parts[3], Entity: parts[4], Action: parts[5], Hours: map[int64]int64{}})
		}
		list[len(list)-1].Hours[r.Hour] += r.N
	}
	return list, translate(err)
}

// NeedingPerson lists conversations that wait for a person, the one that has
// waited longest first.
func (s *Store) NeedingPerson(ctx context.Context, limit int) ([]Conversation, error) {
	var list []Conversation
	err := s.read(ctx).Preload("Contact").Where("needs_person <> ''").Order("needs_person_at, id").Limit(limit).Find(&list).Error
	return list, translate(err)
}

// hourCeil is the hour that begins at or after a moment. To the nanosecond: what
// happens in the first second of an hour belongs to what was before its end.
func hourCeil(t time.Time) int64 {
	return hourOf(t.Add(time.Hour - time.Nanosecond))
}
