package view

import (
	"strconv"
	"strings"
	"time"

	"astromesh/web/form"
)

// Chats is the list of conversations, and the one that is open.
type Chats struct {
	Form   form.Chats
	Path   string // of the page: the list's links stay in it
	Rows   []ChatRow
	More   string // address of the older ones; "" = that was all
	Open   *Chat  // nil: none is open
	Stream string // address of what happens from now on
	Now    time.Time
}

// ChatRow is one conversation of the list.
type ChatRow struct {
	ID     int64
	Name   string
	Last   string // the last line as stored, or the one that was found
	Kind   string // of the last line
	Author string
	At     time.Time
	Unread int
	Many   bool   // more than Unread
	Needs  string // why a person is needed
	Off    bool   // the agent does not answer
	Failed bool
}

// Chat is one open conversation.
type Chat struct {
	ID      int64
	Back    string // address of the list as it was
	Name    string
	Session string // memory's name for the customer
	Lines   []ChatLine
	Earlier string // address of the lines before; "" = that was all
	Pending ChatPending
	State   ChatState
	About   ChatAbout
	Owner   bool
}

// ChatState is who answers, and what the box below the transcript is.
type ChatState struct {
	ID         int64
	Needs      string // why a person is needed; "" = not
	Taken      bool
	Until      time.Time // the agent is silent until then; zero = until it is handed back
	By         string    // who took over; "" = from the phone's app
	MutedUntil time.Time // the loop guard is silent until then; zero = not
	WindowEnds time.Time // zero: not known, the customer has not written yet
	Window     bool      // may be written to
	Write      form.Write
}

// Key changes when the box must be drawn anew. The window's end is not in it: it
// moves with each message of the customer, while somebody may be writing.
func (s ChatState) Key() string {
	return strings.Join([]string{s.Needs, strconv.FormatBool(s.Taken), s.Until.String(), s.By, s.MutedUntil.String(), strconv.FormatBool(s.Window)}, "|")
}

// ChatPending is what came and is not answered yet.
type ChatPending struct {
	Lines   []ChatLine
	Writing bool      // the agent is at it
	Tries   time.Time // it cannot reach the model, and tries until then; zero = it can
}

// Key changes when it must be drawn anew.
func (p ChatPending) Key() string {
	key := strconv.FormatBool(p.Writing) + p.Tries.String()
	for _, l := range p.Lines {
		key += "," + strconv.FormatInt(l.ID, 10)
	}
	return key
}

// ChatAbout is what is known of the customer.
type ChatAbout struct {
	Phone    string // digits; "" = hidden
	Username string
	Since    time.Time
	Messages int64
	Memory   int // entries that the agent remembers
	Agent    string
	Notes    []ChatNote
	Note     form.Write
}

// ChatNote is a private note.
type ChatNote struct {
	ID   int64
	By   string
	Text string
	At   time.Time
}

// Ticks of a line that was to be sent.
const (
	TickWaiting   = "waiting"
	TickSent      = "sent"
	TickDelivered = "delivered"
	TickRead      = "read"
	TickFailed    = "failed"
	TickWithdrawn = "withdrawn"
	TickUnsure    = "unsure"
)

// ChatLine is one line of the transcript.
type ChatLine struct {
	ID     int64 // 0 while pending
	Author string
	Kind   string
	Text   string
	At     time.Time
	Day    time.Time // set on the first line of a day
	Tick   string    // "" on lines that were not to be sent
	Why    string    // why it failed, in words
	Code   int       // Meta's
	Marks  []ChatMark
	Noted  []string // what the agent's tools noted for people in this turn
	Trace  string   // address of "why this answer"; "" = none
}

// ChatMark is what a guardrail did in a line's turn.
type ChatMark struct {
	Entity string // EMAIL, PHONE …
	Rule   string
	Action string // allow, rewrite, block
}

func (l ChatLine) anchor() string { return "line-" + strconv.FormatInt(l.ID, 10) }

func (l ChatLine) tickID() string { return "tick-" + strconv.FormatInt(l.ID, 10) }
