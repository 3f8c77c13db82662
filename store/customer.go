package store

import (
	"context"
	"encoding/json"
	"errors"

	"gorm.io/gorm"
)

// Customer is everything that is kept of one customer, for taking it along. Its
// JSON is the file that an owner hands out.
type Customer struct {
	Contact       ContactRecord  `json:"contact"`
	Conversations []ConvRecord   `json:"conversations"`
	Messages      []LineRecord   `json:"messages"`
	Turns         []TurnRecord   `json:"turns"`
	Memory        []MemoryRecord `json:"memory"`
	Windows       []WindowRecord `json:"memory_summaries"`
	Kept          []KeptRecord   `json:"kept"`
	Deliveries    []OutRecord    `json:"deliveries"`
	Reports       []StepRecord   `json:"delivery_reports"`
	Guardrails    []HitRecord    `json:"guardrail_hits"`
	Notes         []Note         `json:"notes"`
	Events        []Event        `json:"events"`
}

// The rows of Customer, as the tables hold them.
type (
	// ContactRecord is who it is.
	ContactRecord struct {
		Phone     *string `json:"phone"`
		UserID    *string `json:"user_id"`
		Name      string  `json:"name"`
		Username  string  `json:"username"`
		CreatedAt Millis  `json:"created_at"`
	}
	// ConvRecord is the thread on one of our numbers.
	ConvRecord struct {
		ID             int64  `json:"id"`
		Account        string `json:"account"`
		SessionID      string `json:"session_id"`
		Agent          string `json:"agent"`
		LastInboundAt  Millis `json:"last_inbound_at"`
		LastOutboundAt Millis `json:"last_outbound_at"`
		InboundCount   int64  `json:"inbound_count"`
		NeedsPerson    string `json:"needs_person"`
		TakenUntil     Millis `json:"taken_until"`
		TakenBy        string `json:"taken_by"`
		CreatedAt      Millis `json:"created_at"`
	}
	// LineRecord is one line of the transcript.
	LineRecord struct {
		At        Millis `json:"at"`
		Author    string `json:"author"`
		Kind      string `json:"kind"`
		Text      string `json:"text"`
		TurnID    string `json:"turn_id"`
		MessageID string `json:"message_id"`
		OutboxID  string `json:"outbox_id"`
	}
	// TurnRecord is one turn with its trace.
	TurnRecord struct {
		ID           string          `json:"id"`
		Agent        string          `json:"agent"`
		AgentVersion int             `json:"agent_version"`
		Outcome      string          `json:"outcome"`
		Reason       string          `json:"reason"`
		Model        string          `json:"model"`
		TokensIn     int             `json:"tokens_in"`
		TokensOut    int             `json:"tokens_out"`
		ReceivedAt   Millis          `json:"received_at"`
		StartedAt    Millis          `json:"started_at"`
		EndedAt      Millis          `json:"ended_at"`
		Noted        json.RawMessage `json:"noted,omitempty" gorm:"-"`
		Data         json.RawMessage `json:"data,omitempty" gorm:"-"`
		Trace        json.RawMessage `json:"trace" gorm:"-"`
	}
	// MemoryRecord is one thing that an agent remembers.
	MemoryRecord struct {
		Agent   string `json:"agent"`
		Seq     int64  `json:"seq"`
		Role    string `json:"role"`
		Content string `json:"content"`
		TurnID  string `json:"turn_id"`
		At      Millis `json:"at"`
	}
	// WindowRecord is a summary that an agent remembers beside the turns it is of.
	WindowRecord struct {
		Agent   string `json:"agent"`
		Summary string `json:"summary"`
		Covered int64  `json:"covers_before_seq"`
		At      Millis `json:"at"`
	}
	// KeptRecord is one value that a tool has stored.
	KeptRecord struct {
		Agent     string `json:"agent"`
		Name      string `json:"name"`
		Value     string `json:"value"`
		ExpiresAt Millis `json:"expires_at"`
		At        Millis `json:"at"`
	}
	// OutRecord is one message that was to be sent.
	OutRecord struct {
		ID        string `json:"id"`
		Text      string `json:"text"`
		State     string `json:"state"`
		Attempts  int    `json:"attempts"`
		SentAt    Millis `json:"sent_at"`
		MessageID string `json:"message_id"`
		Delivery  string `json:"delivery"`
		ErrorCode int    `json:"error_code"`
		Error     string `json:"error"`
		Pricing   string `json:"pricing"`
		CreatedAt Millis `json:"created_at"`
	}
	// StepRecord is one delivery report.
	StepRecord struct {
		MessageID string `json:"message_id"`
		Delivery  string `json:"delivery"`
		ErrorCode int    `json:"error_code"`
		Error     string `json:"error"`
		At        Millis `json:"at"`
	}
	// HitRecord is one finding of a guardrail: where, never what.
	HitRecord struct {
		TurnID    string `json:"turn_id"`
		Direction string `json:"direction"`
		Rule      string `json:"rule"`
		Entity    string `json:"entity"`
		Action    string `json:"action"`
		At        Millis `json:"at"`
	}
)

// belonging finds what belongs to a customer.
type belonging struct {
	contact  int64
	convs    []int64
	sessions []string // every name that memory may know the customer by
	phone    string
	userID   string
	name     string
	username string
}

func belongingOf(tx *gorm.DB, conversation int64) (b belonging, err error) {
	var contact Contact
	err = tx.Raw("SELECT k.* FROM contact k JOIN conversation c ON c.contact_id = k.id WHERE c.id = ?", conversation).Scan(&contact).Error
	if err != nil {
		return b, err
	}
	if contact.ID == 0 {
		return b, ErrNotFound
	}
	b = belonging{contact: contact.ID, phone: deref(contact.Phone), userID: deref(contact.UserID), name: contact.Name, username: contact.Username}
	var convs []Conversation
	if err := tx.Where("contact_id = ?", contact.ID).Find(&convs).Error; err != nil {
		return b, err
	}
	for _, c := range convs {
		b.convs, b.sessions = append(b.convs, c.ID), append(b.sessions, c.SessionID)
	}
	for _, id := range []string{b.phone, b.userID} {
		if id != "" {
			b.sessions = append(b.sessions, "wa_"+id)
		}
	}
	return b, nil
}

// Customer reads everything that is kept of the customer of a conversation, on
// all of our numbers. ErrNotFound if there is none.
func (s *Store) Customer(ctx context.Context, conversation int64) (Customer, error) {
	var c Customer
	err := s.read(ctx).Transaction(func(tx *gorm.DB) error {
		b, err := belongingOf(tx, conversation)
		if err != nil {
			return err
		}
		var turns []Turn
		find := func(into any, sql string, args ...any) {
			if err == nil {
				err = tx.Raw(sql, args...).Scan(into).Error
			}
		}
		find(&c.Contact, "SELECT * FROM contact WHERE id = ?", b.contact)
		find(&c.Conversations, "SELECT * FROM conversation WHERE id IN ?", b.convs)
		find(&c.Messages, "SELECT * FROM message WHERE conversation_id IN ? ORDER BY id", b.convs)
		find(&turns, "SELECT * FROM turn WHERE conversation_id IN ? ORDER BY started_at", b.convs)
		find(&c.Memory, "SELECT * FROM memory WHERE session_id IN ? ORDER BY agent, seq", b.sessions)
		find(&c.Windows, "SELECT * FROM memory_window WHERE session_id IN ? AND summary <> '' ORDER BY agent", b.sessions)
		find(&c.Kept, "SELECT * FROM kept WHERE session_id IN ? ORDER BY agent, name", b.sessions)
		find(&c.Deliveries, "SELECT * FROM outbox WHERE conversation_id IN ? ORDER BY seq", b.convs)
		find(&c.Reports, "SELECT * FROM delivery WHERE message_id IN (SELECT message_id FROM outbox WHERE conversation_id IN ? AND message_id <> '') ORDER BY id", b.convs)
		find(&c.Guardrails, "SELECT * FROM guardrail WHERE conversation_id IN ? ORDER BY id", b.convs)
		find(&c.Notes, "SELECT * FROM note WHERE conversation_id IN ? ORDER BY id", b.convs)
		find(&c.Events, "SELECT * FROM event WHERE conversation_id IN ? ORDER BY id", b.convs)
		for _, t := range turns {
			c.Turns = append(c.Turns, turnRecord(t))
		}
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return c, err
	}
	return c, translate(err)
}

func turnRecord(t Turn) TurnRecord {
	r := TurnRecord{
		ID: t.ID, Agent: t.Agent, AgentVersion: t.AgentVersion, Outcome: t.Outcome, Reason: t.Reason, Model: t.Model,
		TokensIn: t.TokensIn, TokensOut: t.TokensOut, ReceivedAt: t.ReceivedAt, StartedAt: t.StartedAt, EndedAt: t.EndedAt,
	}
	if json.Valid([]byte(t.Noted)) {
		r.Noted = json.RawMessage(t.Noted)
	}
	if json.Valid([]byte(t.Data)) {
		r.Data = json.RawMessage(t.Data)
	}
	if json.Valid([]byte(t.Trace)) {
		r.Trace = json.RawMessage(t.Trace)
	}
	return r
}
