package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"gorm.io/gorm"
)

// Sessions keeps operators' logins, in the form that alexedwards/scs asks for.
// A token is kept as its hash: the table opens no session.
type Sessions struct{ store *Store }

// Sessions of the store.
func (s *Store) Sessions() Sessions { return Sessions{s} }

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Find gives a session's data; found is false where it is unknown or expired.
func (s Sessions) Find(token string) (data []byte, found bool, err error) {
	var row struct{ Data []byte }
	err = s.store.read(context.Background()).Raw("SELECT data FROM session WHERE token = ? AND expires_at > ?", hashToken(token), s.store.millis()).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, false, nil
	}
	return row.Data, err == nil, translate(err)
}

// Commit keeps a session until it expires.
func (s Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.store.writer.do(func(tx *gorm.DB) error {
		return tx.Exec(`INSERT INTO session (token, data, expires_at) VALUES (?, ?, ?)
			ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at`, hashToken(token), data, At(expiry)).Error
	})
}

// Delete ends a session; an unknown one is no error.
func (s Sessions) Delete(token string) error {
	return s.store.writer.do(func(tx *gorm.DB) error {
		return tx.Exec("DELETE FROM session WHERE token = ?", hashToken(token)).Error
	})
}

// Belongs says whose session it is, so that all of an operator's can be ended.
func (s Sessions) Belongs(token string, user int64) error {
	return s.store.writer.do(func(tx *gorm.DB) error {
		if err := tx.Exec("DELETE FROM session WHERE expires_at <= ?", s.store.millis()).Error; err != nil {
			return err
		}
		return tx.Exec("UPDATE session SET user_id = ? WHERE token = ?", user, hashToken(token)).Error
	})
}

// EndAll ends every session of an operator.
func (s Sessions) EndAll(user int64) error {
	return s.store.writer.do(func(tx *gorm.DB) error {
		return tx.Exec("DELETE FROM session WHERE user_id = ?", user).Error
	})
}
