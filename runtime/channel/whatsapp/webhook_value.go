package whatsapp

import (
	"fmt"
	"strings"

	"astromesh/runtime/channel"
)

// value is the content of one change, its lists not yet read.
type value struct {
	account  string // phone_number_id it is for
	foreign  string // why it is not for us, in words; "" if it is
	contacts []contact
	messages node // messages, or message_echoes
	statuses node
	errors   node
}

// readValue sorts the members of a change's value. Contacts must be known before
// messages are read, and the order of the keys is not promised.
func (p *parser) readValue(at place, n node) value {
	var v value
	var metadata, contacts node
	at.depth = 3
	for key, member := range n.members() {
		switch string(key) {
		case "messaging_product":
		case "metadata":
			metadata = member
		case "contacts":
			contacts = member
		case "messages", "message_echoes":
			v.messages = member
		case "statuses":
			v.statuses = member
		case "errors":
			v.errors = member
		case "history":
		default:
			at.list = logName(string(key))
			p.unknownName(at, "field", string(key))
		}
	}
	v.contacts = readContacts(contacts)
	v.account, v.foreign = p.route(metadata.get("phone_number_id").text())
	return v
}

// route decides by phone_number_id whether a value is for this program.
func (p *parser) route(id string) (account, foreign string) {
	switch {
	case id == dashboardAccount:
		return id, "test payload of Meta's dashboard"
	case id == "" && p.account == "":
		return "", "no phone_number_id, so there is no number to answer from"
	case id == "":
		return p.account, "" // one number is configured: there is no doubt who is meant
	case p.account != "" && id != p.account:
		return id, "for phone number id " + idForLog(id) + ", which is not the configured one"
	}
	return id, ""
}

// idForLog keeps an id of Meta's readable (it is no phone number) but bounded
// and on one line.
func idForLog(id string) string {
	keep := func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r
		}
		return '?'
	}
	return strings.Map(keep, cutRunes(id, 40))
}

func (p *parser) messagesValue(at place, n node) {
	v := p.readValue(at, n)
	p.eachElement(at, "messages", v, v.messages, p.message)
	p.eachElement(at, "statuses", v, v.statuses, p.status)
	p.accountErrors(at, v)
}

// accountErrors takes in value.errors, which belong to no single message.
func (p *parser) accountErrors(at place, v value) {
	list := readErrors(v.errors)
	if v.foreign == "" || len(list) == 0 {
		p.batch.Errors = append(p.batch.Errors, list...)
		return
	}
	at.depth, at.list = 3, "errors"
	p.odd(at, v.foreign)
}

func (p *parser) echoesValue(at place, n node) {
	v := p.readValue(at, n)
	p.eachElement(at, "message_echoes", v, v.messages, p.echo)
	p.accountErrors(at, v)
}

// eachElement hands the objects of a list to read, and records the rest.
func (p *parser) eachElement(at place, list string, v value, n node, read func(place, value, node)) {
	if n.isNull() {
		return
	}
	if !n.isArray() {
		at.depth, at.list = 3, list
		p.odd(at, "not a list")
		return
	}
	for i, element := range n.elements() {
		at := at.in(list, i)
		switch {
		case !element.isObject():
			p.odd(at, "not an object")
		case v.foreign != "":
			p.odd(at, v.foreign)
		default:
			read(at, v, element)
		}
	}
}

// historyValue counts what a phone app hands over of its past: threads, and in
// requests of their own the files of those threads, which look like messages that
// have just come, the owner's among them. None is taken in: it would be answered as
// if it were new. The errors say that the owner declined the hand-over.
func (p *parser) historyValue(at place, n node) {
	v := p.readValue(at, n)
	count := lengthOf(v.messages)
	for i, chunk := range n.get("history").elements() {
		for _, thread := range chunk.get("threads").elements() {
			count += lengthOf(thread.get("messages"))
		}
		for _, e := range readErrors(chunk.get("errors")) {
			p.odd(at.in("history", i), noteOfError(e))
		}
	}
	p.odd(at, fmt.Sprintf("history: %d earlier messages of the phone app, not taken over", count))
	p.accountErrors(at, v)
}

func lengthOf(list node) (count int) {
	for range list.elements() {
		count++
	}
	return count
}

// otherField names a webhook field that carries no conversation. The event's
// name (account_update has DISABLED_UPDATE and the like) is worth the log.
func (p *parser) otherField(at place, field string, n node) {
	what := "webhook field " + nameOf(field) + " is not acted on"
	if !knownField(field) {
		what = "unknown webhook field " + nameOf(field)
	}
	if event := n.get("event").text(); event != "" {
		what += ", event " + nameOf(event)
	}
	p.odd(at, what)
}

// knownField lists Meta's webhook fields of a WhatsApp account that say nothing
// a customer wrote (fields of late 2026).
func knownField(field string) bool {
	switch field {
	case "account_alerts", "account_review_update", "account_settings_update", "account_update",
		"automatic_events", "business_capability_update", "business_username_update",
		"business_username_updates", "calls", "flows", "group_lifecycle_update",
		"group_participants_update", "group_settings_update", "group_status_update",
		"message_template_components_update", "message_template_quality_update",
		"message_template_status_update", "messaging_handovers", "partner_solutions",
		"payment_configuration_update", "phone_number_name_update", "phone_number_quality_update",
		"security", "smb_app_state_sync", "standby", "template_category_update",
		"template_correct_category_detection", "user_id_update", "user_preferences":
		return true
	}
	return false
}

// readErrors reads a list of Meta's error objects; broken ones are left out.
func readErrors(n node) []channel.Error {
	var list []channel.Error
	for _, e := range n.elements() {
		if !e.isObject() {
			continue
		}
		code, _ := e.get("code").whole()
		data := e.get("error_data")
		details := data.text() // sometimes the text itself
		if data.isObject() {
			details = data.get("details").text()
		}
		list = append(list, channel.Error{
			Code:    int(code),
			Title:   scrub(e.get("title").text()),
			Message: scrub(e.get("message").text()),
			Details: scrub(details),
		})
	}
	return list
}

// noteOfError puts an error object into the words of a note.
func noteOfError(e channel.Error) string {
	words := e.Details
	for _, other := range []string{e.Message, e.Title} {
		if words == "" {
			words = other
		}
	}
	return fmt.Sprintf("error %d: %s", e.Code, cutRunes(words, 300))
}
