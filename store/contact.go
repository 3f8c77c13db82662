package store

import (
	"errors"
	"fmt"

	"gorm.io/gorm"
)

// Contact is a customer. Phone and UserID are nil while unknown: a customer may
// hide the number and show it later, or the other way round.
type Contact struct {
	ID        int64 `gorm:"primaryKey"`
	Phone     *string
	UserID    *string
	Name      string
	Username  string
	CreatedAt Millis `gorm:"autoCreateTime:false"`
}

// TableName is the table of the type.
func (Contact) TableName() string { return "contact" }

// Identity is what a message says of its sender. Phone or UserID is set.
type Identity struct{ Phone, UserID, Name, Username string }

// SessionID is memory's key for the contact: wa_<phone>, or wa_<user id> while
// the number is hidden.
func (c Contact) SessionID() string {
	if c.Phone != nil {
		return "wa_" + *c.Phone
	}
	return "wa_" + deref(c.UserID)
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// resolveContact finds the contact that an identity belongs to, adds what was
// learnt, or makes a new one. Two contacts that turn out to be one person (the
// number was hidden until now) become one.
func resolveContact(tx *gorm.DB, who Identity, now Millis) (Contact, error) {
	byUser, err := findContact(tx, "user_id = ?", who.UserID)
	if err != nil {
		return Contact{}, err
	}
	byPhone, err := findContact(tx, "phone = ?", who.Phone)
	if err != nil {
		return Contact{}, err
	}
	switch {
	case byUser == nil && byPhone == nil:
		c := Contact{Phone: optional(who.Phone), UserID: optional(who.UserID), Name: who.Name, Username: who.Username, CreatedAt: now}
		return c, tx.Create(&c).Error
	case byUser != nil && byPhone != nil && byUser.ID != byPhone.ID && byUser.Phone != nil && byPhone.UserID != nil:
		// Two people who are both known in full: the number has a new owner.
		if err := loseNumber(tx, *byPhone); err != nil {
			return Contact{}, err
		}
		return learn(tx, *byUser, who)
	case byUser != nil && byPhone != nil && byUser.ID != byPhone.ID:
		return mergeContacts(tx, *byPhone, *byUser, who)
	case byPhone != nil:
		return learn(tx, *byPhone, who)
	default:
		return learn(tx, *byUser, who)
	}
}

func findContact(tx *gorm.DB, where, value string) (*Contact, error) {
	if value == "" {
		return nil, nil
	}
	var c Contact
	err := tx.Where(where, value).Take(&c).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find contact: %w", err)
	}
	return &c, nil
}

// learn keeps what a message newly says of its sender. A user id changes when
// the customer changes number, so the newest one wins.
func learn(tx *gorm.DB, c Contact, who Identity) (Contact, error) {
	old, oldSession := c, c.SessionID()
	if who.Phone != "" {
		c.Phone = &who.Phone
	}
	if who.UserID != "" {
		c.UserID = &who.UserID
	}
	if who.Name != "" {
		c.Name = who.Name
	}
	if who.Username != "" {
		c.Username = who.Username
	}
	if deref(old.Phone) == deref(c.Phone) && deref(old.UserID) == deref(c.UserID) && old.Name == c.Name && old.Username == c.Username {
		return c, nil
	}
	return c, saveContact(tx, c, oldSession)
}

// loseNumber leaves a contact with the user id alone. What it remembers goes with
// it: the number's new owner must not read it.
func loseNumber(tx *gorm.DB, c Contact) error {
	session := c.SessionID()
	c.Phone = nil
	return saveContact(tx, c, session)
}

func saveContact(tx *gorm.DB, c Contact, oldSession string) error {
	if err := tx.Save(&c).Error; err != nil {
		return fmt.Errorf("update contact: %w", err)
	}
	return renameSession(tx, c.ID, oldSession, c.SessionID())
}

// mergeContacts moves everything of gone to keep and removes gone.
func mergeContacts(tx *gorm.DB, keep, gone Contact, who Identity) (Contact, error) {
	if err := mergeConversations(tx, keep, gone); err != nil {
		return keep, err
	}
	if err := tx.Delete(&gone).Error; err != nil {
		return keep, fmt.Errorf("merge contacts: %w", err)
	}
	return learn(tx, keep, who)
}
