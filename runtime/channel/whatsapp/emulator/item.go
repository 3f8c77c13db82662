package emulator

import (
	"encoding/json"
	"time"
)

// Item is one update of a webhook: a message, a status, an echo. The builders
// of Emulator make it with its id and time set, so the same Item posted twice
// is a duplicate. The methods return changed copies.
type Item struct {
	ID   string // wamid; of the message a status tells about
	User User
	Kind string // message type, status, or field
	Text string // what a person would read
	At   time.Time

	waba    string // entry id; empty: the configured account
	number  Number
	field   string // "messages" if empty
	list    string // key of the array in value: "messages", "statuses" …
	contact object
	head    object // element before id and timestamp: from, from_user_id …
	body    object // element after timestamp, type first
	tail    object // context, referral
	errors  []object
	renamed User            // ids that name the same person from now on
	raw     json.RawMessage // replaces the element, or the whole body if list is ""
}

// On makes the item one of another business number.
func (it Item) On(n Number) Item { it.number = n; return it }

// WithID fixes the message id.
func (it Item) WithID(wamid string) Item { it.ID = wamid; return it }

// WithTime fixes the timestamp.
func (it Item) WithTime(t time.Time) Item { it.At = t; return it }

// WithoutContact leaves the contacts entry of the user out.
func (it Item) WithoutContact() Item { it.contact = nil; return it }

// InGroup makes the message one of a group.
func (it Item) InGroup(id string) Item { it.head = it.head.with("group_id", id); return it }

// ReplyTo quotes an earlier message of the business.
func (it Item) ReplyTo(wamid string) Item {
	it.tail = it.tail.with("context", object{}.with("from", it.number.Display).with("id", wamid))
	return it
}

// Forwarded marks the message as forwarded, often if it went far.
func (it Item) Forwarded(often bool) Item {
	key := "forwarded"
	if often {
		key = "frequently_forwarded"
	}
	it.tail = it.tail.with("context", object{}.with(key, true))
	return it
}

// FromAd adds the referral of a click-to-WhatsApp ad.
func (it Item) FromAd(sourceID, headline string) Item {
	it.tail = it.tail.with("referral", object{}.
		with("source_url", "https://fb.me/"+sourceID).with("source_id", sourceID).
		with("source_type", "ad").with("headline", headline).with("body", headline).
		with("media_type", "image").with("image_url", "https://scontent.xx.fbcdn.net/"+sourceID).
		with("ctwa_clid", "ARA"+sourceID))
	return it
}

// element is the item as it stands in its array.
func (it Item) element() any {
	if it.raw != nil {
		return it.raw
	}
	o := append(object{}, it.head...)
	if it.list != "user_id_update" {
		o = o.opt("id", it.ID)
	}
	if it.list == "statuses" {
		o = append(o, it.body[0])
		o = o.with("timestamp", seconds(it.At))
		return append(o, it.body[1:]...)
	}
	o = o.with("timestamp", seconds(it.At))
	return append(append(o, it.body...), it.tail...)
}

// message starts an inbound message of u; body is its <type> object, nil for a
// type without one.
func (e *Emulator) message(u User, kind, text string, body any) Item {
	it := e.item(u, kind, text)
	it.list, it.contact = "messages", contactOf(u)
	it.ID = e.newWAMID(u.Address(), wamidInbound)
	it.head = object{}.opt("from", u.phone()).opt("from_user_id", u.UserID).
		opt("from_parent_user_id", u.ParentUserID)
	it.body = object{}.with("type", kind)
	if body != nil {
		it.body = it.body.with(kind, body)
	}
	return it
}

func (e *Emulator) item(u User, kind, text string) Item {
	return Item{User: u, Kind: kind, Text: text, At: e.clock.Now(), number: e.Number()}
}

// contactOf is the contacts entry of u.
func contactOf(u User) object {
	c := object{}
	if u.Name != "" || u.Username != "" {
		c = c.with("profile", object{}.opt("name", u.Name).opt("username", u.Username))
	}
	return c.opt("wa_id", u.phone()).opt("user_id", u.UserID).opt("parent_user_id", u.ParentUserID)
}
