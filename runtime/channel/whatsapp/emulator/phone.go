package emulator

import (
	"context"
	"fmt"
	"time"
)

// Line is one line of a conversation as the customer's telephone shows it.
type Line struct {
	At           time.Time
	FromCustomer bool
	Owner        bool // the owner wrote it himself
	Kind, Text   string
	WAMID        string
	Status       string // of the business's messages, the highest told; of the customer's: "read" once marked
}

// Conversation lists both directions of u's chat with the business, oldest
// first, without messages that never reached u.
func (e *Emulator) Conversation(u User) []Line {
	u = e.whole(u)
	var lines []Line
	at := map[string]int{}
	events, _ := e.journal.since(0)
	for _, ev := range events {
		switch {
		case ev.Received != nil && e.whole(ev.Received.User).same(u):
			r := ev.Received
			at[r.WAMID] = len(lines)
			lines = append(lines, Line{At: r.At, FromCustomer: !r.Echo, Owner: r.Echo,
				Kind: r.Kind, Text: r.Text, WAMID: r.WAMID})
		case ev.Sent != nil && ev.Sent.Reached() && e.whole(ev.Sent.User).same(u):
			s := ev.Sent
			at[s.WAMID] = len(lines)
			lines = append(lines, Line{At: s.At, Kind: s.Type, Text: s.Text, WAMID: s.WAMID})
		case ev.Status != nil:
			if i, ok := at[ev.Status.WAMID]; ok && rank(ev.Status.Status) > rank(lines[i].Status) {
				lines[i].Status = ev.Status.Status
			}
		case ev.Mark != nil:
			if i, ok := at[ev.Mark.WAMID]; ok {
				markRead(lines[:i+1])
			}
		}
	}
	return lines
}

// markRead marks the last line and the customer's earlier ones, as one read
// receipt does.
func markRead(lines []Line) {
	for i := range lines {
		if lines[i].FromCustomer {
			lines[i].Status = "read"
		}
	}
}

func rank(status string) int {
	for i, s := range []string{"", "sent", "delivered", "read", "played"} {
		if s == status {
			return i
		}
	}
	return 0
}

// whole is u with everything known about him.
func (e *Emulator) whole(u User) User {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.people.of(u).user
}

// Typing reports whether u sees the typing indicator: for 25 seconds, or until
// the next message.
func (e *Emulator) Typing(u User) bool {
	now := e.clock.Now()
	e.mu.Lock()
	defer e.mu.Unlock()
	return now.Before(e.people.of(u).typingUntil)
}

// Phone is the telephone of one customer, for the demo.
type Phone struct {
	e    *Emulator
	user User
}

// Phone returns the telephone of u.
func (e *Emulator) Phone(u User) *Phone { return &Phone{e: e, user: u} }

// Write sends a text to the business, retried as Meta does, and returns once
// the business has taken it.
func (p *Phone) Write(ctx context.Context, text string) (Item, error) {
	it := p.e.Text(p.user, text)
	if err := p.e.Deliver(it).Wait(ctx); err != nil {
		return it, fmt.Errorf("write to the business: %w", err)
	}
	return it, nil
}

// Chat is the conversation on the screen.
func (p *Phone) Chat() []Line { return p.e.Conversation(p.user) }

// Typing reports whether the business is shown as typing.
func (p *Phone) Typing() bool { return p.e.Typing(p.user) }

// Reads lists what the business has written.
func (p *Phone) Reads() []Line {
	var lines []Line
	for _, l := range p.Chat() {
		if !l.FromCustomer {
			lines = append(lines, l)
		}
	}
	return lines
}

// WaitReads returns what the business has written once it is n messages.
func (p *Phone) WaitReads(ctx context.Context, n int) ([]Line, error) {
	if n <= 0 {
		return p.Reads(), nil
	}
	_, err := p.e.Await(ctx, func(ev Event) bool {
		return (ev.Sent != nil || ev.Received != nil) && len(p.Reads()) >= n
	})
	if lines := p.Reads(); err == nil || len(lines) >= n {
		return lines, nil
	}
	return p.Reads(), fmt.Errorf("wait for message %d: %w", n, err)
}
