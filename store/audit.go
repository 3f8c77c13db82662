package store

import (
	"context"

	"gorm.io/gorm"
)

// Audit is one change that an operator made.
type Audit struct {
	ID     int64 `gorm:"primaryKey"`
	At     Millis
	User   string
	Action string
	Target string
	Detail string // no secret, no customer text
}

// TableName is the table of the type.
func (Audit) TableName() string { return "audit" }

// Audit records a change. It is called with the change, and waits for the disk:
// a change without its row did not happen properly.
func (s *Store) Audit(user, action, target, detail string) error {
	return s.writer.do(func(tx *gorm.DB) error {
		return tx.Exec("INSERT INTO audit (at, user, action, target, detail) VALUES (?, ?, ?, ?, ?)", s.millis(), user, action, target, detail).Error
	})
}

// Audits gives the newest changes, newest first; before is the id to go on from,
// 0 starts at the newest.
func (s *Store) Audits(ctx context.Context, before int64, limit int) ([]Audit, error) {
	var list []Audit
	q := s.read(ctx).Order("id DESC").Limit(limit)
	if before > 0 {
		q = q.Where("id < ?", before)
	}
	err := q.Find(&list).Error
	return list, translate(err)
}
