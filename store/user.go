package store

import (
	"context"

	"gorm.io/gorm"
)

// Roles of an operator: staff read and answer, owners change.
const (
	RoleOwner = "owner"
	RoleStaff = "staff"
)

// User is an operator of the dashboard.
type User struct {
	ID           int64 `gorm:"primaryKey"`
	Name         string
	Role         string
	PasswordHash string // argon2id
	Language     string
	Theme        string // light, dark, "" = the system's
	CreatedAt    Millis `gorm:"autoCreateTime:false"`
	SeenAt       Millis
}

// TableName is the table of the type.
func (User) TableName() string { return "user" }

// CreateUser adds an operator. ErrConflict: the name is taken.
func (s *Store) CreateUser(u User) (User, error) {
	u.CreatedAt = s.millis()
	err := s.writer.do(func(tx *gorm.DB) error {
		var taken int64
		if err := tx.Model(&User{}).Where("name = ?", u.Name).Count(&taken).Error; err != nil {
			return err
		}
		if taken > 0 {
			return ErrConflict
		}
		u.ID = 0 // a job may run twice
		return tx.Create(&u).Error
	})
	return u, err
}

// FirstOwner adds the first operator. ErrConflict: there is one already, so the
// one-time link has been used.
func (s *Store) FirstOwner(u User) (User, error) {
	u.Role, u.CreatedAt = RoleOwner, s.millis()
	err := s.writer.do(func(tx *gorm.DB) error {
		var any int64
		if err := tx.Model(&User{}).Count(&any).Error; err != nil {
			return err
		}
		if any > 0 {
			return ErrConflict
		}
		u.ID = 0
		return tx.Create(&u).Error
	})
	return u, err
}

// UserByName finds an operator without regard to case, or ErrNotFound.
func (s *Store) UserByName(ctx context.Context, name string) (User, error) {
	var u User
	err := s.read(ctx).Take(&u, "name = ?", name).Error
	return u, translate(err)
}

// User finds an operator by id, or ErrNotFound.
func (s *Store) User(ctx context.Context, id int64) (User, error) {
	var u User
	err := s.read(ctx).Take(&u, "id = ?", id).Error
	return u, translate(err)
}

// Users lists all operators by name.
func (s *Store) Users(ctx context.Context) ([]User, error) {
	var list []User
	err := s.read(ctx).Order("name").Find(&list).Error
	return list, translate(err)
}

// SetPassword changes an operator's password and ends all sessions of theirs.
func (s *Store) SetPassword(id int64, hash string) error {
	return s.writer.do(func(tx *gorm.DB) error {
		r := tx.Exec("UPDATE user SET password_hash = ? WHERE id = ?", hash, id)
		if r.Error == nil && r.RowsAffected == 0 {
			return ErrNotFound
		}
		if r.Error != nil {
			return r.Error
		}
		return tx.Exec("DELETE FROM session WHERE user_id = ?", id).Error
	})
}

// SetAppearance keeps what an operator wants to see.
func (s *Store) SetAppearance(id int64, language, theme string) error {
	return s.writer.do(func(tx *gorm.DB) error {
		return tx.Exec("UPDATE user SET language = ?, theme = ? WHERE id = ?", language, theme, id).Error
	})
}

// DeleteUser removes an operator and their sessions. ErrConflict: it is the last
// owner, without whom nobody could change anything.
func (s *Store) DeleteUser(id int64) error {
	return s.writer.do(func(tx *gorm.DB) error {
		var owners int64
		if err := tx.Model(&User{}).Where("role = ? AND id <> ?", RoleOwner, id).Count(&owners).Error; err != nil {
			return err
		}
		if owners == 0 {
			return ErrConflict
		}
		if err := tx.Exec("DELETE FROM session WHERE user_id = ?", id).Error; err != nil {
			return err
		}
		return tx.Exec("DELETE FROM user WHERE id = ?", id).Error
	})
}
