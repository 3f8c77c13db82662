package emulator

import (
	"encoding/json"
	"errors"
	"time"
)

// MaxUpdates is the most updates Meta puts into one POST.
const MaxUpdates = 1000

// errRawAlone is returned for a Raw body mixed with other items.
var errRawAlone = errors.New("emulator: a Raw body can only be posted alone")

// Batch is the exact shape of one POST, for tests that need several entries
// and changes. Post makes a simple one by itself.
type Batch []Entry

// Entry is one account's part of a Batch; WABA empty means the configured one.
type Entry struct {
	WABA    string
	Changes []Change
}

// Change is one value object: items of one number and one field, which the
// first item decides. Messages, statuses and errors may be mixed.
type Change []Item

// batchOf groups items as Meta tends to: one entry per account, one change per
// field and number, in order of first appearance.
func batchOf(items []Item) Batch {
	type place struct{ waba, field, number string }
	var batch Batch
	entries := map[string]int{}
	changes := map[place]int{}
	for _, it := range items {
		at, ok := entries[it.waba]
		if !ok {
			at = len(batch)
			entries[it.waba] = at
			batch = append(batch, Entry{WABA: it.waba})
		}
		key := place{it.waba, it.fieldName(), it.number.ID}
		change, ok := changes[key]
		if !ok {
			change = len(batch[at].Changes)
			changes[key] = change
			batch[at].Changes = append(batch[at].Changes, nil)
		}
		batch[at].Changes[change] = append(batch[at].Changes[change], it)
	}
	return batch
}

func (it Item) fieldName() string {
	if it.field == "" {
		return "messages"
	}
	return it.field
}

func (b Batch) items() []Item {
	var all []Item
	for _, entry := range b {
		for _, change := range entry.Changes {
			all = append(all, change...)
		}
	}
	return all
}

// body renders the POST: ASCII-only unless the emulator writes plain UTF-8.
func (e *Emulator) body(b Batch) ([]byte, error) {
	e.mu.Lock()
	render := wireJSON
	if e.plain {
		render = plainJSON
	}
	e.mu.Unlock()
	for _, it := range b.items() {
		if it.raw != nil && it.list == "" {
			if len(b.items()) > 1 {
				return nil, errRawAlone
			}
			if !json.Valid(it.raw) {
				return it.raw, nil
			}
			return render(it.raw)
		}
	}
	entries := make([]object, 0, len(b))
	for _, entry := range b {
		setDefault(&entry.WABA, e.cfg.WABAID) // entry is a copy
		changes := make([]object, 0, len(entry.Changes))
		for _, change := range entry.Changes {
			changes = append(changes, change.render())
		}
		entries = append(entries, object{}.with("id", entry.WABA).with("changes", changes))
	}
	return render(object{}.with("object", "whatsapp_business_account").with("entry", entries))
}

// render writes value before field, as captured bodies have it.
func (c Change) render() object {
	value := object{}.with("messaging_product", "whatsapp")
	if len(c) == 0 {
		return object{}.with("value", value).with("field", "messages")
	}
	value = value.with("metadata", object{}.
		with("display_phone_number", c[0].number.Display).with("phone_number_id", c[0].number.ID))
	if contacts := c.contacts(); len(contacts) > 0 {
		value = value.with("contacts", contacts)
	}
	for _, list := range []string{"messages", "statuses", "message_echoes", "user_id_update"} {
		var elements []any
		for _, it := range c {
			if it.list == list {
				elements = append(elements, it.element())
			}
		}
		if elements != nil {
			value = value.with(list, elements)
		}
	}
	var errs []object
	for _, it := range c {
		errs = append(errs, it.errors...)
	}
	if errs != nil {
		value = value.with("errors", errs)
	}
	return object{}.with("value", value).with("field", c[0].fieldName())
}

// contacts lists each user once.
func (c Change) contacts() []object {
	var contacts []object
	seen := map[string]bool{}
	for _, it := range c {
		if len(it.contact) == 0 || seen[it.User.Address()] {
			continue
		}
		seen[it.User.Address()] = true
		contacts = append(contacts, it.contact)
	}
	return contacts
}

func unixTime(s int64) time.Time { return time.Unix(s, 0) }
