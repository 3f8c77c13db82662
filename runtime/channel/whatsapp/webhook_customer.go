package whatsapp

import (
	"strings"

	"astromesh/runtime/channel"
)

// contact is one element of value.contacts. Any part of it may be missing: since
// April 2026 statuses and echoes bring contacts without a profile, and customers
// with a username bring no number.
type contact struct {
	phone, userID, parent, name, username string
}

func readContacts(n node) []contact {
	var list []contact
	for _, element := range n.elements() {
		var c contact
		for key, v := range element.members() {
			switch string(key) {
			case "wa_id":
				c.phone = digitsOf(v.text())
			case "user_id":
				c.userID = v.text()
			case "parent_user_id":
				c.parent = v.text()
			case "profile":
				c.name = v.get("name").text()
				c.username = strings.TrimPrefix(v.get("username").text(), "@")
			}
		}
		if c != (contact{}) {
			list = append(list, c)
		}
	}
	return list
}

// sender is who a message or status names, before the contacts are consulted.
type sender struct {
	phone, userID, parent string
}

// newSender sorts an address into number and user id. A user id that stands
// where a number belongs is still a user id; its digits are never taken for a
// number.
func newSender(address, userID, parent string) sender {
	s := sender{phone: digitsOf(address), userID: userID, parent: parent}
	if s.phone == "" && s.userID == "" && looksLikeUserID(address) {
		s.userID = address
	}
	return s
}

// customer completes a sender from the contacts, matched by number or user id
// and never by position: several contacts may be aggregated in one value. ok is
// false if nothing says who it was.
func (s sender) customer(contacts []contact) (c channel.Customer, ok bool) {
	c = channel.Customer{Phone: s.phone, UserID: s.userID, ParentUserID: s.parent}
	if found := s.find(contacts); found != nil {
		c.Name, c.Username = found.name, found.username
		if c.Phone == "" {
			c.Phone = found.phone
		}
		if c.UserID == "" {
			c.UserID = found.userID
		}
		if c.ParentUserID == "" {
			c.ParentUserID = found.parent
		}
	}
	return c, c.Phone != "" || c.UserID != ""
}

func (s sender) find(contacts []contact) *contact {
	for i := range contacts {
		if s.userID != "" && contacts[i].userID == s.userID {
			return &contacts[i]
		}
	}
	for i := range contacts {
		if s.phone != "" && contacts[i].phone == s.phone {
			return &contacts[i]
		}
	}
	// One contact and one side without any id: no doubt who is meant.
	if len(contacts) == 1 {
		only := &contacts[0]
		if s.phone == "" && s.userID == "" || only.phone == "" && only.userID == "" {
			return only
		}
	}
	return nil
}

// digitsOf returns the digits of a phone number written with or without plus,
// blanks and brackets, or "" if it is no phone number.
func digitsOf(s string) string {
	plain := true
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			plain = false
		}
	}
	if plain {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case strings.ContainsRune("+-() .", r):
		default:
			return ""
		}
	}
	return b.String()
}

// looksLikeUserID recognises a business-scoped user id: a country's two letters,
// a dot, and letters or digits ("US.1349…", with a parent "US.ENT.1181…").
func looksLikeUserID(s string) bool {
	return len(s) > 3 && s[2] == '.' && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z'
}
