package store

import (
	"fmt"

	"gorm.io/gorm"
)

// Report is one delivery report of the channel.
type Report struct {
	MessageID string
	OutboxID  string // empty where the message was not sent by us, or by an older program
	Delivery  string
	Rank      int // channel.Delivery's rank: a report never lowers what is known
	At        Millis
	ErrorCode int
	Error     string // one sentence for the owner
	Pricing   string // JSON, as the channel said it
	// Again: the channel dropped the message for a passing reason and it may be
	// sent once more.
	Again bool
}

const insertReport = `INSERT INTO delivery (message_id, outbox_id, delivery, error_code, error, at)
	VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (message_id, delivery) DO NOTHING`

// applyReport moves the row that a report speaks of: by our own id where the
// report carries it, since it may come before the answer to the send. A report
// that names a row proves that it was accepted: sending and unsure become sent.
func applyReport(tx *gorm.DB, r Report, now Millis) error {
	ins := tx.Exec(insertReport, r.MessageID, r.OutboxID, r.Delivery, r.ErrorCode, r.Error, r.At)
	if ins.Error != nil {
		return fmt.Errorf("insert delivery report: %w", ins.Error)
	}
	if ins.RowsAffected == 0 || r.Rank == 0 {
		return nil // heard before, or a word this program does not know
	}
	where, key := "id = ?", r.OutboxID
	if key == "" {
		where, key = "message_id = ? AND message_id <> ''", r.MessageID // the index leaves empty ones out
	}
	if err := moveDelivery(tx, r, where, key, now); err != nil {
		return err
	}
	if r.ErrorCode != 0 || r.Error != "" {
		return failDelivery(tx, r, where, key, now)
	}
	return nil
}

// deliveredRank is channel.DeliveryDelivered's: from there on a message arrived,
// whatever was said before.
const deliveredRank = 3

// moveDelivery never goes back. A late "sent" about a message that failed since
// says nothing about the row, which may be due again as another message.
func moveDelivery(tx *gorm.DB, r Report, where, key string, now Millis) error {
	err := tx.Exec(`UPDATE outbox SET delivery = ?, delivery_rank = ?, delivery_at = ?,
			message_id = CASE message_id WHEN '' THEN ? ELSE message_id END,
			state = 'sent', sent_at = CASE sent_at WHEN 0 THEN ? ELSE sent_at END,
			error_code = 0, error = '',
			pricing = CASE ? WHEN '' THEN pricing ELSE ? END
		WHERE delivery_rank < ? AND (? OR NOT EXISTS (SELECT 1 FROM delivery d WHERE d.message_id = ? AND d.delivery = 'failed')) AND `+where,
		r.Delivery, r.Rank, r.At, r.MessageID, now, r.Pricing, r.Pricing, r.Rank,
		r.Rank >= deliveredRank || r.Error != "", r.MessageID, key).Error
	if err != nil {
		return fmt.Errorf("move delivery: %w", err)
	}
	return nil
}

// failDelivery records why the channel gave a message up after accepting it, and
// asks for a person; or puts it back, a bounded number of times, where the
// reason passes.
func failDelivery(tx *gorm.DB, r Report, where, key string, now Millis) error {
	if r.Again {
		again := tx.Exec(`UPDATE outbox SET state = 'due', delivery = '', delivery_rank = 0, message_id = '', sent_at = 0, attempts = attempts + 1,
			due_at = ? + 1000 * (4 << (2 * attempts)), error_code = ?, error = ?
			WHERE delivery = 'failed' AND attempts < 4 AND `+where, now, r.ErrorCode, r.Error, key)
		if again.Error != nil {
			return again.Error
		}
		if again.RowsAffected > 0 {
			return withdrawBack(tx, where, key, now)
		}
	}
	err := tx.Exec("UPDATE outbox SET state = 'failed', error_code = ?, error = ? WHERE delivery = 'failed' AND "+where, r.ErrorCode, r.Error, key).Error
	if err != nil {
		return fmt.Errorf("fail delivery: %w", err)
	}
	return tx.Exec(`UPDATE conversation SET needs_person = ?, needs_person_at = ? WHERE needs_person = '' AND id IN
		(SELECT conversation_id FROM outbox WHERE state = 'failed' AND `+where+")", "A reply was not delivered: "+r.Error, now, key).Error
}

// adoptReports applies reports that came before the row's message id was known
// and did not carry our own id.
func adoptReports(tx *gorm.DB, seq int64, messageID string, now Millis) error {
	row := map[string]any{"message": messageID, "seq": seq}
	err := tx.Exec(`UPDATE outbox SET (delivery, delivery_rank, delivery_at) = (
			SELECT d.delivery, CASE d.delivery WHEN 'sent' THEN 1 WHEN 'failed' THEN 2 WHEN 'delivered' THEN 3 WHEN 'read' THEN 4 WHEN 'played' THEN 5 ELSE 0 END AS rank, d.at
			FROM delivery d WHERE d.message_id = @message ORDER BY rank DESC LIMIT 1)
		WHERE seq = @seq AND delivery_rank = 0 AND EXISTS (SELECT 1 FROM delivery d WHERE d.message_id = @message)`,
		row).Error
	if err != nil {
		return fmt.Errorf("adopt reports: %w", err)
	}
	failed := tx.Exec(`UPDATE outbox SET state = 'failed', (error_code, error) = (
			SELECT d.error_code, d.error FROM delivery d WHERE d.message_id = @message AND d.delivery = 'failed')
		WHERE seq = @seq AND state = 'sent' AND delivery = 'failed'`, row)
	if failed.Error != nil || failed.RowsAffected == 0 {
		return failed.Error
	}
	return askAboutFailed(tx, seq, now)
}
