package whatsapp

import (
	"errors"

	"astromesh/runtime/channel"
)

// ErrNotJSON is what Parse returns for a body that is not one JSON value.
var ErrNotJSON = errors.New("webhook body is not JSON")

// Ids of the payload that Meta's dashboard sends when "Test" is pressed. It must
// be acknowledged and never be answered, whatever number is configured here.
const (
	dashboardAccount = "123456123"
	dashboardMessage = "ABGGFlA5Fpa"
)

// Parse reads the body of one webhook POST, which may carry up to 1,000 updates.
//
// account is the configured phone_number_id; what is meant for another number
// becomes an oddity. An empty account accepts any number.
//
// It fails only if the body is not JSON (encoding/json refuses nesting
// deeper than 10,000, and so does Parse). Everything else that is strange costs
// only itself and is named in Batch.Oddities: Meta repeats a whole POST for days
// when one element in it is not acknowledged.
func Parse(body []byte, account string) (channel.Batch, error) {
	root, ok := readNode(body)
	if !ok {
		return channel.Batch{}, ErrNotJSON
	}
	p := parser{account: account}
	if root.isObject() {
		p.envelope(root)
	} else {
		p.odd(place{}, "the body is not an object")
	}
	p.finishOddities()
	return p.batch, nil
}

// parser gathers one POST. It is used once.
type parser struct {
	account string // the configured phone_number_id, "" = any
	batch   channel.Batch
	names   map[string]bool // unknown names already reported in this POST
	dropped int             // oddities beyond the limit
}

func (p *parser) envelope(root node) {
	var object, entries node
	for key, v := range root.members() {
		switch string(key) {
		case "object":
			object = v
		case "entry":
			entries = v
		default:
			p.unknownName(place{}, "field", string(key))
		}
	}
	if name := object.text(); name != "whatsapp_business_account" {
		p.odd(place{list: "object"}, "unknown object "+nameOf(name)+", the whole body is left alone")
		return
	}
	if !entries.isArray() {
		p.odd(place{list: "entry"}, "not a list")
		return
	}
	for i, entry := range entries.elements() {
		at := place{depth: 1, entry: i}
		changes := entry.get("changes")
		if !changes.isArray() {
			p.odd(at, "entry without a list of changes")
			continue
		}
		for j, change := range changes.elements() {
			at := place{depth: 2, entry: i, change: j}
			if !change.isObject() {
				p.odd(at, "change is not an object")
				continue
			}
			p.change(at, change)
		}
	}
}

// change reads one {field, value}. On the wire "field" stands behind "value".
func (p *parser) change(at place, change node) {
	var field, value node
	for key, v := range change.members() {
		switch string(key) {
		case "field":
			field = v
		case "value":
			value = v
		}
	}
	if !value.isObject() {
		p.odd(at, "change "+nameOf(field.text())+" has no value object")
		return
	}
	switch name := field.text(); name {
	case "messages", "":
		p.messagesValue(at, value)
	case "smb_message_echoes":
		p.echoesValue(at, value)
	case "history":
		p.historyValue(at, value)
	default:
		p.otherField(at, name, value)
	}
}
