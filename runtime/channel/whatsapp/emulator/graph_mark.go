package emulator

import "time"

const (
	typingLife = 25 * time.Second    // of the indicator, if nothing is sent
	markAge    = 30 * 24 * time.Hour // oldest message that can be marked
)

// mark answers a read receipt; with typing_indicator the user sees that the
// business types. Typing without reading does not exist.
func (e *Emulator) mark(q *request, s *sendRequest) {
	if s.Status != "read" || s.MessageID == "" {
		e.refuse(q, refusal(131008, "status and message_id are required."))
		return
	}
	if s.Typing != nil && s.Typing.Type != "text" {
		e.refuse(q, refusal(100, "typing_indicator.type must be text."))
		return
	}
	now := e.clock.Now()
	e.mu.Lock()
	m, known := e.inbound[s.MessageID]
	known = known && now.Sub(m.at) <= markAge
	mark := Mark{At: now, WAMID: s.MessageID, Typing: s.Typing != nil}
	if known {
		mark.User = m.from.user
		if mark.Typing {
			mark.Until = now.Add(typingLife)
			m.from.typingUntil = mark.Until
		}
	}
	e.mu.Unlock()
	if !known {
		e.refuse(q, refusal(131009, "The message id is unknown or too old."))
		return
	}
	e.journal.add(Event{At: now, Mark: &mark})
	e.success(q)
}
