package emulator

import "time"

// StatusPolicy is what Meta tells about an accepted message.
type StatusPolicy struct {
	Off         bool         // no status webhooks
	Steps       []StatusStep // sent, delivered, read, each at once; any order
	Contacts    ContactShape
	OldPricing  bool // conversation object of v23 and before
	FailedAfter time.Duration
}

// StatusStep is one status, After the one before it.
type StatusStep struct {
	Status string // "sent", "delivered", "read", "played"
	After  time.Duration
}

// ContactShape is how a status names the customer; all three occur.
type ContactShape int

// The shapes.
const (
	ContactIDs  ContactShape = iota // wa_id and user_id without profile, as seen since April 2026
	ContactNone                     // no contacts, as before 2026
	ContactFull                     // with profile, as documented
)

// Status is a status webhook about the message wamid to u. status is "sent",
// "delivered", "read" or "played"; opaque may be empty.
func (e *Emulator) Status(wamid string, u User, status, opaque string) Item {
	it := e.item(u, status, "")
	it.ID, it.list = wamid, "statuses"
	it.contact = e.statusContact(u)
	it.body = object{}.with("status", status).opt("recipient_id", u.phone()).
		opt("recipient_user_id", u.UserID).opt("recipient_parent_user_id", u.ParentUserID).
		opt("biz_opaque_callback_data", opaque)
	if status == "sent" || status == "delivered" {
		it.body = it.body.with("pricing", object{}.with("billable", false).with("pricing_model", "PMP").
			with("type", "free_customer_service").with("category", "service"))
	}
	if e.cfg.Status.OldPricing && status != "read" && status != "played" {
		c := object{}.with("id", e.randomText(32, "0123456789abcdef"))
		if status == "sent" {
			c = c.with("expiration_timestamp", seconds(it.At.Add(24*time.Hour)))
		}
		it.body = it.body.with("conversation", c.with("origin", object{}.with("type", "service")))
	}
	return it
}

// FailedStatus is the failed status with its reason. Its contact carries no
// user id, as observed in August 2026.
func (e *Emulator) FailedStatus(wamid string, u User, code int, opaque string) Item {
	it := e.item(u, "failed", "")
	it.ID, it.list = wamid, "statuses"
	if e.cfg.Status.Contacts != ContactNone {
		it.contact = object{}.opt("wa_id", u.phone())
	}
	it.body = object{}.with("status", "failed").opt("recipient_id", u.phone()).
		opt("recipient_user_id", u.UserID).opt("biz_opaque_callback_data", opaque).
		with("errors", []object{errorObject(code, "")})
	return it
}

func (e *Emulator) statusContact(u User) object {
	ids := object{}.opt("wa_id", u.phone()).opt("user_id", u.UserID)
	switch e.cfg.Status.Contacts {
	case ContactNone:
		return nil
	case ContactFull:
		return append(object{}.with("profile", object{}.opt("name", u.Name)), ids...)
	default:
		return ids
	}
}

// flow is the row of statuses still to come for one message.
type flow struct {
	sent     Sent
	steps    []StatusStep
	failCode int
	number   Number
}

// flowOf decides what will be told about s.
func (e *Emulator) flowOf(s Sent, n Number, f Fault) flow {
	fl := flow{sent: s, number: n, steps: e.cfg.Status.Steps, failCode: s.FailCode}
	switch {
	case s.Dropped || f.NoStatuses || e.cfg.Status.Off:
		fl.steps = nil
	case s.FailCode != 0:
		fl.steps = []StatusStep{{Status: "failed", After: e.cfg.Status.FailedAfter}}
	case s.Type == "reaction" && len(fl.steps) > 1: // reactions are never told as read
		fl.steps = fl.steps[:1]
	}
	return fl
}

// run tells the steps one after the other; each waits for the answer to the
// one before, not for its success.
func (e *Emulator) run(fl flow) {
	if len(fl.steps) == 0 {
		return
	}
	e.tasks.after(e.clock, fl.steps[0].After, func() {
		e.tell(fl)
		fl.steps = fl.steps[1:]
		e.run(fl)
	})
}

// tell makes the first attempt at the first step; retries go on by themselves.
func (e *Emulator) tell(fl flow) {
	status := fl.steps[0].Status
	var it Item
	if status == "failed" {
		it = e.FailedStatus(fl.sent.WAMID, fl.sent.User, fl.failCode, fl.sent.Opaque)
	} else {
		it = e.Status(fl.sent.WAMID, fl.sent.User, status, fl.sent.Opaque)
	}
	e.journal.add(Event{At: it.At, Status: &Told{At: it.At, WAMID: it.ID, Status: status, Code: fl.failCode}})
	it = it.On(fl.number)
	d := e.newDelivery()
	d.open = 1
	e.try(d, e.parcel(batchOf([]Item{it})))
}
