package store

import (
	"time"

	"gorm.io/gorm"
)

// Retention says how long closed rows stay. Inbox rows keep a message id from
// being answered twice and must outlive Meta's retries (7 days).
type Retention struct {
	Inbox    time.Duration // at least 8 days
	Delivery time.Duration
	Events   time.Duration
}

// DefaultRetention is what the janitor uses.
var DefaultRetention = Retention{Inbox: 14 * 24 * time.Hour, Delivery: 14 * 24 * time.Hour, Events: 30 * 24 * time.Hour}

// Prune removes closed rows that are older than their retention, a bounded
// number at a time so that no message waits for it.
func (s *Store) Prune(keep Retention) (gone int64, err error) {
	now := s.now()
	const most = 5000
	err = s.writer.do(func(tx *gorm.DB) error {
		gone = 0
		for _, q := range []struct {
			sql    string
			before time.Time
		}{
			{"DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE state = 'done' AND received_at < ? LIMIT ?)", now.Add(-keep.Inbox)},
			{"DELETE FROM delivery WHERE id IN (SELECT id FROM delivery WHERE at < ? LIMIT ?)", now.Add(-keep.Delivery)},
			{"DELETE FROM event WHERE id IN (SELECT id FROM event WHERE at < ? LIMIT ?)", now.Add(-keep.Events)},
		} {
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
