package emulator

import (
	"encoding/json"
	"sync"
	"time"
)

// Event is one thing that happened. Exactly one of the pointers is set.
type Event struct {
	Seq      int // from 0, without gaps
	At       time.Time
	Received *Received
	Sent     *Sent
	Refused  *Refused
	Mark     *Mark
	Status   *Told
	Media    *MediaGet
	Post     *Post
}

// Received is a message of a customer, noted once however often it is posted.
type Received struct {
	At            time.Time
	User          User
	PhoneNumberID string
	WAMID         string
	Kind, Text    string
	Echo          bool // the owner wrote it on the telephone
}

// Sent is an accepted send of the business.
type Sent struct {
	At            time.Time
	WAMID         string
	PhoneNumberID string
	To, Recipient string // as given
	User          User   // whom that means
	Type, Text    string // Text: body, caption or emoji
	Preview       bool
	ReplyTo       string
	Opaque        string          // biz_opaque_callback_data
	Body          json.RawMessage // the request
	Dropped       bool            // a user id in "to": accepted, and silently never delivered
	FailCode      int             // a failed status with this code follows; never delivered
}

// Reached reports whether the customer gets to read the message.
func (s Sent) Reached() bool { return !s.Dropped && s.FailCode == 0 }

// Refused is a Graph call that was answered with an error, or broken off.
type Refused struct {
	At           time.Time
	Call         Call
	Method, Path string
	To, Text     string // of a send
	HTTP, Code   int    // HTTP 0: the connection was cut
}

// Mark is a read receipt, with or without typing indicator.
type Mark struct {
	At     time.Time
	User   User
	WAMID  string
	Typing bool
	Until  time.Time // when the indicator goes out by itself
}

// Told is a status the emulator told about a Sent.
type Told struct {
	At            time.Time
	WAMID, Status string
	Code          int // of a failed one
}

// MediaGet is a request for a media id or its URL.
type MediaGet struct {
	At   time.Time
	ID   string
	Call Call // CallMediaInfo or CallMediaDownload
	HTTP int
}

// Post is one webhook POST.
type Post struct {
	At     time.Time
	Took   time.Duration
	Status int    // 0: no answer
	Err    string // why
	Body   []byte
	IDs    []string
}

// journal is append-only. Whoever waits holds the changed channel it read
// together with the events, so that nothing is missed.
type journal struct {
	mu      sync.Mutex
	events  []Event
	changed chan struct{}
}

func newJournal() *journal { return &journal{changed: make(chan struct{})} }

func (j *journal) add(ev Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	ev.Seq = len(j.events)
	j.events = append(j.events, ev)
	close(j.changed)
	j.changed = make(chan struct{})
}

// since returns the events from seq on, and what is closed on the next one.
// The slice is never written to again.
func (j *journal) since(seq int) ([]Event, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.events[seq:len(j.events):len(j.events)], j.changed
}

// collect lists one kind of event, in order.
func collect[T any](e *Emulator, pick func(Event) *T) []T {
	var list []T
	events, _ := e.journal.since(0)
	for _, ev := range events {
		if v := pick(ev); v != nil {
			list = append(list, *v)
		}
	}
	return list
}

// Events lists everything that happened so far.
func (e *Emulator) Events() []Event {
	events, _ := e.journal.since(0)
	return append([]Event(nil), events...)
}

// Sent lists the accepted sends.
func (e *Emulator) Sent() []Sent { return collect(e, func(ev Event) *Sent { return ev.Sent }) }

// Refused lists the refused and broken Graph calls.
func (e *Emulator) Refused() []Refused {
	return collect(e, func(ev Event) *Refused { return ev.Refused })
}

// Marks lists read receipts and typing indicators.
func (e *Emulator) Marks() []Mark { return collect(e, func(ev Event) *Mark { return ev.Mark }) }

// Told lists the statuses, in the order of their first attempt.
func (e *Emulator) Told() []Told { return collect(e, func(ev Event) *Told { return ev.Status }) }

// MediaGets lists the requests for media.
func (e *Emulator) MediaGets() []MediaGet {
	return collect(e, func(ev Event) *MediaGet { return ev.Media })
}

// Posts lists the webhook POSTs that have ended.
func (e *Emulator) Posts() []Post { return collect(e, func(ev Event) *Post { return ev.Post }) }

// Duplicates lists the sends that repeat an earlier one: same customer, type
// and text. Those that never reached the customer do not count.
func (e *Emulator) Duplicates() []Sent {
	type key struct {
		who        *person
		kind, text string
	}
	var again []Sent
	seen := map[key]bool{}
	for _, s := range e.Sent() {
		if !s.Reached() {
			continue
		}
		e.mu.Lock()
		k := key{e.people.of(s.User), s.Type, s.Text}
		e.mu.Unlock()
		if seen[k] {
			again = append(again, s)
		}
		seen[k] = true
	}
	return again
}
