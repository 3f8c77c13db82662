package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

const (
	// mostKept is how many values an agent keeps of one customer, and mostShared
	// how many for all of them together; the oldest give way.
	mostKept, mostShared = 50, 500
)

// Kept is a value that a tool has stored: cache_store.
type Kept struct {
	ID    int64 `gorm:"primaryKey"`
	Agent string
	// Owner is the session that may read it; "" = every customer of the agent.
	Owner string
	// SessionID is whose turn wrote it: it goes when they are erased.
	SessionID string
	Name      string
	Value     string
	ExpiresAt Millis // 0 = never
	At        Millis
}

// TableName is the table of the type.
func (Kept) TableName() string { return "kept" }

// KeptChange is what a turn does to a value.
type KeptChange struct {
	Kept
	Shared bool // for every customer of the agent
	Gone   bool
}

// Kept gives a value by its name, if it is there and has not expired. owner as in
// the type.
func (s *Store) Kept(ctx context.Context, agent, owner, name string) (value string, found bool, err error) {
	var rows []Kept
	err = s.read(ctx).Where("agent = ? AND owner = ? AND name = ? AND (expires_at = 0 OR expires_at > ?)", agent, owner, name, s.millis()).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return "", false, translate(err)
	}
	return rows[0].Value, true, nil
}

// keep writes what a turn's tools have stored; session is the name that memory
// has for the customer now.
func keep(tx *gorm.DB, session string, changes []KeptChange) error {
	if session == "" {
		return nil // nobody could read it again, and nobody erase it
	}
	for _, k := range changes {
		owner, most := session, mostKept
		if k.Shared {
			owner, most = "", mostShared
		}
		err := tx.Exec("DELETE FROM kept WHERE agent = ? AND owner = ? AND name = ?", k.Agent, owner, k.Name).Error
		if err == nil && !k.Gone {
			err = tx.Exec("INSERT INTO kept (agent, owner, session_id, name, value, expires_at, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
				k.Agent, owner, session, k.Name, k.Value, k.ExpiresAt, k.At).Error
		}
		if err == nil && !k.Gone {
			err = tx.Exec("DELETE FROM kept WHERE id IN (SELECT id FROM kept WHERE agent = ? AND owner = ? ORDER BY id DESC LIMIT -1 OFFSET ?)", k.Agent, owner, most).Error
		}
		if err != nil {
			return fmt.Errorf("keep a value: %w", err)
		}
	}
	return nil
}

// KeptOf lists what an agent's tools keep of a customer, by name.
func (s *Store) KeptOf(ctx context.Context, agent, session string) ([]Kept, error) {
	var rows []Kept
	err := s.read(ctx).Where("agent = ? AND session_id = ? AND (expires_at = 0 OR expires_at > ?)", agent, session, s.millis()).Order("name").Find(&rows).Error
	return rows, translate(err)
}

// ForgetKept removes one value that a customer's turn has stored.
func (s *Store) ForgetKept(agent, session, name string) error {
	return s.writer.do(func(tx *gorm.DB) error {
		return tx.Exec("DELETE FROM kept WHERE agent = ? AND session_id = ? AND name = ?", agent, session, name).Error
	})
}

// moveKept carries values along with memory, see moveMemory. Of a name that both
// sessions hold the new session's value stays.
func moveKept(tx *gorm.DB, from, to string) error {
	err := tx.Exec("DELETE FROM kept WHERE owner = ? AND EXISTS (SELECT 1 FROM kept k WHERE k.agent = kept.agent AND k.owner = ? AND k.name = kept.name)", from, to).Error
	if err == nil {
		err = tx.Exec("UPDATE kept SET owner = ? WHERE owner = ?", to, from).Error
	}
	if err == nil {
		err = tx.Exec("UPDATE kept SET session_id = ? WHERE session_id = ?", to, from).Error
	}
	if err != nil {
		return fmt.Errorf("move kept values: %w", err)
	}
	return nil
}

// SaveKept keeps values by themselves, without a turn of any conversation: the
// JSON API's run, and trying an agent out.
func (s *Store) SaveKept(session string, changes []KeptChange) error {
	if len(changes) == 0 {
		return nil
	}
	return s.writer.do(func(tx *gorm.DB) error { return keep(tx, session, changes) })
}
