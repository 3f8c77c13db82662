package store

import (
	"context"
	"math"

	"gorm.io/gorm"
)

// Authors of a line of the transcript.
const (
	AuthorCustomer = "customer"
	AuthorAgent    = "agent"
	AuthorPerson   = "person"
	AuthorSystem   = "system"
)

// Message is one line of a transcript, as the guardrails let it through.
type Message struct {
	ID             int64 `gorm:"primaryKey"`
	ConversationID int64
	TurnID         string
	Author         string
	Kind           string
	Text           string
	MessageID      string // the channel's id of an inbound message
	OutboxID       string // set on lines that were sent
	At             Millis
}

// TableName is the table of the type.
func (Message) TableName() string { return "message" }

// Line is a message together with what became of it on its way out.
type Line struct {
	Message
	State      string // outbox state, "" for inbound lines
	Delivery   string
	DeliveryAt Millis
	SentAt     Millis
	ErrorCode  int
	Error      string
}

// Transcript gives a conversation's last lines, at most limit, oldest first.
// before is the message id to go back from; 0 starts at the newest.
func (s *Store) Transcript(ctx context.Context, conversation, before int64, limit int) ([]Line, error) {
	if before == 0 {
		before = math.MaxInt64 // one condition, which the index can begin at
	}
	var list []Line
	err := s.read(ctx).Raw(`SELECT * FROM (
		SELECT m.*, coalesce(o.state, '') AS state, coalesce(o.delivery, '') AS delivery, coalesce(o.delivery_at, 0) AS delivery_at,
			coalesce(o.sent_at, 0) AS sent_at, coalesce(o.error_code, 0) AS error_code, coalesce(o.error, '') AS error
		FROM message m LEFT JOIN outbox o ON o.id = m.outbox_id AND m.outbox_id <> ''
		WHERE m.conversation_id = @conversation AND m.id < @before
		ORDER BY m.id DESC LIMIT @limit) ORDER BY id`,
		map[string]any{"conversation": conversation, "before": before, "limit": limit}).Scan(&list).Error
	return list, translate(err)
}

// Pending gives what came and is not in the transcript yet: its turn runs, or
// waits. The payloads are raw: what of them may be shown is the caller's to see.
func (s *Store) Pending(ctx context.Context, conversation int64) ([]Inbox, error) {
	var list []Inbox
	// The plus keeps SQLite from walking through every row in the order of the ids.
	err := s.read(ctx).Raw("SELECT * FROM inbox WHERE conversation_id = ? AND "+openInbox+" ORDER BY +id LIMIT 50", conversation).Scan(&list).Error
	return list, translate(err)
}

// Hits gives the guardrails' findings of some turns.
func (s *Store) Hits(ctx context.Context, turns []string) ([]GuardrailHit, error) {
	var list []GuardrailHit
	err := s.read(ctx).Where("turn_id IN ?", turns).Order("id").Find(&list).Error
	return list, translate(err)
}

// Noted gives what tools noted for people in some turns: JSON by the turn's id.
func (s *Store) Noted(ctx context.Context, turns []string) (map[string]string, error) {
	var list []Turn
	err := s.read(ctx).Select("id", "noted").Where("id IN ? AND noted <> ''", turns).Find(&list).Error
	noted := map[string]string{}
	for _, t := range list {
		noted[t.ID] = t.Noted
	}
	return noted, translate(err)
}

func insertMessages(tx *gorm.DB, lines []Message) error {
	for _, m := range lines {
		err := tx.Exec("INSERT INTO message (conversation_id, turn_id, author, kind, text, message_id, outbox_id, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			m.ConversationID, m.TurnID, m.Author, m.Kind, m.Text, m.MessageID, m.OutboxID, m.At).Error
		if err != nil {
			return err
		}
	}
	return nil
}
