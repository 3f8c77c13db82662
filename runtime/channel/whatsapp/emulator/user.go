package emulator

import (
	"regexp"
	"strings"
	"time"
)

// User is a customer. Set Phone, UserID or both.
type User struct {
	Phone        string // digits, as wa_id: "4915112345678"
	UserID       string // business-scoped user id, "DE.13491208655302741918"
	ParentUserID string // of the portfolio, "DE.ENT.11815799212886844830"
	Username     string
	Name         string // profile name; empty: the contact has no profile
	HidePhone    bool   // a username user whose number Meta leaves out
}

// Address is the number, or the user id of a customer without a visible one.
func (u User) Address() string {
	if u.Phone == "" || u.HidePhone {
		return u.UserID
	}
	return u.Phone
}

// phone is the number as Meta shows it to the business.
func (u User) phone() string {
	if u.HidePhone {
		return ""
	}
	return u.Phone
}

// userIDForm is a business-scoped user id, parent ids included.
var userIDForm = regexp.MustCompile(`^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$`)

// person is a user as the emulator knows him: one, under all his ids.
type person struct {
	user        User
	wrote       map[string]time.Time // last message to a number id
	typingUntil time.Time
	pair        map[string]*bucket // sends by a number id
}

// directory finds people by number and by user id. Guarded by Emulator.mu.
type directory struct{ byID map[string]*person }

func newDirectory() *directory { return &directory{byID: map[string]*person{}} }

// of returns the person behind u, made on first sight. What u says anew about
// name and ids is remembered.
func (d *directory) of(u User) *person {
	p := d.byID[waID(u.Phone)]
	for _, id := range []string{u.UserID, u.ParentUserID} {
		if p == nil && id != "" {
			p = d.byID[id]
		}
	}
	if p == nil {
		p = &person{wrote: map[string]time.Time{}, pair: map[string]*bucket{}}
	}
	p.learn(u)
	for _, id := range []string{waID(u.Phone), u.UserID, u.ParentUserID} {
		if id != "" {
			d.byID[id] = p
		}
	}
	return p
}

func (p *person) learn(u User) {
	have := &p.user
	setDefault(&have.Phone, u.Phone) // a changed number or id comes by rename only
	setDefault(&have.UserID, u.UserID)
	setDefault(&have.ParentUserID, u.ParentUserID)
	if u.Name != "" {
		have.Name = u.Name
	}
	if u.Username != "" {
		have.Username = u.Username
	}
	p.user.HidePhone = p.user.HidePhone || u.HidePhone
}

// is reports whether address names the person: a number in any writing or a
// user id.
func (u User) is(address string) bool {
	if userIDForm.MatchString(address) {
		return address == u.UserID || address == u.ParentUserID
	}
	digits := phoneDigits(address)
	return digits != "" && waID(digits) == waID(u.Phone)
}

// same reports whether both are one person.
func (u User) same(v User) bool {
	return v.Phone != "" && u.is(v.Phone) || v.UserID != "" && u.UserID == v.UserID
}

// phoneDigits strips what Meta accepts around a number: + - ( ) and spaces. It
// returns "" if anything else is in it, or the length cannot be a number's.
func phoneDigits(to string) string {
	digits := strings.NewReplacer("+", "", " ", "", "-", "", "(", "", ")", "").Replace(to)
	if len(digits) < 5 || len(digits) > 20 || strings.Trim(digits, "0123456789") != "" {
		return ""
	}
	return digits
}

// waID is the id WhatsApp keeps a number under; in three countries it differs
// from what people dial: Mexican mobiles get a 1, Argentine ones a 9, and
// Brazilian ones outside the area codes 11-28 lose their ninth digit.
func waID(digits string) string {
	switch {
	case strings.HasPrefix(digits, "52") && len(digits) == 12:
		return "521" + digits[2:]
	case strings.HasPrefix(digits, "54") && len(digits) == 12:
		return "549" + digits[2:]
	case strings.HasPrefix(digits, "55") && len(digits) == 13 && digits[4] == '9' && digits[2:4] > "28":
		return digits[:4] + digits[5:]
	}
	return digits
}
