package emulator

import (
	"net/http"
	"strings"
	"time"
)

// customerWindow is how long a business may write freely after the user's last
// message.
const customerWindow = 24 * time.Hour

// send accepts a checked message, answers, and tells its statuses.
func (e *Emulator) send(q *request, n *number, s *sendRequest, f Fault) {
	sent, ge := e.accept(n, s, f)
	if ge != nil {
		e.refuse(q, *ge)
		return
	}
	fl := e.flowOf(sent, n.Number, f)
	if f.StatusFirst && len(fl.steps) > 0 {
		e.tell(fl)
		fl.steps = fl.steps[1:]
	}
	// The flow is registered before the answer leaves, so that Settle sees it,
	// and starts after it, as it mostly does at Meta.
	answered := make(chan struct{})
	defer close(answered)
	e.tasks.spawn(func() {
		<-answered
		e.run(fl)
	})
	switch {
	case f.Lost:
		cut(q.w)
	case f.Accept:
		e.answerFault(q, f)
	default:
		e.answer(q, http.StatusOK, s.accepted(sent))
		_ = http.NewResponseController(q.w).Flush()
	}
}

// accept judges a send by people, time and limits, and notes it.
func (e *Emulator) accept(n *number, s *sendRequest, f Fault) (Sent, *graphError) {
	now := e.clock.Now()
	e.mu.Lock()
	p := e.people.of(s.user())
	dropped := userIDForm.MatchString(s.To)
	if ge := e.throttled(n, p, now, dropped); ge != nil {
		e.mu.Unlock()
		return Sent{}, ge
	}
	open := now.Before(p.wrote[n.ID].Add(customerWindow)) || s.Type == "template"
	if !dropped {
		p.typingUntil = time.Time{}
	}
	sent := Sent{At: now, PhoneNumberID: n.ID, To: s.To, Recipient: s.Recipient, User: p.user,
		Type: s.Type, Text: s.text(), ReplyTo: s.Context.MessageID, Opaque: s.Opaque,
		Body: s.raw, Dropped: dropped, FailCode: f.FailLater}
	e.mu.Unlock()
	if s.Text != nil {
		sent.Preview = s.Text.Preview
	}
	if !open && e.cfg.Limits.Window == WindowSync {
		ge := refusal(131047, detailsOf(131047))
		return Sent{}, &ge
	}
	if sent.FailCode == 0 && !open && e.cfg.Limits.Window == WindowAsync {
		sent.FailCode = 131047
	}
	if sent.FailCode == 0 && !e.playable(s) {
		sent.FailCode = 131053
	}
	sent.WAMID = e.newWAMID(sent.User.Address(), wamidOutbound)
	e.journal.add(Event{At: now, Sent: &sent})
	return sent, nil
}

// user is whom the addressing means. A user id in "to" names somebody only for
// the journal: it is never delivered.
func (s *sendRequest) user() User {
	switch {
	case userIDForm.MatchString(s.To):
		return User{UserID: s.To}
	case s.To != "":
		return User{Phone: waID(phoneDigits(s.To))}
	case strings.Contains(s.Recipient, ".ENT."):
		return User{ParentUserID: s.Recipient}
	default:
		return User{UserID: s.Recipient}
	}
}

// throttled applies the test allow-list and the rate limits; it wants e.mu.
func (e *Emulator) throttled(n *number, p *person, now time.Time, dropped bool) *graphError {
	limits := e.cfg.Limits
	if limits.TestRecipients != nil && !dropped && !allowed(limits.TestRecipients, p.user) {
		ge := refusal(131030, "Recipient phone number not in allowed list: add it to the list and try again.")
		return &ge
	}
	code := 0
	if limits.Throughput > 0 && !n.bucket.take(now, float64(limits.Throughput), float64(limits.Throughput)) {
		code = 130429
	}
	if limits.Pair && code == 0 {
		b := p.pair[n.ID]
		if b == nil {
			b = &bucket{}
			p.pair[n.ID] = b
		}
		if !b.take(now, pairBurst, pairRate) {
			code = 131056
		}
	}
	if code == 0 {
		return nil
	}
	ge := refusal(code, detailsOf(code))
	ge.http, ge.retryAfter = limits.ThrottleStatus, limits.RetryAfter
	return &ge
}

func allowed(recipients []string, u User) bool {
	for _, r := range recipients {
		if u.is(r) {
			return true
		}
	}
	return false
}

// accepted is the success answer. input is the address as it was sent; wa_id
// comes for numbers, user_id only if recipient was used.
func (s *sendRequest) accepted(sent Sent) object {
	contact := object{}.with("input", s.address())
	if s.To != "" && !sent.Dropped {
		contact = contact.with("wa_id", waID(phoneDigits(s.To)))
	}
	contact = contact.opt("user_id", s.Recipient)
	message := object{}.with("id", sent.WAMID)
	if s.Type == "template" {
		message = message.with("message_status", "accepted")
	}
	return object{}.with("messaging_product", "whatsapp").
		with("contacts", []object{contact}).with("messages", []object{message})
}
