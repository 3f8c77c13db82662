package store

import "gorm.io/gorm"

// ForgetTurn deletes the entries of the turn that one entry belongs to, or that
// entry alone where it belongs to none (what was said while a person answered).
// A summary whose writer has read them goes too: it is written anew from the
// turns that are left. Numbers of deleted turns at the end are given again, so the
// window may not begin behind them: what is said next would not be in it.
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
		if gone = r.RowsAffected; r.Error != nil {
			return r.Error
		}
		if read {
			if err := s.dropSummary(tx, agent, session); err != nil {
				return err
			}
		}
		if err := dropWindows(tx, agent, []string{session}); err != nil {
			return err
		}
		return tx.Exec(`UPDATE memory_window SET first = @next, at = max(at + 1, @now)
			WHERE agent = @agent AND session_id = @session AND first > @next`,
			map[string]any{"agent": agent, "session": session, "now": s.millis(), "next": gorm.Expr(
				"(SELECT coalesce(max(seq) + 1, 0) FROM memory WHERE agent = ? AND session_id = ?)", agent, session)}).Error
	})
	return gone, err
}
