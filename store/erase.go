package store

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
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
		{"outbox", "conversation_id IN ?", []any{b.convs}}, {"guardrail", "conversation_id IN ?", []any{b.convs}},
		{"event", "conversation_id IN ?", []any{b.convs}}, {"note", "conversation_id IN ?", []any{b.convs}},
		{"memory", "session_id IN ?", []any{b.sessions}},
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
	return proof, s.prove(ctx, b, &proof)
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

// idHash is a message id that says nothing to who does not have the key file.
func (s *Store) idHash(id string) string {
	key := sha256.Sum256([]byte("ids of erased messages " + s.seal.identity.String()))
	h := hmac.New(sha256.New, key[:])
	_, _ = h.Write([]byte(id)) // a hash takes everything
	return hex.EncodeToString(h.Sum(nil))
}

// prove counts what is left in the tables and searches the files.
func (s *Store) prove(ctx context.Context, b belonging, proof *Erased) error {
	for i, t := range b.ofCustomer() {
		err := s.read(ctx).Raw("SELECT count(*) FROM "+t.table+" WHERE "+t.where, t.args...).Scan(&proof.Rows[i].Left).Error
		if err != nil {
			return translate(err)
		}
	}
	var words []needle
	for _, w := range []needle{{"number", b.phone}, {"user_id", b.userID}, {"name", b.name}, {"username", b.username}} {
		if len(w.text) >= 4 { // a shorter one stands everywhere by chance
			words = append(words, w)
		}
	}
	if len(b.phone) >= 6 { // Meta's message ids hold the number in base64
		for shift := range 3 {
			words = append(words, needle{"message_ids", inBase64(b.phone, shift)})
		}
	}
	times, size, err := searchFiles(filepath.Dir(s.log), words)
	if err != nil {
		return fmt.Errorf("search the data folder: %w", err)
	}
	proof.Files, proof.Found = size, nil
	for i, w := range words {
		if n := len(proof.Found); n > 0 && proof.Found[n-1].What == w.what {
			proof.Found[n-1].Times += times[i]
			continue
		}
		proof.Found = append(proof.Found, ErasedTrace{What: w.what, Times: times[i]})
	}
	return nil
}

// needle is what the files are searched for.
type needle struct{ what, text string }

// inBase64 is how a text looks within a longer one that was encoded, at one of
// the three places that it may stand at; the edges, which depend on what is
// around it, are cut off.
func inBase64(text string, shift int) string {
	full := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + text))
	first := (shift*8 + 5) / 6
	whole := (shift + len(text)) * 8 / 6
	return full[first:whole]
}

// searchFiles counts words in every file of a folder.
func searchFiles(dir string, words []needle) (times []int, size int64, err error) {
	times = make([]int, len(words))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, 0, err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		n, err := searchFile(filepath.Join(dir, e.Name()), words, times)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // the log comes and goes
			return nil, 0, err
		}
		size += n
	}
	return times, size, nil
}

// searchFile reads a file in pieces that overlap by the longest word.
func searchFile(path string, words []needle, times []int) (size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close() // it was only read
	overlap := 0
	for _, w := range words {
		overlap = max(overlap, len(w.text)-1)
	}
	buf := make([]byte, 1<<20)
	kept := 0 // bytes of the piece before, at the beginning of buf
	for {
		n, err := io.ReadFull(f, buf[kept:])
		size += int64(n)
		piece := buf[:kept+n]
		for i, w := range words {
			// What lies whole in the kept part was counted with the piece before.
			times[i] += bytes.Count(piece, []byte(w.text)) - bytes.Count(piece[:kept], []byte(w.text))
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return size, nil
		}
		if err != nil {
			return size, err
		}
		kept = copy(buf, piece[max(0, len(piece)-overlap):])
	}
}
