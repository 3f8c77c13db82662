package store

import (
	"gorm.io/gorm"
)

// ForgetTurn deletes the entries of the turn that one entry belongs to, or that
// entry alone where it belongs to none (what was said while a person answered).
func (s *Store) ForgetTurn(agent, session string, seq int64) (gone int64, err error) {
	err = s.writer.do(func(tx *gorm.DB) error {
		r := tx.Exec(`DELETE FROM memory WHERE agent = @agent AND session_id = @session AND (seq = @seq OR
			(turn_id <> '' AND turn_id = (SELECT turn_id FROM memory m WHERE m.agent = @agent AND m.session_id = @session AND m.seq = @seq)))`,
			map[string]any{"agent": agent, "session": session, "seq": seq})
		gone = r.RowsAffected
		return r.Error
	})
	return gone, err
}
