package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
)

const (
	// UntilHandedBack is a takeover that only a person ends: the last second of
	// the year 9999.
	UntilHandedBack Millis = 253_402_300_799_000
	// PhoneTakeover is how long the agent is silent after the owner answered from
	// the phone's app, which has no button to hand back with.
	PhoneTakeover = 12 * time.Hour
	// TakenByPhone stands in TakenBy for the phone's app.
	TakenByPhone = "phone"
	// TakenByAgent stands in TakenBy where the agent itself called for a person; no
	// person is called so.
	TakenByAgent = "(agent)"
)

// Kinds of the transcript's lines about a takeover; the text is who did it.
const (
	KindTaken      = "taken"
	KindHandedBack = "handed_back"
	// KindCalled: the agent called for a person; the text is why.
	KindCalled = "called"
)

// ErrTaken says that a person has taken the conversation over since the turn
// began: its reply must not be sent.
var ErrTaken = errors.New("a person has taken the conversation over")

// Taken says whether a person answers in the agent's place at a moment.
func (c Conversation) Taken(now time.Time) bool { return c.TakenUntil > At(now) }

// TakeOver puts a person in the agent's place until a moment, and in the same
// step withdraws what the agent has written and WhatsApp has not been given.
// ErrNotFound if there is no such conversation.
func (s *Store) TakeOver(conversation int64, until Millis, by string) (withdrawn int64, err error) {
	err = s.writer.do(func(tx *gorm.DB) error {
		now := s.millis()
		var c Conversation
		if err := tx.Take(&c, "id = ?", conversation).Error; err != nil {
			return err
		}
		withdrawn, err = takeOver(tx, c, until, by, now)
		return err
	})
	return withdrawn, err
}

func takeOver(tx *gorm.DB, c Conversation, until Millis, by string, now Millis) (withdrawn int64, err error) {
	err = tx.Exec("UPDATE conversation SET taken_until = ?, taken_by = ?, taken_at = ? WHERE id = ?", until, by, now, c.ID).Error
	if err != nil {
		return 0, fmt.Errorf("take over: %w", err)
	}
	if c.TakenUntil <= now || c.TakenBy != by {
		if err := insertMessages(tx, []Message{{ConversationID: c.ID, Author: AuthorSystem, Kind: KindTaken, Text: by, At: now}}); err != nil {
			return 0, fmt.Errorf("take over: %w", err)
		}
	}
	r := tx.Exec("UPDATE outbox SET state = 'withdrawn' WHERE conversation_id = ? AND state = 'due' AND "+openOutbox+" AND turn_id <> ''", c.ID)
	return r.RowsAffected, r.Error
}

// handOver makes the agent silent from the end of its turn on, until a person
// hands back, as if that person had taken over; what the turn itself says still
// goes out. Why a person is needed says this reason, also where one was asked for
// before: it is the newest, and the customer was told.
func handOver(tx *gorm.DB, c TurnCommit) error {
	id, at := c.Turn.ConversationID, c.Turn.EndedAt
	err := tx.Exec("UPDATE conversation SET taken_until = ?, taken_by = ?, taken_at = ?, needs_person = ?, needs_person_at = ? WHERE id = ?",
		UntilHandedBack, TakenByAgent, at, c.NeedsPerson, at, id).Error
	if err == nil {
		err = insertMessages(tx, []Message{{ConversationID: id, TurnID: c.Turn.ID, Author: AuthorSystem, Kind: KindCalled, Text: c.HandOver, At: at}})
	}
	if err != nil {
		return fmt.Errorf("hand over: %w", err)
	}
	return nil
}

// takenByPhone is the takeover that an echo brings: the owner has answered from
// the phone's app. It counts from when that was, never shortens what a person
// chose in the dashboard, and settles the call for a person.
func takenByPhone(tx *gorm.DB, c *Conversation, echo, now Millis) error {
	err := tx.Exec("UPDATE conversation SET last_outbound_at = max(last_outbound_at, ?), needs_person = '', needs_person_at = 0 WHERE id = ?", echo, c.ID).Error
	if err != nil {
		return err
	}
	until, by := echo+Millis(PhoneTakeover.Milliseconds()), TakenByPhone
	if until <= now {
		return nil // it comes too late to mean anything for what is said now
	}
	if c.TakenUntil > now {
		until, by = max(until, c.TakenUntil), c.TakenBy
	}
	if _, err := takeOver(tx, *c, until, by, now); err != nil {
		return err
	}
	c.TakenUntil, c.TakenBy, c.TakenAt = until, by, now
	return nil
}

// withdrawBack withdraws a reply that was on its way when a person took over and
// has come back to be sent again: where and key find it. What the agent said when
// it called for that person itself is not older than the takeover, and stays.
func withdrawBack(tx *gorm.DB, where string, key any, now Millis) error {
	err := tx.Exec(`UPDATE outbox SET state = 'withdrawn' WHERE state = 'due' AND turn_id <> '' AND conversation_id IN
		(SELECT id FROM conversation WHERE taken_until > ? AND id = outbox.conversation_id AND outbox.created_at < taken_at) AND `+where, now, key).Error
	if err != nil {
		return fmt.Errorf("withdraw reply: %w", err)
	}
	return nil
}

// HandBack lets the agent answer again, from the next message on; the loop
// guard's mute ends too. ErrNotFound if there is no such conversation.
func (s *Store) HandBack(conversation int64, by string) error {
	return s.writer.do(func(tx *gorm.DB) error {
		now := s.millis()
		var c Conversation
		if err := tx.Take(&c, "id = ?", conversation).Error; err != nil {
			return err
		}
		if c.TakenUntil <= now && c.MutedUntil <= now {
			return nil
		}
		if err := tx.Exec("UPDATE conversation SET taken_until = 0, taken_by = '', muted_until = 0 WHERE id = ?", conversation).Error; err != nil {
			return fmt.Errorf("hand back: %w", err)
		}
		return insertMessages(tx, []Message{{ConversationID: conversation, Author: AuthorSystem, Kind: KindHandedBack, Text: by, At: now}})
	})
}

// Taken says whether a person answers this conversation now.
func (s *Store) Taken(ctx context.Context, conversation int64) (taken bool, err error) {
	err = s.read(ctx).Raw("SELECT count(*) FROM conversation WHERE id = ? AND taken_until > ?", conversation, s.millis()).Scan(&taken).Error
	return taken, translate(err)
}

// takenSince is whether a turn that began at a moment was overtaken by a person,
// also by one who has handed back since.
func takenSince(tx *gorm.DB, conversation int64, began, now Millis) (taken bool, err error) {
	err = tx.Raw("SELECT count(*) FROM conversation WHERE id = ? AND (taken_until > ? OR taken_at > ?)", conversation, now, began).Scan(&taken).Error
	return taken, err
}

// RecordTaken closes rows that came while a person answers: their lines are
// shown, and memory keeps what was said, so that the agent knows it when it
// answers again. ErrConflict: as CommitTurn.
func (s *Store) RecordTaken(ids []int64, lines []Message, memory []MemoryEntry) error {
	return s.writer.do(func(tx *gorm.DB) error {
		session, err := sessionOf(tx, lines)
		if err != nil {
			return err
		}
		if err := closeInbox(tx, ids, ""); err != nil {
			return err
		}
		if err := insertMessages(tx, lines); err != nil {
			return err
		}
		return appendMemory(tx, inSession(session, memory))
	})
}

// Reply is what a person writes in the agent's place.
type Reply struct {
	Conversation int64
	By           string
	IDs          []string      // of the outbox rows, one for each part
	Parts        []string      // as the channel formats and splits it
	Memory       []MemoryEntry // what the agent is to know of it
}

// WritePerson puts a person's words in the transcript, in memory and in the
// outbox; who was asked for has come. ErrNotFound if there is no such
// conversation. That the 24-hour window is open is the caller's to see.
func (s *Store) WritePerson(r Reply) error {
	return s.writer.do(func(tx *gorm.DB) error {
		now := s.millis()
		done := tx.Exec("UPDATE conversation SET last_outbound_at = ?, needs_person = '', needs_person_at = 0, "+
			"taken_by = CASE taken_by WHEN ? THEN ? ELSE taken_by END WHERE id = ?", now, TakenByAgent, r.By, r.Conversation)
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected == 0 {
			return ErrNotFound
		}
		for i, text := range r.Parts {
			row := Outbox{ID: r.IDs[i], ConversationID: r.Conversation, Text: text, DueAt: now, CreatedAt: now}
			if err := insertOutbox(tx, []Outbox{row}); err != nil {
				return fmt.Errorf("insert outbox rows: %w", err)
			}
			line := Message{ConversationID: r.Conversation, Author: AuthorPerson, Kind: "text", Text: text, OutboxID: row.ID, At: now}
			if err := insertMessages(tx, []Message{line}); err != nil {
				return fmt.Errorf("insert messages: %w", err)
			}
		}
		memory := make([]MemoryEntry, len(r.Memory))
		for i, m := range r.Memory {
			m.At = now
			memory[i] = m
		}
		return appendMemory(tx, memory)
	})
}

// Resolve says that no person is needed any more.
func (s *Store) Resolve(conversation int64) error {
	return s.writer.do(func(tx *gorm.DB) error {
		return tx.Exec("UPDATE conversation SET needs_person = '', needs_person_at = 0 WHERE id = ?", conversation).Error
	})
}
