package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"
)

// States of an outbox row.
const (
	OutboxDue     = "due"     // to be sent, at DueAt or later
	OutboxSending = "sending" // handed to the channel, answer not known yet
	OutboxUnsure  = "unsure"  // the channel may have accepted it: wait for a status
	OutboxSent    = "sent"    // accepted
	OutboxFailed  = "failed"  // refused for good
	// OutboxWithdrawn: the agent had written it, and a person took over before it
	// was sent.
	OutboxWithdrawn = "withdrawn"
)

// openOutbox is the condition of the indexes that hold open rows only, as
// openInbox is: statements repeat it to the letter.
const openOutbox = "state IN ('due','sending','unsure')"

// Outbox is one message on its way to a customer.
type Outbox struct {
	Seq            int64  `gorm:"primaryKey;autoIncrement"` // order of sending within a conversation
	ID             string // comes back with every status
	ConversationID int64
	TurnID         string
	Text           string
	State          string
	DueAt          Millis
	Attempts       int // sends that the channel answered with an error, or not at all
	SendingAt      Millis
	SentAt         Millis
	MessageID      string
	Delivery       string
	DeliveryRank   int
	DeliveryAt     Millis
	ErrorCode      int
	Error          string
	Pricing        string
	CreatedAt      Millis `gorm:"autoCreateTime:false"`
}

// TableName is the table of the type.
func (Outbox) TableName() string { return "outbox" }

// Due is a claimed row and where it goes.
type Due struct {
	Outbox
	Account       string
	Phone         string
	UserID        string
	LastInboundAt Millis
	TakenAt       Millis // when a person last took the conversation over
}

// void says whether a person has taken over since the agent wrote the row: it
// was with the channel at that moment, was not accepted, and is due again.
func (d Due) void() bool { return d.TurnID != "" && d.CreatedAt < d.TakenAt }

func insertOutbox(tx *gorm.DB, rows []Outbox) error {
	for _, o := range rows {
		err := tx.Exec("INSERT INTO outbox (id, conversation_id, turn_id, text, state, due_at, created_at) VALUES (?, ?, ?, ?, 'due', ?, ?)",
			o.ID, o.ConversationID, o.TurnID, o.Text, o.DueAt, o.CreatedAt).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// A row may go out when nothing older of its conversation is still on its way:
// a customer reads replies in their order, also when one is tried again.
const claimOutbox = `SELECT o.*, c.account, coalesce(k.phone, '') AS phone, coalesce(k.user_id, '') AS user_id, c.last_inbound_at, c.taken_at
	FROM outbox o JOIN conversation c ON c.id = o.conversation_id JOIN contact k ON k.id = c.contact_id
	WHERE o.state = 'due' AND o.` + openOutbox + ` AND o.due_at <= @now AND NOT EXISTS (
		SELECT 1 FROM outbox p WHERE p.conversation_id = o.conversation_id AND p.seq < o.seq AND p.` + openOutbox + `)
	ORDER BY o.due_at, o.seq LIMIT @limit`

// ClaimOutbox takes rows that may be sent now, at most one a conversation, and
// marks them as sending, on disk before the first byte goes out.
func (s *Store) ClaimOutbox(limit int) (rows []Due, err error) {
	now := s.millis()
	err = s.writer.do(func(tx *gorm.DB) error {
		var found []Due
		rows = nil
		if err := tx.Raw(claimOutbox, map[string]any{"now": now, "limit": limit}).Scan(&found).Error; err != nil {
			return err
		}
		var ids []int64
		for _, r := range found {
			if r.void() {
				if err := tx.Exec("UPDATE outbox SET state = 'withdrawn' WHERE seq = ?", r.Seq).Error; err != nil {
					return err
				}
				continue
			}
			rows, ids = append(rows, r), append(ids, r.Seq)
		}
		if len(rows) == 0 {
			return nil
		}
		return tx.Exec("UPDATE outbox SET state = 'sending', sending_at = ? WHERE seq IN ?", now, ids).Error
	})
	return rows, err
}

// NextDue says when the next due row may be sent, and since when the oldest
// unsure row waits; the zero time where there is none.
func (s *Store) NextDue(ctx context.Context) (due, unsure time.Time, err error) {
	var row struct{ Due, Unsure Millis }
	err = s.read(ctx).Raw(`SELECT
		coalesce((SELECT min(due_at) FROM outbox WHERE state = 'due' AND ` + openOutbox + `), 0) AS due,
		coalesce((SELECT min(sending_at) FROM outbox WHERE state = 'unsure' AND ` + openOutbox + `), 0) AS unsure`).Scan(&row).Error
	return row.Due.Time(), row.Unsure.Time(), translate(err)
}

// MarkSent records that the channel accepted a row. Reports may have come before
// the answer: what they said stays, also that the message failed and is due again.
func (s *Store) MarkSent(seq int64, messageID string) error {
	return s.writer.do(func(tx *gorm.DB) error {
		r := tx.Exec(`UPDATE outbox SET message_id = @message,
				error = CASE state WHEN 'failed' THEN error ELSE '' END,
				error_code = CASE state WHEN 'failed' THEN error_code ELSE 0 END,
				sent_at = CASE sent_at WHEN 0 THEN @now ELSE sent_at END,
				state = CASE state WHEN 'failed' THEN 'failed' ELSE 'sent' END
			WHERE seq = @seq AND state <> 'due'`, map[string]any{"message": messageID, "now": s.millis(), "seq": seq})
		if r.Error != nil || r.RowsAffected == 0 {
			return r.Error
		}
		return adoptReports(tx, seq, messageID, s.millis())
	})
}

// Failure is why a row was not sent.
type Failure struct {
	Code   int
	Reason string // one sentence for the owner
}

// MarkDue puts a row back, to be sent at a moment. counted says whether this
// was an attempt: an interrupted one, or one during a pause, is not.
func (s *Store) MarkDue(seq int64, at time.Time, counted bool, why Failure) error {
	return s.writer.do(func(tx *gorm.DB) error {
		err := tx.Exec("UPDATE outbox SET state = 'due', due_at = ?, attempts = attempts + ?, error_code = ?, error = ? WHERE seq = ? AND state IN ('sending', 'unsure')",
			At(at), counted, why.Code, why.Reason, seq).Error
		if err != nil {
			return err
		}
		return withdrawBack(tx, "seq = ?", seq, s.millis())
	})
}

// MarkUnsure records that nobody knows whether the channel took the row.
func (s *Store) MarkUnsure(seq int64, why Failure) error {
	return s.writer.do(func(tx *gorm.DB) error {
		return tx.Exec("UPDATE outbox SET state = 'unsure', sending_at = ?, attempts = attempts + 1, error_code = ?, error = ? WHERE seq = ? AND state = 'sending'",
			s.millis(), why.Code, why.Reason, seq).Error
	})
}

// MarkFailed gives a row up and asks for a person.
func (s *Store) MarkFailed(seq int64, why Failure) error {
	return s.writer.do(func(tx *gorm.DB) error {
		r := tx.Exec("UPDATE outbox SET state = 'failed', attempts = attempts + 1, error_code = ?, error = ? WHERE seq = ? AND state <> 'sent'", why.Code, why.Reason, seq)
		if r.Error != nil || r.RowsAffected == 0 {
			return r.Error
		}
		return askAboutFailed(tx, seq, s.millis())
	})
}

// askAboutFailed asks for a person because a row was given up.
func askAboutFailed(tx *gorm.DB, seq int64, now Millis) error {
	return tx.Exec(`UPDATE conversation SET needs_person = 'A reply was not delivered: ' || o.error, needs_person_at = ?
		FROM outbox o WHERE o.seq = ? AND conversation.id = o.conversation_id AND needs_person = ''`, now, seq).Error
}

// RecoverOutbox makes every row that a crash left in sending unsure, counting
// the wait from now: its status may come only now that we listen again.
func (s *Store) RecoverOutbox() (rows int64, err error) {
	err = s.writer.do(func(tx *gorm.DB) error {
		r := tx.Exec("UPDATE outbox SET state = 'unsure', sending_at = ? WHERE state = 'sending' AND "+openOutbox, s.millis())
		if r.Error != nil {
			return r.Error
		}
		rows = r.RowsAffected
		return tx.Exec("UPDATE outbox SET sending_at = ? WHERE state = 'unsure' AND "+openOutbox, s.millis()).Error
	})
	return rows, err
}

// SettleUnsure decides about unsure rows that no status has named since before:
// they were not accepted. With resend they are due again; otherwise a person is
// asked and they stay. It gives the rows it decided about.
func (s *Store) SettleUnsure(before time.Time, resend bool) (rows []Outbox, err error) {
	err = s.writer.do(func(tx *gorm.DB) error {
		rows = nil
		if err := tx.Raw("SELECT * FROM outbox WHERE state = 'unsure' AND "+openOutbox+" AND sending_at <= ?", At(before)).Scan(&rows).Error; err != nil {
			return err
		}
		for _, r := range rows {
			var err error
			if resend {
				err = tx.Exec("UPDATE outbox SET state = 'due', due_at = ? WHERE seq = ?", s.millis(), r.Seq).Error
				err = errors.Join(err, withdrawBack(tx, "seq = ?", r.Seq, s.millis()))
			} else {
				err = askAboutUnsure(tx, r, s.millis())
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return rows, err
}

// askAboutUnsure leaves the decision to a person. The row is failed, so that
// later replies are not held up for ever; a late status still makes it sent.
func askAboutUnsure(tx *gorm.DB, r Outbox, now Millis) error {
	const why = "It is not known whether this reply arrived: Meta did not answer. Look at the chat and send it again by hand if it is missing."
	if err := tx.Exec("UPDATE outbox SET state = 'failed', error = ? WHERE seq = ?", why, r.Seq).Error; err != nil {
		return err
	}
	return needPerson(tx, r.ConversationID, why, now).Error
}

// SentSince gives when each row was accepted since a moment, oldest first: the
// rate limit's window after a restart. What may have been accepted counts too:
// Meta's limit does not ask whether we know.
func (s *Store) SentSince(ctx context.Context, since time.Time) ([]time.Time, error) {
	var at, unsure []Millis
	err := errors.Join(
		s.read(ctx).Raw("SELECT sent_at FROM outbox WHERE sent_at > ? AND sent_at > 0 ORDER BY sent_at", At(since)).Scan(&at).Error,
		s.read(ctx).Raw("SELECT sending_at FROM outbox WHERE state = 'unsure' AND "+openOutbox).Scan(&unsure).Error)
	for _, m := range unsure {
		if m > At(since) {
			at = append(at, m)
		}
	}
	slices.Sort(at)
	times := make([]time.Time, len(at))
	for i, m := range at {
		times[i] = m.Time()
	}
	return times, translate(err)
}

// OutboxWaiting counts rows that are on their way.
func (s *Store) OutboxWaiting(ctx context.Context) (count int64, err error) {
	err = s.read(ctx).Raw("SELECT count(*) FROM outbox WHERE " + openOutbox).Scan(&count).Error
	return count, translate(err)
}

// AnyAnswerSent says whether the channel has ever taken a reply.
func (s *Store) AnyAnswerSent(ctx context.Context) (yes bool, err error) {
	err = s.read(ctx).Raw("SELECT EXISTS (SELECT 1 FROM outbox WHERE sent_at > 0)").Scan(&yes).Error
	return yes, translate(err)
}
