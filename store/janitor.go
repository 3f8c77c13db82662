package store

import (
	"context"
	"strconv"
	"time"

	"gorm.io/gorm"
)

// Retention says how long closed rows stay. Inbox rows keep a message id from
// being answered twice and must outlive Meta's retries (7 days).
type Retention struct {
	Inbox    time.Duration // at least 8 days
	Delivery time.Duration
	Events   time.Duration
	// Messages is the transcript with its turns and guardrail hits; 0 keeps it.
	// What the agent remembers is apart: its own ttl ends that.
	Messages time.Duration
}

const day = 24 * time.Hour

// countersFor is how long figures by the hour are kept: pages show a month.
const countersFor = 62 * day

// DefaultRetention is what holds where an owner chose nothing.
var DefaultRetention = Retention{Inbox: 14 * day, Delivery: 14 * day, Events: 30 * day, Messages: 365 * day}

// The settings of Retention, in whole days.
const (
	retentionMessages = "retention.messages_days"
	retentionEvents   = "retention.events_days"
)

// Retention gives what the owner chose, over the default.
func (s *Store) Retention(ctx context.Context) (Retention, error) {
	keep := DefaultRetention
	saved, err := s.Settings(ctx, "retention.")
	if err != nil {
		return keep, err
	}
	if n, err := strconv.Atoi(saved[retentionMessages]); err == nil && n >= 0 {
		keep.Messages = time.Duration(n) * day
	}
	if n, err := strconv.Atoi(saved[retentionEvents]); err == nil && n > 0 {
		keep.Events = time.Duration(n) * day
	}
	return keep, nil
}

// SetRetention keeps the owner's choice, in days; 0 messages keeps them all.
func (s *Store) SetRetention(messages, events int) error {
	return s.PutSettings(map[string]string{retentionMessages: strconv.Itoa(messages), retentionEvents: strconv.Itoa(events)}, nil)
}

// Prune removes closed rows that are older than their retention, a bounded
// number at a time so that no message waits for it.
func (s *Store) Prune(keep Retention) (gone int64, err error) {
	now := s.now()
	const most = 5000
	queries := []pruning{
		{"DELETE FROM inbox WHERE state = 'done' AND received_at < ? AND id <= (SELECT max(id) FROM (SELECT id FROM inbox WHERE id > 0 ORDER BY id LIMIT ?))", now.Add(-keep.Inbox)},
		{"DELETE FROM delivery WHERE id IN (SELECT id FROM delivery WHERE at < ? LIMIT ?)", now.Add(-keep.Delivery)},
		{"DELETE FROM event WHERE id IN (SELECT id FROM event WHERE at < ? LIMIT ?)", now.Add(-keep.Events)},
		{"DELETE FROM erased WHERE hash IN (SELECT hash FROM erased WHERE at < ? LIMIT ?)", now.Add(-keep.Inbox)},
		{"DELETE FROM kept WHERE id IN (SELECT id FROM kept WHERE expires_at > 0 AND expires_at < ? LIMIT ?)", now},
		{"DELETE FROM counter WHERE (hour, name) IN (SELECT hour, name FROM counter WHERE hour < ? / 3600000 LIMIT ?)", now.Add(-countersFor)},
		{"DELETE FROM counter WHERE (hour, name) IN (SELECT hour, name FROM counter WHERE hour < ? / 3600000 AND name >= 'event:' AND name < 'event;' LIMIT ?)", now.Add(-keep.Events)},
	}
	if keep.Messages > 0 {
		queries = append(queries, transcript(now.Add(-keep.Messages))...)
	}
	err = s.writer.do(func(tx *gorm.DB) error {
		gone = 0
		for _, q := range queries {
			r := tx.Exec(q.sql, At(q.before), most)
			if r.Error != nil {
				return r.Error
			}
			gone += r.RowsAffected
		}
		return nil
	})
	return gone, err
}

type pruning struct {
	sql    string
	before time.Time
}

// transcript removes what was said. Messages and replies, like inbox rows, have no
// index by age: their ids grow with it, so the oldest are looked at and no more.
func transcript(before time.Time) []pruning {
	return []pruning{
		{"DELETE FROM message WHERE at < ? AND id <= (SELECT max(id) FROM (SELECT id FROM message WHERE id > 0 ORDER BY id LIMIT ?))", before},
		{"DELETE FROM outbox WHERE state IN ('sent', 'failed', 'withdrawn') AND created_at < ? AND seq <= (SELECT max(seq) FROM (SELECT seq FROM outbox WHERE seq > 0 ORDER BY seq LIMIT ?))", before},
		{"DELETE FROM turn WHERE id IN (SELECT id FROM turn WHERE started_at < ? LIMIT ?)", before},
		{"DELETE FROM usage WHERE id IN (SELECT id FROM usage WHERE at < ? LIMIT ?)", before},
		{"DELETE FROM guardrail WHERE id IN (SELECT id FROM guardrail WHERE at < ? LIMIT ?)", before},
	}
}
