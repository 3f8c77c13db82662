package store

import "gorm.io/gorm"

// ForgetTurn deletes the entries of the turn that one entry belongs to, or that
// entry alone where it belongs to none (what was said while a person answered).
// A summary whose writer has read them goes too: it is written anew from the
// turns that are left.
func (s *Store) ForgetTurn(agent, session string, seq int64) (gone int64, err error) {
	const those = `FROM memory WHERE agent = @agent AND session_id = @session AND (seq = @seq OR
		(turn_id <> '' AND turn_id = (SELECT turn_id FROM memory m WHERE m.agent = @agent AND m.session_id = @session AND m.seq = @seq)))`
	named := map[string]any{"agent": agent, "session": session, "seq": seq}
	err = s.writer.do(func(tx *gorm.DB) error {
		var read bool
		err := tx.Raw(`SELECT EXISTS (SELECT 1 FROM memory_window w WHERE w.agent = @agent AND w.session_id = @session
			AND w.seen > (SELECT min(seq) `+those+`))`, named).Scan(&read).Error
		if err != nil {
			return err
		}
		r := tx.Exec("DELETE "+those, named)
		if gone = r.RowsAffected; r.Error != nil || !read {
			return r.Error
		}
		return s.dropSummary(tx, agent, session)
	})
	return gone, err
}
