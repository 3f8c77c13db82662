package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// MemoryWindow is where an agent's window into a session begins, and the summary
// that stands for turns before it. The turns themselves stay in the table memory.
type MemoryWindow struct {
	Agent     string
	SessionID string
	First     int64  // entries before this number are not in the prompt
	Summary   string // "" = none
	Covered   int64  // the summary stands for the entries before this number
	// Seen: whoever wrote the summary had read the entries before this number.
	Seen   int64
	Tokens int    // of the summary
	At     Millis // of the last change; 0 = there is no row
}

// TableName is the table of the type.
func (MemoryWindow) TableName() string { return "memory_window" }

// MemoryWindow gives a session's window; one that begins at 0 where none is kept.
func (s *Store) MemoryWindow(ctx context.Context, agent, session string) (MemoryWindow, error) {
	w := MemoryWindow{Agent: agent, SessionID: session}
	err := s.read(ctx).Raw("SELECT * FROM memory_window WHERE agent = ? AND session_id = ?", agent, session).Scan(&w).Error
	return w, translate(err)
}

// SaveWindow writes a window that was worked out from what [Store.MemoryWindow]
// gave, whose At it bears, and from entries. ErrConflict if either has changed
// since: a turn was deleted, or the memory was cleared.
func (s *Store) SaveWindow(w MemoryWindow, from []MemoryEntry) error {
	return s.writer.do(func(tx *gorm.DB) error {
		var now Millis
		err := tx.Raw("SELECT coalesce(max(at), 0) FROM memory_window WHERE agent = ? AND session_id = ?", w.Agent, w.SessionID).Scan(&now).Error
		if err != nil {
			return fmt.Errorf("read window: %w", err)
		}
		same, err := unchanged(tx, from)
		if err != nil {
			return err
		}
		if now != w.At || !same {
			return ErrConflict
		}
		w.At = max(s.millis(), now+1)
		return tx.Exec(`INSERT INTO memory_window (agent, session_id, first, summary, covered, seen, tokens, at)
			VALUES (@Agent, @SessionID, @First, @Summary, @Covered, @Seen, @Tokens, @At)
			ON CONFLICT (agent, session_id) DO UPDATE SET first = @First, summary = @Summary, covered = @Covered, seen = @Seen, tokens = @Tokens, at = @At`, w).Error
	})
}

// unchanged says whether entries, which lie one after the other in a session, are
// all still there, and are those. A number alone tells less: the newest one is
// given again after its entry was deleted.
func unchanged(tx *gorm.DB, entries []MemoryEntry) (bool, error) {
	if len(entries) == 0 {
		return true, nil
	}
	type sum struct{ N, IDs, Times int64 }
	var want, got sum
	for _, e := range entries {
		want.N, want.IDs, want.Times = want.N+1, want.IDs+e.ID, want.Times+int64(e.At)
	}
	first, last := entries[0], entries[len(entries)-1]
	err := tx.Raw(`SELECT count(*) AS n, coalesce(sum(id), 0) AS ids, coalesce(sum(at), 0) AS times
		FROM memory WHERE agent = ? AND session_id = ? AND seq BETWEEN ? AND ?`, first.Agent, first.SessionID, first.Seq, last.Seq).Scan(&got).Error
	if err != nil {
		return false, fmt.Errorf("read memory: %w", err)
	}
	return got == want, nil
}

// DropSummary forgets a session's summary, and lets the window begin where it
// does. It is written anew from the turns that are there.
func (s *Store) DropSummary(agent, session string) error {
	return s.writer.do(func(tx *gorm.DB) error { return s.dropSummary(tx, agent, session) })
}

func (s *Store) dropSummary(tx *gorm.DB, agent, session string) error {
	return tx.Exec(`UPDATE memory_window SET summary = '', covered = 0, seen = 0, tokens = 0, at = max(at + 1, @now)
		WHERE agent = @agent AND session_id = @session`,
		map[string]any{"agent": agent, "session": session, "now": s.millis()}).Error
}

// dropWindows forgets the windows of sessions of which nothing is remembered.
func dropWindows(tx *gorm.DB, agent string, sessions []string) error {
	return tx.Exec(`DELETE FROM memory_window WHERE agent = ? AND session_id IN ? AND NOT EXISTS
		(SELECT 1 FROM memory m WHERE m.agent = memory_window.agent AND m.session_id = memory_window.session_id)`, agent, sessions).Error
}

// moveWindows carries windows along where the memory they look into is now:
// one whose entries stayed behind stays with them.
func moveWindows(tx *gorm.DB, from, to string) error {
	err := tx.Exec(`UPDATE memory_window SET session_id = @to WHERE session_id = @from
		AND NOT EXISTS (SELECT 1 FROM memory m WHERE m.session_id = @from AND m.agent = memory_window.agent)
		AND NOT EXISTS (SELECT 1 FROM memory_window w WHERE w.session_id = @to AND w.agent = memory_window.agent)`,
		map[string]any{"to": to, "from": from}).Error
	if err != nil {
		return fmt.Errorf("move windows: %w", err)
	}
	return nil
}
