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
	Noted          string // JSON: what tools noted for people, a list of {tool, arguments}; "" = nothing
	Data           string // JSON: an object by the agent's output_schema; "" = none
	Trace          string // JSON: steps, verdicts, usage, prompt as sent
	ReceivedAt     Millis // of its first message
	StartedAt      Millis
	EndedAt        Millis
	// Usage is written with the turn; it is not read back: see TurnUsage.
	Usage []Usage `gorm:"-" json:"-"`
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
	HandOver    string // the agent calls for a person and is silent from here on: why; "" = not
	Kept        []KeptChange
}

// CommitTurn writes all of it or nothing: memory, transcript, replies due, and
// the inbox rows done with their raw text wiped. ErrConflict: the rows were
// finished by somebody else or the conversation was merged into another; the
// turn must not be sent. ErrTaken: a person has taken over since it began; the
// rows are to be recorded instead.
func (s *Store) CommitTurn(c TurnCommit) error {
	return s.writer.do(func(tx *gorm.DB) error {
		taken, err := takenSince(tx, c.Turn.ConversationID, c.Turn.StartedAt, s.millis())
		if err != nil {
			return err
		}
		if taken {
			return ErrTaken
		}
		if err := closeInbox(tx, c.InboxIDs, c.Turn.ID); err != nil {
			return err
		}
		session, err := touchConversation(tx, c)
		if err != nil {
			return err
		}
		if err := tx.Create(&c.Turn).Error; err != nil {
			return fmt.Errorf("insert turn: %w", err)
		}
		if err := insertUsage(tx, c.Turn, c.Turn.Usage); err != nil {
			return err
		}
		if err := appendMemory(tx, inSession(session, c.Memory)); err != nil {
			return fmt.Errorf("append memory: %w", err)
		}
		if err := keep(tx, session, c.Kept); err != nil {
			return err
		}
		if err := insertMessages(tx, c.Messages); err != nil {
			return fmt.Errorf("insert messages: %w", err)
		}
		if err := insertOutbox(tx, c.Outbox); err != nil {
			return fmt.Errorf("insert outbox rows: %w", err)
		}
		if err := insertHits(tx, c.Hits); err != nil {
			return fmt.Errorf("insert guardrail hits: %w", err)
		}
		if c.HandOver != "" {
			return handOver(tx, c)
		}
		if c.NeedsPerson != "" {
			return needPerson(tx, c.Turn.ConversationID, c.NeedsPerson, c.Turn.EndedAt).Error
		}
		return nil
	})
}

// insertHits does not let gorm write the new ids into the caller's rows: with
// them a commit that is tried again would claim ids that others have by then.
func insertHits(tx *gorm.DB, hits []GuardrailHit) error {
	for _, h := range hits {
		err := tx.Exec("INSERT INTO guardrail (turn_id, conversation_id, agent, direction, rule, entity, action, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			h.TurnID, h.ConversationID, h.Agent, h.Direction, h.Rule, h.Entity, h.Action, h.At).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// touchConversation gives the name that memory has for the conversation now.
func touchConversation(tx *gorm.DB, c TurnCommit) (session string, err error) {
	set, args := "agent = ?", []any{c.Turn.Agent}
	if len(c.Outbox) > 0 {
		set, args = set+", last_outbound_at = ?", append(args, c.Turn.EndedAt)
	}
	if c.Notice {
		set, args = set+", notice_at = ?", append(args, c.Turn.EndedAt)
	}
	r := tx.Raw("UPDATE conversation SET "+set+" WHERE id = ? RETURNING session_id", append(args, c.Turn.ConversationID)...).Scan(&session)
	if r.Error != nil {
		return "", fmt.Errorf("update conversation: %w", r.Error)
	}
	if r.RowsAffected == 0 {
		return "", fmt.Errorf("update conversation: %w", ErrConflict)
	}
	return session, nil
}

// Turn gives one by its id, or ErrNotFound.
func (s *Store) Turn(ctx context.Context, id string) (Turn, error) {
	var t Turn
	err := s.read(ctx).Take(&t, "id = ?", id).Error
	return t, translate(err)
}

// TurnSent is when the last reply of a turn was accepted; 0 = not yet.
func (s *Store) TurnSent(ctx context.Context, t Turn) (at Millis, err error) {
	err = s.read(ctx).Raw("SELECT coalesce(max(sent_at), 0) FROM outbox WHERE conversation_id = ? AND turn_id = ?", t.ConversationID, t.ID).Scan(&at).Error
	return at, translate(err)
}

// SaveTurn keeps a turn that belongs to no conversation: the JSON API's run.
func (s *Store) SaveTurn(t Turn, memory []MemoryEntry) error {
	return s.writer.do(func(tx *gorm.DB) error {
		if err := tx.Create(&t).Error; err != nil {
			return fmt.Errorf("insert turn: %w", err)
		}
		if err := insertUsage(tx, t, t.Usage); err != nil {
			return err
		}
		return appendMemory(tx, memory)
	})
}
