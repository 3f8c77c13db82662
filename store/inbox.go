package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// States of an inbox row.
const (
	InboxNew     = "new"     // on disk, nobody works on it
	InboxClaimed = "claimed" // handed to its conversation
	InboxDone    = "done"    // its turn is committed, or it was only to be recorded
)

// openInbox is the condition of the index that holds open rows only. SQLite takes
// such an index only where a statement repeats its condition to the letter;
// without it a claim walks through every row that was ever answered.
const openInbox = "state <> 'done'"

// Inbox is one inbound event, from the webhook to its turn.
type Inbox struct {
	ID             int64 `gorm:"primaryKey"`
	MessageID      string
	ConversationID int64
	Kind           string
	Treatment      string
	State          string
	Payload        []byte // the event as received; nil once the turn is done
	TurnID         string
	At             Millis // the channel's time
	ReceivedAt     Millis

	Account string   `gorm:"-"`
	Who     Identity `gorm:"-"`
}

// TableName is the table of the type.
func (Inbox) TableName() string { return "inbox" }

const insertInbox = `INSERT INTO inbox (message_id, kind, treatment, state, payload, at, received_at)
	VALUES (?, ?, ?, 'new', ?, ?, ?) ON CONFLICT (message_id) DO NOTHING`

// Accept puts one webhook's events and delivery reports on disk in one durable
// commit, and says how many events were new: a message id is taken once. The
// commit is shared with the requests that arrive at the same time.
func (s *Store) Accept(events []Inbox, reports []Report) (fresh int, err error) {
	now := s.millis()
	err = s.writer.do(func(tx *gorm.DB) error {
		fresh = 0
		for _, e := range events {
			erased, err := s.wasErased(tx, e.MessageID)
			if err != nil {
				return err
			}
			if erased {
				continue
			}
			n, err := insertRow(tx, e, now)
			if err != nil {
				return fmt.Errorf("insert inbox row: %w", err)
			}
			fresh += n
		}
		for _, r := range reports {
			erased, err := s.wasErased(tx, r.MessageID, r.OutboxID)
			if err != nil {
				return err
			}
			if erased {
				continue
			}
			if err := applyReport(tx, r, now); err != nil {
				return err
			}
		}
		return nil
	})
	s.events.ring()
	return fresh, err
}

// insertRow goes through the transaction's own handle: gorm's building of the
// statement took a tenth of the time in which a message is accepted.
func insertRow(tx *gorm.DB, e Inbox, now Millis) (fresh int, err error) {
	r, err := tx.Statement.ConnPool.ExecContext(context.Background(), insertInbox, e.MessageID, e.Kind, e.Treatment, e.Payload, int64(e.At), int64(now))
	if err != nil {
		return 0, err
	}
	n, err := r.RowsAffected()
	return int(n), err
}

// Claimed is an inbox row together with the conversation it belongs to.
type Claimed struct {
	Inbox
	Conversation Conversation
}

// ClaimInbox takes the oldest new rows for the dispatcher, in the order of their
// arrival, and finds each one's conversation. sender reads the payload, which is
// the channel's business. A row that sender cannot read is closed and returned
// in broken, so that it holds nobody up.
func (s *Store) ClaimInbox(limit int, sender func(payload []byte) (account string, who Identity, err error)) (rows []Claimed, broken []Inbox, err error) {
	err = s.writer.do(func(tx *gorm.DB) error {
		rows, broken = nil, nil
		var fresh []Inbox
		if err := tx.Raw("SELECT * FROM inbox WHERE state = 'new' AND "+openInbox+" ORDER BY id LIMIT ?", limit).Scan(&fresh).Error; err != nil {
			return err
		}
		for _, row := range fresh {
			account, who, err := sender(row.Payload)
			if err != nil {
				broken = append(broken, row)
				if err := closeInbox(tx, []int64{row.ID}, ""); err != nil {
					return err
				}
				continue
			}
			c, err := claim(tx, row, account, who, s.millis())
			if err != nil {
				return err
			}
			rows = append(rows, c)
		}
		return nil
	})
	return rows, broken, err
}

func claim(tx *gorm.DB, row Inbox, account string, who Identity, now Millis) (Claimed, error) {
	contact, err := resolveContact(tx, who, now)
	if err != nil {
		return Claimed{}, err
	}
	conv, err := resolveConversation(tx, account, contact, now)
	if err != nil {
		return Claimed{}, err
	}
	again := row.ConversationID != 0 // it was given back, and is counted already
	row.ConversationID, row.State = conv.ID, InboxClaimed
	if err := tx.Exec("UPDATE inbox SET state = 'claimed', conversation_id = ? WHERE id = ?", conv.ID, row.ID).Error; err != nil {
		return Claimed{}, err
	}
	// Only what the customer did opens the 24-hour window: the owner's own
	// messages from the phone do not.
	if row.Kind == "echo" {
		err = takenByPhone(tx, &conv, row.At, now)
	} else {
		conv.LastInboundAt = max(conv.LastInboundAt, row.At)
		if !again {
			conv.InboundCount++
		}
		err = tx.Exec("UPDATE conversation SET last_inbound_at = ?, inbound_count = ? WHERE id = ?", conv.LastInboundAt, conv.InboundCount, conv.ID).Error
	}
	return Claimed{Inbox: row, Conversation: conv}, err
}

// Requeue gives claimed rows back: their turn did not come to its end.
func (s *Store) Requeue(ids []int64) error {
	return s.writer.do(func(tx *gorm.DB) error {
		return tx.Exec("UPDATE inbox SET state = 'new' WHERE id IN ? AND state = 'claimed'", ids).Error
	})
}

// RecoverInbox gives back every row that a crash left claimed. It is called
// once, before the dispatcher starts.
func (s *Store) RecoverInbox() (rows int64, err error) {
	err = s.writer.do(func(tx *gorm.DB) error {
		r := tx.Exec("UPDATE inbox SET state = 'new' WHERE state = 'claimed' AND " + openInbox)
		rows = r.RowsAffected
		return r.Error
	})
	return rows, err
}

// Record closes rows of one conversation that are kept and shown but not answered,
// with the lines that the transcript gets. ErrConflict: as CommitTurn.
func (s *Store) Record(ids []int64, lines []Message) error {
	return s.writer.do(func(tx *gorm.DB) error {
		if _, err := sessionOf(tx, lines); err != nil {
			return err
		}
		if err := closeInbox(tx, ids, ""); err != nil {
			return err
		}
		return insertMessages(tx, lines)
	})
}

// sessionOf gives the name that memory has now for the conversation that lines
// belong to; ErrConflict where it was merged into another one.
func sessionOf(tx *gorm.DB, lines []Message) (session string, err error) {
	if len(lines) == 0 {
		return "", nil
	}
	r := tx.Raw("SELECT session_id FROM conversation WHERE id = ?", lines[0].ConversationID).Scan(&session)
	if r.Error == nil && r.RowsAffected == 0 {
		return "", fmt.Errorf("find conversation: %w", ErrConflict)
	}
	return session, r.Error
}

// closeInbox wipes the raw payload and marks the rows done. Rows that are not
// open any more mean that somebody else finished them: ErrConflict.
func closeInbox(tx *gorm.DB, ids []int64, turnID string) error {
	r := tx.Exec("UPDATE inbox SET state = 'done', payload = NULL, turn_id = ? WHERE id IN ? AND state <> 'done'", turnID, ids)
	if r.Error != nil {
		return fmt.Errorf("close inbox rows: %w", r.Error)
	}
	if int(r.RowsAffected) != len(ids) {
		return fmt.Errorf("close inbox rows: %w", ErrConflict)
	}
	return nil
}

// InboxWaiting counts rows that are not done, and gives the oldest one's arrival.
func (s *Store) InboxWaiting(ctx context.Context) (count int64, oldest Millis, err error) {
	var row struct {
		Count  int64
		Oldest Millis
	}
	err = s.read(ctx).Raw("SELECT count(*) AS count, coalesce(min(received_at), 0) AS oldest FROM inbox WHERE " + openInbox).Scan(&row).Error
	return row.Count, row.Oldest, translate(err)
}
