package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"
)

// Conversation is the thread with one contact on one of our numbers.
type Conversation struct {
	ID             int64 `gorm:"primaryKey"`
	Account        string
	ContactID      int64
	SessionID      string
	Agent          string // "" = the channel's default agent
	LastInboundAt  Millis
	LastOutboundAt Millis
	InboundCount   int64
	NeedsPerson    string // why a person is needed, one sentence; "" = not
	NeedsPersonAt  Millis
	MutedUntil     Millis  // the loop guard holds its peace until then
	NoticeAt       Millis  // when the "unsupported" text was last said
	TakenUntil     Millis  // a person answers in the agent's place until then
	TakenBy        string  // who; TakenByPhone for the phone's app, TakenByAgent for the agent
	TakenAt        Millis  // when that began
	SeenID         int64   // the last line that somebody looked at
	CreatedAt      Millis  `gorm:"autoCreateTime:false"`
	Contact        Contact `gorm:"foreignKey:ContactID"`
}

// TableName is the table of the type.
func (Conversation) TableName() string { return "conversation" }

// Conversation gives one with its contact, or ErrNotFound.
func (s *Store) Conversation(ctx context.Context, id int64) (Conversation, error) {
	var c Conversation
	err := s.read(ctx).Preload("Contact").Take(&c, "id = ?", id).Error
	return c, translate(err)
}

// ConversationBySession gives the one that memory knows as sessionID, or ErrNotFound.
func (s *Store) ConversationBySession(ctx context.Context, sessionID string) (Conversation, error) {
	var c Conversation
	err := s.read(ctx).Preload("Contact").Order("last_inbound_at DESC").Take(&c, "session_id = ?", sessionID).Error
	return c, translate(err)
}

// Conversations lists the most recent ones, newest first. before is the
// LastInboundAt to go on from; 0 starts at the newest.
func (s *Store) Conversations(ctx context.Context, before Millis, limit int) ([]Conversation, error) {
	q := s.read(ctx).Preload("Contact").Order("last_inbound_at DESC, id DESC").Limit(limit)
	if before > 0 {
		q = q.Where("last_inbound_at < ?", before)
	}
	var list []Conversation
	err := q.Find(&list).Error
	return list, translate(err)
}

// needPerson asks for a person, once: the first reason stays.
func needPerson(tx *gorm.DB, id int64, reason string, now Millis) *gorm.DB {
	return tx.Exec("UPDATE conversation SET needs_person = ?, needs_person_at = ? WHERE id = ? AND needs_person = ''", reason, now, id)
}

// Mute stops answering a conversation until a moment and asks for a person, in
// one step: first says whether nobody was asked for already.
func (s *Store) Mute(id int64, until Millis, reason string) (first bool, err error) {
	err = s.writer.do(func(tx *gorm.DB) error {
		if err := tx.Exec("UPDATE conversation SET muted_until = ? WHERE id = ?", until, id).Error; err != nil {
			return err
		}
		r := needPerson(tx, id, reason, s.millis())
		first = r.RowsAffected > 0
		return r.Error
	})
	return first, err
}

// resolveConversation finds or makes the conversation of a contact on one of
// our numbers.
func resolveConversation(tx *gorm.DB, account string, c Contact, now Millis) (Conversation, error) {
	row := Conversation{Account: account, ContactID: c.ID, SessionID: c.SessionID(), CreatedAt: now}
	err := tx.Where("account = ? AND contact_id = ?", account, c.ID).Omit("Contact").FirstOrCreate(&row).Error
	if err != nil {
		return row, fmt.Errorf("find conversation: %w", err)
	}
	row.Contact = c
	return row, nil
}

// renameSession carries memory along when a contact's number becomes known.
// Where both names already hold memory, the new name's stays and the old one's
// is left to its ttl.
func renameSession(tx *gorm.DB, contactID int64, from, to string) error {
	if from == to {
		return nil
	}
	if err := tx.Exec("UPDATE conversation SET session_id = ? WHERE contact_id = ?", to, contactID).Error; err != nil {
		return fmt.Errorf("rename session: %w", err)
	}
	if err := moveMemory(tx, from, to); err != nil {
		return err
	}
	return moveKept(tx, from, to)
}

func moveMemory(tx *gorm.DB, from, to string) error {
	err := tx.Exec(`UPDATE memory SET session_id = @to WHERE session_id = @from
		AND NOT EXISTS (SELECT 1 FROM memory m WHERE m.session_id = @to AND m.agent = memory.agent)`,
		map[string]any{"to": to, "from": from}).Error
	if err != nil {
		return fmt.Errorf("move memory: %w", err)
	}
	return moveWindows(tx, from, to)
}

// belongings are the tables whose rows belong to a conversation. Inbox rows that
// are done only keep their message id, and nothing asks whose they were.
var belongings = []struct{ table, and string }{
	{"inbox", " AND " + openInbox}, {"turn", ""}, {"usage", ""}, {"message", ""}, {"outbox", ""}, {"guardrail", ""}, {"event", ""}, {"note", ""},
}

// mergeConversation keeps what of either conversation holds the agent back or asks
// for a person.
const mergeConversation = `UPDATE conversation SET
	last_inbound_at = max(conversation.last_inbound_at, old.last_inbound_at), last_outbound_at = max(conversation.last_outbound_at, old.last_outbound_at),
	inbound_count = conversation.inbound_count + old.inbound_count,
	muted_until = max(conversation.muted_until, old.muted_until), notice_at = max(conversation.notice_at, old.notice_at),
	needs_person = CASE conversation.needs_person WHEN '' THEN old.needs_person ELSE conversation.needs_person END,
	needs_person_at = CASE conversation.needs_person WHEN '' THEN old.needs_person_at ELSE conversation.needs_person_at END,
	taken_by = CASE WHEN old.taken_until > conversation.taken_until THEN old.taken_by ELSE conversation.taken_by END,
	taken_at = max(conversation.taken_at, old.taken_at), taken_until = max(conversation.taken_until, old.taken_until)
	FROM conversation old WHERE old.id = @old AND conversation.id = @into`

// mergeConversations gives everything of one contact's conversations to the
// other's.
func mergeConversations(tx *gorm.DB, keep, gone Contact) error {
	var list []Conversation
	if err := tx.Where("contact_id = ?", gone.ID).Find(&list).Error; err != nil {
		return fmt.Errorf("merge conversations: %w", err)
	}
	for _, old := range list {
		into, err := resolveConversation(tx, old.Account, keep, old.CreatedAt)
		if err != nil {
			return err
		}
		for _, rows := range belongings {
			if err := tx.Exec("UPDATE "+rows.table+" SET conversation_id = ? WHERE conversation_id = ?"+rows.and, into.ID, old.ID).Error; err != nil {
				return fmt.Errorf("merge conversations: %w", err)
			}
		}
		if err := errors.Join(moveMemory(tx, old.SessionID, into.SessionID), moveKept(tx, old.SessionID, into.SessionID)); err != nil {
			return err
		}
		if err := tx.Exec(mergeConversation, map[string]any{"old": old.ID, "into": into.ID}).Error; err != nil {
			return fmt.Errorf("merge conversations: %w", err)
		}
		if err := tx.Exec("DELETE FROM conversation WHERE id = ?", old.ID).Error; err != nil {
			return fmt.Errorf("merge conversations: %w", err)
		}
	}
	return nil
}

// NeedsPerson counts conversations that wait for a person.
func (s *Store) NeedsPerson(ctx context.Context) (count int64, err error) {
	err = s.read(ctx).Raw("SELECT count(*) FROM conversation WHERE needs_person <> ''").Scan(&count).Error
	return count, translate(err)
}
