package whatsapp

import (
	"strings"

	"astromesh/runtime/channel"
)

// status reads one delivery report. It may come before the answer to the send,
// out of order, and more than once.
func (p *parser) status(at place, v value, n node) {
	var s channel.Status
	var r recipient
	for key, m := range n.members() {
		switch string(key) {
		case "id":
			s.MessageID = m.text()
		case "status":
			// In upper case where it comes from a phone app's history.
			s.Delivery = channel.Delivery(strings.ToLower(m.text()))
		case "timestamp":
			s.At = timeOf(m)
		case "biz_opaque_callback_data":
			s.OutboxID = m.text()
		case "pricing":
			s.Pricing = readPricing(m)
		case "errors":
			s.Errors = readErrors(m)
		case "type", "conversation":
		default:
			if !r.read(string(key), m) {
				p.unknownName(at.member(string(key)), "status field", string(key))
			}
		}
	}
	switch {
	case s.MessageID == "":
		p.odd(at, "status without id")
		return
	case s.Delivery == "":
		p.odd(at, "status without a state")
		return
	case s.MessageID == dashboardMessage:
		p.odd(at, "test payload of Meta's dashboard")
		return
	case s.Delivery.Rank() == 0:
		p.odd(at.member("status"), "unknown delivery state "+nameOf(string(s.Delivery)))
	}
	s.Account = v.account
	s.To, _ = r.sender().customer(v.contacts)
	p.batch.Statuses = append(p.batch.Statuses, s)
}

// recipient is whom a status is about. Meta's pages name the parent's id in
// three ways; all are read.
type recipient struct {
	id, userID, parent                 string
	memberID, memberUser, memberParent string // one participant of a group
	group                              bool
}

// read takes one member of a status and reports whether it knows the name.
func (r *recipient) read(key string, v node) bool {
	switch key {
	case "recipient_id":
		r.id = v.text()
	case "recipient_user_id":
		r.userID = v.text()
	case "recipient_parent_user_id", "parent_recipient_user_id", "parent_user_id":
		r.parent = v.text()
	case "recipient_type":
		r.group = v.text() == "group"
	case "recipient_participant_id":
		r.memberID = v.text()
	case "recipient_participant_user_id":
		r.memberUser = v.text()
	case "recipient_participant_parent_user_id":
		r.memberParent = v.text()
	case "recipient_identity_key_hash", "recipient_logical_id":
	default:
		return false
	}
	return true
}

// sender is the person the status is about: in a group the participant, since
// recipient_id is then the group's.
func (r *recipient) sender() sender {
	if r.group {
		return newSender(r.memberID, r.memberUser, r.memberParent)
	}
	return newSender(r.id, r.userID, r.parent)
}

func readPricing(n node) *channel.Pricing {
	if !n.isObject() {
		return nil
	}
	return &channel.Pricing{
		Billable: n.get("billable").truth(),
		Model:    n.get("pricing_model").text(),
		Type:     n.get("type").text(),
		Category: n.get("category").text(),
	}
}
