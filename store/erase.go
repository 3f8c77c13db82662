package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// Erased is the proof that nothing is left of a customer.
type Erased struct {
	Rows  []ErasedRows  // by table
	Files int64         // bytes of the data folder that were searched
	Found []ErasedTrace // by what was searched for
}

// ErasedRows are a table's rows of the customer, before and after.
type ErasedRows struct {
	Table      string
	Gone, Left int64
}

// ErasedTrace is how often something of the customer still stands in the files.
type ErasedTrace struct {
	What  string // number, user_id, name, username, message_ids
	Times int
}

// Clean says whether no row and no identity is left. A name alone is no proof of
// the opposite: another customer may be called the same.
func (e Erased) Clean() bool {
	for _, r := range e.Rows {
		if r.Left > 0 {
			return false
		}
	}
	for _, f := range e.Found {
		if f.Times > 0 && f.What != "name" {
			return false
		}
	}
	return true
}

// ofCustomer are the conditions by which a table's rows belong to a customer.
// Those that read another table come before that one is emptied.
func (b belonging) ofCustomer() []struct {
	table, where string
	args         []any
} {
	const outgoing = "(SELECT message_id FROM outbox WHERE conversation_id IN ? AND message_id <> '')"
	return []struct {
		table, where string
		args         []any
	}{
		{"delivery", "message_id IN " + outgoing + " OR outbox_id IN (SELECT id FROM outbox WHERE conversation_id IN ?)", []any{b.convs, b.convs}},
		// Rows of a conversation that was merged into this one still bear its number:
		// their ids stand in the transcript.
		{"inbox", "conversation_id IN ? OR message_id IN (SELECT message_id FROM message WHERE conversation_id IN ? AND message_id <> '')", []any{b.convs, b.convs}},
		{"message", "conversation_id IN ?", []any{b.convs}}, {"turn", "conversation_id IN ?", []any{b.convs}},
		{"usage", "conversation_id IN ?", []any{b.convs}},
		{"outbox", "conversation_id IN ?", []any{b.convs}}, {"guardrail", "conversation_id IN ?", []any{b.convs}},
		{"event", "conversation_id IN ?", []any{b.convs}}, {"note", "conversation_id IN ?", []any{b.convs}},
		{"memory", "session_id IN ?", []any{b.sessions}}, {"memory_window", "session_id IN ?", []any{b.sessions}}, {"kept", "session_id IN ?", []any{b.sessions}},
		{"conversation", "id IN ?", []any{b.convs}}, {"contact", "id = ?", []any{b.contact}},
	}
}

// Erase removes the customer of a conversation from every table, from the search
// and from the files, and looks whether anything is left. What stays is a keyed
// hash of the ids of their recent messages, so that Meta's repetitions are not
// answered. While the search index is written anew, nothing else is: about a
// second for each 100,000 messages in the store. ErrNotFound if there is none.
func (s *Store) Erase(ctx context.Context, conversation int64) (Erased, error) {
	var b belonging
	var proof Erased
	s.events.settle() // else a line about the customer that still waits for the disk would come after
	err := s.writer.do(func(tx *gorm.DB) (err error) {
		proof = Erased{}
		if b, err = belongingOf(tx, conversation); err != nil {
			return err
		}
		if err := s.keepHashes(tx, b); err != nil {
			return fmt.Errorf("keep hashes: %w", err)
		}
		for _, t := range b.ofCustomer() {
			r := tx.Exec("DELETE FROM "+t.table+" WHERE "+t.where, t.args...)
			if r.Error != nil {
				return fmt.Errorf("erase %s: %w", t.table, r.Error)
			}
			proof.Rows = append(proof.Rows, ErasedRows{Table: t.table, Gone: r.RowsAffected})
		}
		// A deleted row leaves its words in the index's older segments until they are
		// all written into one.
		return tx.Exec("INSERT INTO message_search (message_search) VALUES ('optimize')").Error
	})
	if err != nil {
		return proof, err
	}
	if err := s.cutWhatWasErased(ctx); err != nil {
		return proof, fmt.Errorf("cut the log: %w", err)
	}
	if err := s.prove(ctx, b, &proof); err != nil || proof.Clean() {
		return proof, err
	}
	// Pages that were split may hold old copies of what moved: the file is written
	// anew. What is found then stands in somebody else's rows.
	if err := s.writer.hand(job{alone: true, err: make(chan error, 1), run: func(db *gorm.DB) error { return db.Exec("VACUUM").Error }}); err != nil {
		return proof, fmt.Errorf("write the file anew: %w", err)
	}
	if err := s.cutWhatWasErased(ctx); err != nil {
		return proof, fmt.Errorf("cut the log: %w", err)
	}
	err = s.prove(ctx, b, &proof)
	return proof, err
}

// cutWhatWasErased waits a few seconds for readers that hold the log.
func (s *Store) cutWhatWasErased(ctx context.Context) error {
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for range 100 {
		if err := s.Checkpoint(); err != nil {
			return err
		}
		if s.LogSize() == 0 {
			return nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil // the search of the files says what this left
}

// keepHashes notes the ids of the customer's messages that Meta may yet speak of.
func (s *Store) keepHashes(tx *gorm.DB, b belonging) error {
	s.erasures = erasuresSome
	const since = " AND created_at > ?"
	recent := s.millis() - Millis(DefaultRetention.Inbox.Milliseconds())
	var ids []string
	err := tx.Raw("SELECT message_id FROM inbox WHERE conversation_id IN ? OR message_id IN (SELECT message_id FROM message WHERE conversation_id IN ? AND message_id <> '')"+
		" UNION SELECT id FROM outbox WHERE conversation_id IN ?"+since+" UNION SELECT message_id FROM outbox WHERE conversation_id IN ? AND message_id <> ''"+since,
		b.convs, b.convs, b.convs, recent, b.convs, recent).Scan(&ids).Error
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := tx.Exec("INSERT INTO erased (hash, at) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING", s.idHash(id), s.millis()).Error; err != nil {
			return err
		}
	}
	return nil
}

// What the writer knows of the table of erased ids. Most shops never erase anybody,
// and a keyed hash and a look for every message cost a tenth of its acceptance.
const (
	erasuresUnknown = iota // nobody looked since the program started
	erasuresNone
	erasuresSome
)

// wasErased says whether one of the ids belongs to a message of an erased customer.
// It runs within a write: s.erasures is the writer's.
func (s *Store) wasErased(tx *gorm.DB, ids ...string) (bool, error) {
	var found bool
	if s.erasures == erasuresUnknown {
		if err := tx.Raw("SELECT EXISTS (SELECT 1 FROM erased)").Scan(&found).Error; err != nil {
			return false, fmt.Errorf("look for erased ids: %w", err)
		}
		s.erasures = erasuresNone
		if found {
			s.erasures = erasuresSome
		}
	}
	if s.erasures == erasuresNone {
		return false, nil
	}
	hashes := make([]string, len(ids))
	for i, id := range ids {
		hashes[i] = s.idHash(id)
	}
	if err := tx.Raw("SELECT EXISTS (SELECT 1 FROM erased WHERE hash IN ?)", hashes).Scan(&found).Error; err != nil {
		return false, fmt.Errorf("look for an erased id: %w", err)
	}
	return found, nil
}

// idHash is a message id that says nothing to who does not have the key file.
func (s *Store) idHash(id string) string {
	key := s.seal.idKey()
	h := hmac.New(sha256.New, key[:])
	_, _ = h.Write([]byte(id)) // a hash takes everything
	return hex.EncodeToString(h.Sum(nil))
}
