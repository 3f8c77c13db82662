package store

import "context"

// CustomerText is what a customer wrote, as the input guardrails let it through.
type CustomerText struct {
	ID             int64
	ConversationID int64
	Phone          string // digits, "" = hidden: its country says how numbers are read
	Text           string
	At             Millis
}

// textReach bounds how many lines of the transcripts are gone through for texts
// of customers.
const textReach = 20_000

// CustomerTexts gives the newest texts of customers, at most limit, newest
// first. Blocked messages have left no text and are not among them.
func (s *Store) CustomerTexts(ctx context.Context, limit int) ([]CustomerText, error) {
	var list []CustomerText
	err := s.read(ctx).Raw(`SELECT m.id, m.conversation_id, m.text, m.at, coalesce(k.phone, '') AS phone
		FROM (SELECT id, conversation_id, author, text, at FROM message ORDER BY id DESC LIMIT ?) m
		LEFT JOIN conversation c ON c.id = m.conversation_id LEFT JOIN contact k ON k.id = c.contact_id
		WHERE m.author = 'customer' AND m.text <> '' ORDER BY m.id DESC LIMIT ?`, textReach, limit).Scan(&list).Error
	return list, translate(err)
}
