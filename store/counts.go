package store

import (
	"context"
	"time"
)

// OutboxCounts is how the replies stand.
type OutboxCounts struct {
	Waiting      int64 // due or handed to the channel
	TokenRefused int64 // of the waiting: Meta refused the access token (190)
	Unsure       int64
	Failed       int64 // since the moment asked for
	OldestDue    Millis
}

// OutboxCounts counts open replies, and those given up since a moment.
func (s *Store) OutboxCounts(ctx context.Context, failedSince time.Time) (OutboxCounts, error) {
	var c OutboxCounts
	err := s.read(ctx).Raw(`SELECT coalesce(sum(state <> 'unsure'), 0) AS waiting, coalesce(sum(state = 'due' AND error_code = 190), 0) AS token_refused,
		coalesce(sum(state = 'unsure'), 0) AS unsure, coalesce(min(CASE WHEN state = 'due' THEN created_at END), 0) AS oldest_due
		FROM outbox WHERE ` + openOutbox).Scan(&c).Error
	if err != nil {
		return c, translate(err)
	}
	err = s.read(ctx).Raw("SELECT count(*) FROM outbox WHERE state = 'failed' AND created_at > ?", At(failedSince)).Scan(&c.Failed).Error
	return c, translate(err)
}
