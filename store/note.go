package store

import (
	"context"

	"gorm.io/gorm"
)

// Note is what an operator keeps beside a conversation. No customer and no model
// reads it.
type Note struct {
	ID             int64  `gorm:"primaryKey" json:"-"`
	ConversationID int64  `json:"-"`
	User           string `json:"user"`
	Text           string `json:"text"`
	At             Millis `json:"at"`
}

// TableName is the table of the type.
func (Note) TableName() string { return "note" }

// AddNote keeps a note. ErrNotFound if there is no such conversation.
func (s *Store) AddNote(conversation int64, user, text string) error {
	return s.writer.do(func(tx *gorm.DB) error {
		r := tx.Exec("INSERT INTO note (conversation_id, user, text, at) SELECT id, ?, ?, ? FROM conversation WHERE id = ?", user, text, s.millis(), conversation)
		if r.Error == nil && r.RowsAffected == 0 {
			return ErrNotFound
		}
		return r.Error
	})
}

// DeleteNote removes one.
func (s *Store) DeleteNote(conversation, id int64) error {
	return s.exec("DELETE FROM note WHERE id = ? AND conversation_id = ?", id, conversation)
}

// Notes gives a conversation's, newest first, at most 200.
func (s *Store) Notes(ctx context.Context, conversation int64) ([]Note, error) {
	var list []Note
	err := s.read(ctx).Where("conversation_id = ?", conversation).Order("id DESC").Limit(200).Find(&list).Error
	return list, translate(err)
}

func (s *Store) exec(sql string, args ...any) error {
	return s.writer.do(func(tx *gorm.DB) error { return tx.Exec(sql, args...).Error })
}
