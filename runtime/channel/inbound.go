// Package channel holds the values that every channel speaks: what came in,
// what goes out, what became of it. It imports nothing of ours.
package channel

import "time"

// Kind names what a customer (or the owner's phone) did, after Meta's own type
// names where there is one.
type Kind string

// The kinds of an inbound event.
const (
	KindText        Kind = "text"
	KindImage       Kind = "image"
	KindVideo       Kind = "video"
	KindAudio       Kind = "audio"
	KindDocument    Kind = "document"
	KindSticker     Kind = "sticker"
	KindLocation    Kind = "location"
	KindContacts    Kind = "contacts"
	KindButton      Kind = "button"
	KindInteractive Kind = "interactive"
	KindOrder       Kind = "order"
	KindReaction    Kind = "reaction"
	KindEdit        Kind = "edit"
	KindRevoke      Kind = "revoke"
	KindSystem      Kind = "system"
	KindWelcome     Kind = "request_welcome"
	KindEcho        Kind = "echo" // the owner wrote from the phone app
	KindUnsupported Kind = "unsupported"
	KindUnknown     Kind = "unknown" // a type that this program has no name for
)

// Treatment says what the runtime does with an inbound event.
type Treatment string

const (
	// Answer: the agent reads it and replies.
	Answer Treatment = "answer"
	// Notice: the customer gets the configured "unsupported" text, once.
	Notice Treatment = "notice"
	// Record: it is kept and shown, and nobody is answered.
	Record Treatment = "record"
)

// Customer is who writes. At least one of Phone and UserID is set.
type Customer struct {
	Phone        string `json:"phone,omitempty"`          // digits, no plus; empty when the customer hides it
	UserID       string `json:"user_id,omitempty"`        // business-scoped user id ("US.1349…")
	ParentUserID string `json:"parent_user_id,omitempty"` // the same for the parent business
	Name         string `json:"name,omitempty"`           // profile name as the customer typed it
	Username     string `json:"username,omitempty"`       // without the leading @
}

// SessionID is the name memory is kept under: wa_<digits>, or wa_<user id> for
// a customer whose number is hidden.
func (c Customer) SessionID() string {
	if c.Phone != "" {
		return "wa_" + c.Phone
	}
	return "wa_" + c.UserID
}

// Media is an attachment that still lies with the channel.
type Media struct {
	Kind     Kind   `json:"kind"`
	ID       string `json:"id,omitempty"`
	URL      string `json:"url,omitempty"` // short-lived, from the webhook; may be empty
	MIME     string `json:"mime,omitempty"`
	Filename string `json:"filename,omitempty"`
	SHA256   string `json:"sha256,omitempty"` // base64, as the webhook gives it
	Voice    bool   `json:"voice,omitempty"`
}

// File is an attachment fetched into memory. It is never written to disk.
type File struct {
	MIME string
	Data []byte
}

// Inbound is one event of a conversation, already understood.
type Inbound struct {
	ID        string    `json:"id"`      // Meta's message id, unique; the key of deduplication
	Account   string    `json:"account"` // phone_number_id it was sent to
	From      Customer  `json:"from"`
	At        time.Time `json:"at"` // Meta's timestamp, 1 s resolution
	Kind      Kind      `json:"kind"`
	Treatment Treatment `json:"treatment"`
	Text      string    `json:"text,omitempty"`     // what the agent reads: text, caption, choice or a bracketed description
	Media     []Media   `json:"media,omitempty"`    // to be fetched before the turn
	ReplyTo   string    `json:"reply_to,omitempty"` // id of the message it answers, edits, revokes or reacts to
	ChoiceID  string    `json:"choice_id,omitempty"`
	GroupID   string    `json:"group_id,omitempty"`
	Note      string    `json:"note,omitempty"` // for the log: the unknown type's name, the error of an unsupported one
}

// Oddity is something in a batch that is not acted on and must not be lost
// silently: an unknown field or object, a broken element, a foreign number.
type Oddity struct {
	Path string `json:"path"` // where: "entry[0].changes[1].value.messages[2]"
	What string `json:"what"` // in words, with the name of what was unknown; no customer text, no phone number
}

// Batch is everything one webhook POST carried, in its order.
type Batch struct {
	Messages []Inbound
	Statuses []Status
	Errors   []Error // account-level errors (value.errors)
	Oddities []Oddity
}
