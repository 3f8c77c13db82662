package channel

import (
	"context"
	"time"
)

// Outbound is one message to a customer.
type Outbound struct {
	ID            string   // outbox id; travels as biz_opaque_callback_data and comes back with each status
	Account       string   // phone_number_id to send from
	To            Customer // Phone wins; UserID is used where the number is hidden
	Text          string   // 1 to 4,096 characters
	LastInboundAt time.Time
}

// Receipt is what the channel said of an accepted message. Accepted is not delivered.
type Receipt struct {
	MessageID string // the channel's id of the sent message
	Phone     string // the number as the channel knows it; may differ from the one sent to
	UserID    string
}

// Sender is a channel's way out. Implementations: whatsapp.Client (Graph) and
// the recorder that the JSON API's run uses in place of a customer.
type Sender interface {
	// Send hands one message over. An error is always a *SendError.
	Send(ctx context.Context, out Outbound) (Receipt, error)
	// MarkRead shows the customer that messageID was read, with the typing sign
	// if typing is set. The sign lasts 25 s or until the next message.
	MarkRead(ctx context.Context, account, messageID string, typing bool) error
	// Fetch loads an attachment into memory, within the channel's size limits.
	Fetch(ctx context.Context, account string, m Media) (File, error)
}

// Outcome says what is known of a failed send, and so what may be done next.
type Outcome string

const (
	// Rejected before it was processed: the same send may be tried again, after RetryAfter.
	Rejected Outcome = "rejected"
	// Refused for good: trying again would fail again.
	Refused Outcome = "refused"
	// TokenRefused: no send with this token will pass; all sending pauses.
	TokenRefused Outcome = "token_refused"
	// PairLimited: too many messages to this one customer; others are unaffected.
	PairLimited Outcome = "pair_limited"
	// Unknown: it may or may not have been accepted. Never send again blindly.
	Unknown Outcome = "unknown"
	// WindowClosed: more than 24 hours since the customer last wrote.
	WindowClosed Outcome = "window_closed"
)

// SendError is why a send failed, as a value that the relay can act on.
type SendError struct {
	Outcome    Outcome
	Code       int           // Meta's error code, 0 if there was none
	Subcode    int           // error_subcode
	Status     int           // HTTP status, 0 if no response came
	Detail     string        // Meta's words, without secrets; for the technician
	Reason     string        // one sentence for the owner: what happened and what to do
	RetryAfter time.Duration // what the channel asked for; 0 = the relay decides
	Err        error         // the cause, if any
}

func (e *SendError) Error() string {
	s := "send " + string(e.Outcome)
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *SendError) Unwrap() error { return e.Err }

// Delivery is how far a sent message got. Its order is its rank.
type Delivery string

// The delivery states of a message, as Meta names them.
const (
	DeliverySent      Delivery = "sent"
	DeliveryDelivered Delivery = "delivered"
	DeliveryRead      Delivery = "read"
	DeliveryPlayed    Delivery = "played"
	DeliveryFailed    Delivery = "failed"
)

// Rank orders delivery states: a later one never goes back to an earlier one.
// Failed stands above sent, which often comes before it, and below delivered: a
// message that was delivered did not fail. Unknown names have rank 0.
func (d Delivery) Rank() int {
	switch d {
	case DeliverySent:
		return 1
	case DeliveryFailed:
		return 2
	case DeliveryDelivered:
		return 3
	case DeliveryRead:
		return 4
	case DeliveryPlayed:
		return 5
	default:
		return 0
	}
}

// Status is one delivery report.
type Status struct {
	MessageID string
	OutboxID  string // biz_opaque_callback_data, empty if the message was not ours
	Account   string
	To        Customer
	Delivery  Delivery // as reported; unknown names are kept and have rank 0
	At        time.Time
	Pricing   *Pricing
	Errors    []Error
}

// Pricing is what Meta says a delivered message costs by.
type Pricing struct {
	Billable bool   `json:"billable"`
	Model    string `json:"model"`
	Type     string `json:"type"`
	Category string `json:"category"`
}

// Error is Meta's error object, as it stands in webhooks.
type Error struct {
	Code    int    `json:"code"`
	Title   string `json:"title,omitempty"`
	Message string `json:"message,omitempty"`
	Details string `json:"details,omitempty"`
}
