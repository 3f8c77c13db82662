package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"
)

// MemoryEntry is one thing an agent remembers of a session.
type MemoryEntry struct {
	ID        int64 `gorm:"primaryKey"`
	Agent     string
	SessionID string
	Seq       int64 // 0, 1, 2 … within agent and session; gaps where a turn was deleted
	Role      string
	Content   string
	TurnID    string
	At        Millis
	Tokens    int // as the model counted them; 0 = not known
}

// TableName is the table of the type.
func (MemoryEntry) TableName() string { return "memory" }

// MemoryCount gives the next sequence number of a session and when it last
// changed; 0 and the zero time where nothing is remembered.
func (s *Store) MemoryCount(ctx context.Context, agent, session string) (count int64, last time.Time, err error) {
	var row struct {
		Count int64
		Last  Millis
	}
	err = s.read(ctx).Raw("SELECT coalesce(max(seq) + 1, 0) AS count, coalesce(max(at), 0) AS last FROM memory WHERE agent = ? AND session_id = ?", agent, session).Scan(&row).Error
	return row.Count, row.Last.Time(), translate(err)
}

// MemoryFrom gives the entries from a sequence number on, oldest first.
func (s *Store) MemoryFrom(ctx context.Context, agent, session string, seq int64) ([]MemoryEntry, error) {
	var list []MemoryEntry
	err := s.read(ctx).Where("agent = ? AND session_id = ? AND seq >= ?", agent, session, seq).Order("seq").Find(&list).Error
	return list, translate(err)
}

// MemoryHistory gives the last entries, at most limit, oldest first.
func (s *Store) MemoryHistory(ctx context.Context, agent, session string, limit int) ([]MemoryEntry, error) {
	var list []MemoryEntry
	err := s.read(ctx).Raw(`SELECT * FROM (SELECT * FROM memory WHERE agent = ? AND session_id = ? ORDER BY seq DESC LIMIT ?) ORDER BY seq`,
		agent, session, limit).Scan(&list).Error
	return list, translate(err)
}

// MemoryBefore gives the last entries before a sequence number, at most limit,
// oldest first.
func (s *Store) MemoryBefore(ctx context.Context, agent, session string, seq int64, limit int) ([]MemoryEntry, error) {
	var list []MemoryEntry
	err := s.read(ctx).Raw(`SELECT * FROM (SELECT * FROM memory WHERE agent = ? AND session_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?) ORDER BY seq`,
		agent, session, seq, limit).Scan(&list).Error
	return list, translate(err)
}

// Remembered counts the entries of a session that are there, up to most.
func (s *Store) Remembered(ctx context.Context, agent, session string, most int) (int, error) {
	var n int
	err := s.read(ctx).Raw("SELECT count(*) FROM (SELECT 1 FROM memory WHERE agent = ? AND session_id = ? LIMIT ?)", agent, session, most).Scan(&n).Error
	return n, translate(err)
}

// ClearMemory forgets a session, its summary too, on disk too (secure_delete
// zeroes the pages).
func (s *Store) ClearMemory(_ context.Context, agent, session string) error {
	return s.writer.do(func(tx *gorm.DB) error {
		return errors.Join(
			tx.Exec("DELETE FROM memory WHERE agent = ? AND session_id = ?", agent, session).Error,
			tx.Exec("DELETE FROM kept WHERE agent = ? AND session_id = ?", agent, session).Error,
			dropWindows(tx, agent, []string{session}))
	})
}

// ExpireMemory forgets every session of an agent whose last turn is older than
// before, and says how many entries went. It looks with a reader, so that no
// message waits for the search.
func (s *Store) ExpireMemory(ctx context.Context, agent string, before time.Time) (gone int64, err error) {
	var sessions []string
	err = s.read(ctx).Raw("SELECT session_id FROM memory WHERE agent = ? GROUP BY session_id HAVING max(at) < ? LIMIT 500", agent, At(before)).Scan(&sessions).Error
	if err != nil || len(sessions) == 0 {
		return 0, translate(err)
	}
	err = s.writer.do(func(tx *gorm.DB) error {
		// A turn may have come since: the age is asked again.
		r := tx.Exec(`DELETE FROM memory WHERE agent = @agent AND session_id IN @sessions AND
			(SELECT max(at) FROM memory m WHERE m.agent = @agent AND m.session_id = memory.session_id) < @before`,
			map[string]any{"agent": agent, "sessions": sessions, "before": At(before)})
		if gone = r.RowsAffected; r.Error != nil {
			return r.Error
		}
		return dropWindows(tx, agent, sessions)
	})
	return gone, err
}

// inSession gives entries the name that memory has for the conversation now: the
// customer's number may have become known since the claim, and the next turn looks
// there.
func inSession(session string, entries []MemoryEntry) []MemoryEntry {
	entries = slices.Clone(entries)
	for i := range entries {
		entries[i].SessionID = session
	}
	return entries
}

func appendMemory(tx *gorm.DB, entries []MemoryEntry) error {
	for _, e := range entries {
		err := tx.Exec(`INSERT INTO memory (agent, session_id, seq, role, content, turn_id, at, tokens)
			VALUES (@agent, @session, (SELECT coalesce(max(seq) + 1, 0) FROM memory WHERE agent = @agent AND session_id = @session), @role, @content, @turn, @at, @tokens)`,
			map[string]any{"agent": e.Agent, "session": e.SessionID, "role": e.Role, "content": e.Content, "turn": e.TurnID, "at": e.At, "tokens": e.Tokens}).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// Remember adds entries to a session's memory by themselves, without a turn of
// any conversation: for trying an agent out.
func (s *Store) Remember(entries []MemoryEntry) error {
	return s.writer.do(func(tx *gorm.DB) error { return appendMemory(tx, entries) })
}
