package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// Turn is one answered burst, with its trace.
type Turn struct {
	ID             string `gorm:"primaryKey"`
	ConversationID int64
	Agent          string
	AgentVersion   int
	Outcome        string
	Reason         string // for the owner, when it did not go well
	Model          string // the candidate that answered
	TokensIn       int
	TokensOut      int
	Trace          string // JSON: steps, verdicts, usage, prompt as sent
	ReceivedAt     Millis // of its first message
	StartedAt      Millis
	EndedAt        Millis
}

// TableName is the table of the type.
func (Turn) TableName() string { return "turn" }

// GuardrailHit is one finding of a guardrail; where, never what.
type GuardrailHit struct {
	ID             int64 `gorm:"primaryKey"`
	TurnID         string
	ConversationID int64
	Agent          string
	Direction      string
	Rule           string
	Entity         string
	Action         string
	At             Millis
}

// TableName is the table of the type.
func (GuardrailHit) TableName() string { return "guardrail" }

// TurnCommit is everything a finished turn leaves behind.
type TurnCommit struct {
	Turn        Turn
	InboxIDs    []int64
	Memory      []MemoryEntry
	Messages    []Message
	Outbox      []Outbox
	Hits        []GuardrailHit
	NeedsPerson string // why a person is needed; "" = not
	Notice      bool   // the "unsupported" text goes out
}

// CommitTurn writes all of it or nothing: memory, transcript, replies due, and
// the inbox rows done with their raw text wiped. ErrConflict: the rows were
// finished by somebody else or the conversation was merged into another; the
// turn must not be sent.
func (s *Store) CommitTurn(c TurnCommit) error {
	return s.writer.do(func(tx *gorm.DB) error {
		if err := closeInbox(tx, c.InboxIDs, c.Turn.ID); err != nil {
			return err
		}
		if err := touchConversation(tx, c); err != nil {
			return err
		}
		if err := tx.Create(&c.Turn).Error; err != nil {
			return fmt.Errorf("insert turn: %w", err)
		}
		if err := appendMemory(tx, c.Memory); err != nil {
			return fmt.Errorf("append memory: %w", err)
		}
		if err := insertMessages(tx, c.Messages); err != nil {
			return fmt.Errorf("insert messages: %w", err)
		}
		if err := insertOutbox(tx, c.Outbox); err != nil {
			return fmt.Errorf("insert outbox rows: %w", err)
		}
		if len(c.Hits) > 0 {
			if err := tx.Create(&c.Hits).Error; err != nil {
				return fmt.Errorf("insert guardrail hits: %w", err)
			}
		}
		if c.NeedsPerson != "" {
			return needPerson(tx, c.Turn.ConversationID, c.NeedsPerson, c.Turn.EndedAt).Error
		}
		return nil
	})
}

func touchConversation(tx *gorm.DB, c TurnCommit) error {
	set, args := "agent = ?", []any{c.Turn.Agent}
	if len(c.Outbox) > 0 {
		set, args = set+", last_outbound_at = ?", append(args, c.Turn.EndedAt)
	}
	if c.Notice {
		set, args = set+", notice_at = ?", append(args, c.Turn.EndedAt)
	}
	r := tx.Exec("UPDATE conversation SET "+set+" WHERE id = ?", append(args, c.Turn.ConversationID)...)
	if r.Error != nil {
		return fmt.Errorf("update conversation: %w", r.Error)
	}
	if r.RowsAffected == 0 {
		return fmt.Errorf("update conversation: %w", ErrConflict)
	}
	return nil
}

// Turn gives one by its id, or ErrNotFound.
func (s *Store) Turn(ctx context.Context, id string) (Turn, error) {
	var t Turn
	err := s.read(ctx).Take(&t, "id = ?", id).Error
	return t, translate(err)
}

// SaveTurn keeps a turn that belongs to no conversation: the JSON API's run.
func (s *Store) SaveTurn(t Turn, memory []MemoryEntry) error {
	return s.writer.do(func(tx *gorm.DB) error {
		if err := tx.Create(&t).Error; err != nil {
			return fmt.Errorf("insert turn: %w", err)
		}
		return appendMemory(tx, memory)
	})
}
