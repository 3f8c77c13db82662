package store

import (
	"context"
	"strings"
	"unicode"
)

// Filters of the list of conversations; "" is all of them.
const (
	FilterNeeds  = "needs"  // somebody is asked for
	FilterOn     = "on"     // the agent answers
	FilterOff    = "off"    // a person has taken over, or the loop guard is silent
	FilterFailed = "failed" // the last thing said did not arrive
)

// ListQuery chooses conversations. The zero value is the newest of all.
type ListQuery struct {
	Filter   string
	Search   string // words of messages, or of the customer's name, or digits of the number
	Before   Millis // with BeforeID: where the page before ended
	BeforeID int64
	Limit    int
}

// ListRow is one conversation of the list. Times are those of the store.
type ListRow struct {
	Conversation
	Active     Millis // when somebody last wrote
	LastText   string // the last line, or the one that was found
	LastKind   string
	LastAuthor string
	Unread     int // customer's lines since somebody looked, at most UnreadMost
	Failed     bool
}

// UnreadMost bounds what is counted as unread, for speed.
const UnreadMost = 99

// active must be written like this wherever its index is to be used.
const active = "max(last_inbound_at, last_outbound_at)"

// ConversationList gives a page of conversations, whoever wrote last first. A
// search gives the newest hits, at most Limit, and has no further pages.
func (s *Store) ConversationList(ctx context.Context, q ListQuery) ([]ListRow, error) {
	found := map[int64]int64{} // conversation: its newest line that was found
	where, args := s.filter(q.Filter)
	if strings.TrimSpace(q.Search) != "" {
		ids, err := s.search(ctx, q, found)
		if err != nil {
			return nil, err
		}
		where, args = where+" AND id IN ?", append(args, ids)
	}
	if q.BeforeID > 0 {
		where += " AND " + active + " <= ? AND (" + active + " < ? OR id < ?)"
		args = append(args, q.Before, q.Before, q.BeforeID)
	}
	var ids []int64
	err := s.read(ctx).Raw("SELECT id FROM conversation WHERE "+where+" ORDER BY "+active+" DESC, id DESC LIMIT ?", append(args, q.Limit)...).Scan(&ids).Error
	if err != nil || len(ids) == 0 {
		return nil, translate(err)
	}
	return s.listRows(ctx, ids, found)
}

func (s *Store) filter(name string) (where string, args []any) {
	now := s.millis()
	const off = "id IN (SELECT id FROM conversation WHERE taken_until > 0 AND taken_until > ? UNION SELECT id FROM conversation WHERE muted_until > 0 AND muted_until > ?)"
	switch name {
	case FilterNeeds:
		return "id IN (SELECT id FROM conversation WHERE needs_person <> '')", nil
	case FilterOff:
		return off, []any{now, now}
	case FilterOn:
		return "NOT " + off, []any{now, now}
	case FilterFailed:
		return "id IN (SELECT conversation_id FROM outbox WHERE state = 'failed') AND " + lastFailed, nil
	default:
		return "1", nil
	}
}

// lastFailed: what was said since has mended an earlier failure.
const lastFailed = "coalesce((SELECT o.state FROM outbox o WHERE o.conversation_id = conversation.id ORDER BY o.seq DESC LIMIT 1), '') = 'failed'"

// listRows reads what the list shows of some conversations, in their order.
func (s *Store) listRows(ctx context.Context, ids []int64, found map[int64]int64) ([]ListRow, error) {
	var rows []struct {
		ID     int64
		Active Millis
		Line   int64
		Unread int
		Failed bool
	}
	err := s.read(ctx).Raw(`SELECT id, `+active+` AS active, `+lastFailed+` AS failed,
		coalesce((SELECT max(m.id) FROM message m WHERE m.conversation_id = conversation.id), 0) AS line,
		(SELECT coalesce(sum(author = 'customer'), 0) FROM (SELECT m.author FROM message m WHERE m.conversation_id = conversation.id AND m.id > conversation.seen_id ORDER BY m.id LIMIT ?)) AS unread
		FROM conversation WHERE id IN ?`, 2*UnreadMost+2, ids).Scan(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	byID := map[int64]ListRow{}
	lines := make([]int64, 0, len(rows))
	for _, r := range rows {
		line := r.Line
		if hit, ok := found[r.ID]; ok && hit > 0 {
			line = hit
		}
		found[r.ID] = line
		lines = append(lines, line)
		byID[r.ID] = ListRow{Active: r.Active, Unread: min(r.Unread, UnreadMost), Failed: r.Failed}
	}
	var convs []Conversation
	if err := s.read(ctx).Preload("Contact").Find(&convs, "id IN ?", ids).Error; err != nil {
		return nil, translate(err)
	}
	var messages []Message
	if err := s.read(ctx).Find(&messages, "id IN ?", lines).Error; err != nil {
		return nil, translate(err)
	}
	text := map[int64]Message{}
	for _, m := range messages {
		text[m.ID] = m
	}
	for _, c := range convs {
		row, m := byID[c.ID], text[found[c.ID]]
		row.Conversation, row.LastText, row.LastKind, row.LastAuthor = c, m.Text, m.Kind, m.Author
		byID[c.ID] = row
	}
	list := make([]ListRow, 0, len(ids))
	for _, id := range ids {
		list = append(list, byID[id])
	}
	return list, nil
}

// newestHits is how many of the newest lines that hold the words are looked at.
const newestHits = 400

// search gives the conversations with the newest lines that hold all the words,
// and those whose customer is called so.
func (s *Store) search(ctx context.Context, q ListQuery, found map[int64]int64) (ids []int64, err error) {
	if match := ftsQuery(q.Search); match != "" {
		var hits []struct{ ConversationID, Line int64 }
		err := s.read(ctx).Raw(`SELECT m.conversation_id, max(m.id) AS line
			FROM (SELECT docid FROM message_search WHERE message_search MATCH ? ORDER BY docid DESC LIMIT ?) f JOIN message m ON m.id = f.docid
			GROUP BY m.conversation_id ORDER BY line DESC LIMIT ?`, match, newestHits, q.Limit).Scan(&hits).Error
		if err != nil {
			return nil, translate(err)
		}
		for _, h := range hits {
			found[h.ConversationID] = h.Line
			ids = append(ids, h.ConversationID)
		}
	}
	like := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(strings.TrimSpace(q.Search)) + "%"
	where, args := `k.name LIKE ? ESCAPE '\' OR k.username LIKE ? ESCAPE '\'`, []any{like, like}
	if d := digits(q.Search); len(d) >= 3 {
		where, args = where+" OR k.phone LIKE ?", append(args, "%"+d+"%")
	}
	var named []int64
	err = s.read(ctx).Raw("SELECT c.id FROM contact k JOIN conversation c ON c.contact_id = k.id WHERE "+where+" LIMIT ?", append(args, q.Limit)...).Scan(&named).Error
	return append(ids, named...), translate(err)
}

// ftsQuery asks for all the words, the last one as far as it is typed. Letters
// and digits only: whatever else FTS4 reads as an operator is left out.
func ftsQuery(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	if len(words) == 0 {
		return ""
	}
	words = words[:min(len(words), 8)]
	if last := words[len(words)-1]; len([]rune(last)) > 2 {
		words[len(words)-1] = last + "*"
	}
	return strings.Join(words, " ")
}

// digits are a number as it is stored, if the text is one.
func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
}

// MarkSeen records that somebody looked at a conversation down to a line.
func (s *Store) MarkSeen(ctx context.Context, conversation, line int64) error {
	var seen int64
	err := s.read(ctx).Raw("SELECT seen_id FROM conversation WHERE id = ?", conversation).Scan(&seen).Error
	if err != nil || seen >= line {
		return translate(err)
	}
	return s.exec("UPDATE conversation SET seen_id = max(seen_id, ?) WHERE id = ?", line, conversation)
}
