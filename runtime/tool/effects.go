package tool

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

const (
	// MaxSends is how many messages the tools of one turn may send besides the
	// reply: a model that goes round in circles must not fill a customer's phone.
	MaxSends = 3
	// MaxSend is how long each of them may be, in characters: one WhatsApp message.
	MaxSend = 4096
	// MaxRecords is how many notes a turn keeps.
	MaxRecords = 16
	// maxReason is how much of a reason is kept, in bytes: a person reads it in a list.
	maxReason = 300
)

// Effects collects what tools want done besides their answer. It is written in
// the one transaction that ends the turn: a turn that crashes and is repeated
// does nothing twice, and one that fails leaves nothing. Safe for use by tools
// that run at the same time.
type Effects struct {
	screen func(text string) (string, error)

	mu       sync.Mutex
	parent   *Effects // of the turn or, where an agent is asked within it, of that call; nil = it is the turn's
	calls    int
	booked   booking // of the turn's only: what all calls have spoken for
	sends    []string
	handover string
	records  []Record
	kept     []Kept
}

// booking counts what a turn allows only so much of. It is counted in the moment of
// the call and for the turn as a whole: calls may run beside each other, and an
// agent that is asked has calls of its own.
type booking struct{ sends, records int }

// Record is what a tool wants remembered of the turn: that it was called, and
// with what.
type Record struct {
	Tool      string         `json:"tool"`
	Arguments map[string]any `json:"arguments"`
}

// Kept is a value to be stored under a key, or with Gone to be forgotten.
type Kept struct {
	Scope string // see cache_store
	Key   string
	Value string
	TTL   time.Duration // 0 = for ever
	Gone  bool
}

// NewEffects starts a turn's. screen is what all words for a customer, and words
// that are stored, must pass: it gives them as they may be read, or an error in
// words for the model. nil = they pass as they are.
func NewEffects(screen func(text string) (string, error)) *Effects {
	if screen == nil {
		screen = func(text string) (string, error) { return text, nil }
	}
	return &Effects{screen: screen}
}

// Under has everything that this call wants done pass screen first, and then what
// it passes anyway. It must be called before the call has done anything.
func (e *Effects) Under(screen func(text string) (string, error)) {
	above := e.screen
	e.screen = func(text string) (string, error) {
		text, err := screen(text)
		if err != nil {
			return "", err
		}
		return above(text)
	}
}

// Send has a message go to the customer before the reply.
func (e *Effects) Send(text string) error {
	text = strings.TrimSpace(strings.ToValidUTF8(text, ""))
	if n := utf8.RuneCountInString(text); n > MaxSend {
		return fmt.Errorf("the message has %d characters, at most %d are allowed: say it in fewer words", n, MaxSend)
	}
	text, err := e.screen(text)
	if err != nil {
		return err
	}
	if strings.TrimSpace(text) == "" {
		return errors.New("the message is empty: nothing was sent")
	}
	if !e.book(booking{sends: 1}) {
		return fmt.Errorf("at most %d messages may be sent in one turn: nothing was sent. Say the rest in your answer", MaxSends)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sends = append(e.sends, text)
	return nil
}

// HandOver has a person called, and the agent fall silent for this conversation
// once its reply is out. The first reason of a turn stands.
func (e *Effects) HandOver(reason string) error {
	reason, err := e.screen(strings.Join(strings.Fields(strings.ToValidUTF8(reason, "")), " "))
	if err != nil {
		reason = "" // a person is called all the same
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.handover == "" {
		e.handover = clip(reason, maxReason)
	}
	if e.handover == "" {
		e.handover = "The agent asked for a person."
	}
	return nil
}

// Record notes a call and its arguments on the turn, for people to see.
func (e *Effects) Record(tool string, arguments map[string]any) error {
	if !e.book(booking{records: 1}) {
		return fmt.Errorf("at most %d notes may be made in one turn", MaxRecords)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.records = append(e.records, Record{Tool: tool, Arguments: maps.Clone(arguments)})
	return nil
}

// Screen gives a text as it may be stored or read, or an error for the model.
func (e *Effects) Screen(text string) (string, error) { return e.screen(text) }

// Keep stores a value, or forgets it. The value must have passed Screen.
func (e *Effects) Keep(k Kept) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.kept = append(e.kept, k)
}

// Found is what this turn has stored or forgotten under a key, newest first; it
// is not on disk yet.
func (e *Effects) Found(scope, key string) (k Kept, ok bool) {
	if e == nil {
		return Kept{}, false
	}
	e.mu.Lock()
	for _, k := range slices.Backward(e.kept) {
		if k.Scope == scope && k.Key == key {
			e.mu.Unlock()
			return k, true
		}
	}
	e.mu.Unlock()
	return e.parent.Found(scope, key)
}

// Sends are the messages to go out, in order.
func (e *Effects) Sends() []string { return read(e, func() []string { return slices.Clone(e.sends) }) }

// Handover is why a person is wanted; "" = none is.
func (e *Effects) Handover() string { return read(e, func() string { return e.handover }) }

// Records are the notes, in order.
func (e *Effects) Records() []Record {
	return read(e, func() []Record { return slices.Clone(e.records) })
}

// Kept is what is to be stored, in order.
func (e *Effects) Kept() []Kept { return read(e, func() []Kept { return slices.Clone(e.kept) }) }

// read takes something out under the lock; of nil it is the zero value.
func read[T any](e *Effects, take func() T) (none T) {
	if e == nil {
		return none
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return take()
}

// book speaks for some of what the turn allows; false = there is no more.
func (e *Effects) book(n booking) bool {
	turn := e
	for turn.parent != nil {
		turn = turn.parent
	}
	turn.mu.Lock()
	defer turn.mu.Unlock()
	sends, records := turn.booked.sends+n.sends, turn.booked.records+n.records
	if sends > MaxSends || records > MaxRecords {
		return false
	}
	turn.booked = booking{sends, records}
	return true
}

// forgo gives back what a call has spoken for that came to no good end.
func (e *Effects) forgo(call *Effects) {
	e.book(booking{-len(call.Sends()), -len(call.Records())})
}

// begin starts what one call does, and numbers the call. Nothing of it counts
// before join: a tool that answers too late, or fails, leaves nothing behind.
func (e *Effects) begin() (call *Effects, number int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls++
	return &Effects{screen: e.screen, parent: e}, e.calls
}

// join takes over what a call did that came to a good end.
func (e *Effects) join(call *Effects) {
	sends, handover, records, kept := call.Sends(), call.Handover(), call.Records(), call.Kept()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sends = append(e.sends, sends...)
	e.records = append(e.records, records...)
	e.kept = append(e.kept, kept...)
	if e.handover == "" {
		e.handover = handover
	}
}
