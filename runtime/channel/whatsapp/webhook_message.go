package whatsapp

import (
	"math"
	"strings"
	"time"

	"astromesh/runtime/channel"
)

// maxTextRunes is where a text is cut. WhatsApp lets customers write 4,096 or a
// little more; nothing longer has been seen, so this is a bound and not a rule.
const maxTextRunes = 65_536

// endOfTime is the first millisecond of the year 10,000.
const endOfTime = 253_402_300_800_000

// header is what every message has in common.
type header struct {
	id, kind, from, userID, parent, group string
	to, toUserID, toParent                string // echoes only
	timestamp, context, referral, errors  node
}

// message reads one element of value.messages.
func (p *parser) message(at place, v value, n node) {
	h := p.readHeader(at, n)
	in, problem := newInbound(h, newSender(h.from, h.userID, h.parent), v)
	if problem == "" {
		problem = fill(&in, h.kind, n, h.errors)
	}
	if problem != "" {
		p.odd(at, problem)
		return
	}
	if in.Kind == channel.KindUnknown {
		p.odd(at.member("type"), "unknown message type "+nameOf(h.kind))
	}
	addContext(&in, h)
	if in.GroupID != "" {
		in.Treatment = channel.Record // nobody asked an assistant into a group
	}
	p.batch.Messages = append(p.batch.Messages, in)
}

// echo reads one element of message_echoes: what the owner wrote from the phone
// app. The customer of the conversation is whom it was sent to.
func (p *parser) echo(at place, v value, n node) {
	h := p.readHeader(at, n)
	in, problem := newInbound(h, newSender(h.to, h.toUserID, h.toParent), v)
	if problem == "" {
		problem = fill(&in, h.kind, n, h.errors)
	}
	if problem != "" {
		p.odd(at, problem)
		return
	}
	addContext(&in, h)
	if in.Text == "" && len(in.Media) > 0 {
		in.Text = "[" + strings.ToUpper(h.kind[:1]) + h.kind[1:] + "]"
	}
	if h.kind != "text" {
		addNote(&in, "echo of "+nameOf(h.kind))
	}
	in.Media = nil // the owner's own files are not fetched
	in.Kind, in.Treatment = channel.KindEcho, channel.Record
	p.batch.Messages = append(p.batch.Messages, in)
}

// newInbound fills in what does not depend on the type. problem says in words
// why the message cannot be used.
func newInbound(h header, s sender, v value) (in channel.Inbound, problem string) {
	if h.id == "" {
		return in, "message without id"
	}
	if h.id == dashboardMessage {
		return in, "test payload of Meta's dashboard"
	}
	from, ok := s.customer(v.contacts)
	if !ok {
		return in, "message without sender"
	}
	return channel.Inbound{
		ID: h.id, Account: v.account, From: from, At: timeOf(h.timestamp),
		Treatment: channel.Answer, GroupID: h.group,
	}, ""
}

func (p *parser) readHeader(at place, n node) header {
	var h header
	var body string      // first member that is named like a type
	var strange []string // members that have no meaning here
	for key, v := range n.members() {
		if h.readPerson(string(key), v) {
			continue
		}
		switch string(key) {
		case "id":
			h.id = v.text()
		case "type":
			h.kind = v.text()
		case "timestamp":
			h.timestamp = v
		case "context":
			h.context = v
		case "referral":
			h.referral = v
		case "errors":
			h.errors = v
		case "identity", "origin", "unsupported":
		default:
			if name := string(key); kindOf(name) == channel.KindUnknown {
				strange = append(strange, name)
			} else if body == "" {
				body = name
			}
		}
	}
	if h.kind == "" {
		h.kind = body
	}
	for _, name := range strange {
		if name != h.kind { // the body of an unknown type is reported as such
			p.unknownName(at.member(name), "message field", name)
		}
	}
	return h
}

// readPerson takes a member that says who wrote to whom.
func (h *header) readPerson(key string, v node) bool {
	switch key {
	case "from":
		h.from = v.text()
	case "from_user_id":
		h.userID = v.text()
	case "from_parent_user_id":
		h.parent = v.text()
	case "to":
		h.to = v.text()
	case "to_user_id":
		h.toUserID = v.text()
	case "to_parent_user_id":
		h.toParent = v.text()
	case "group_id":
		h.group = v.text()
	default:
		return false
	}
	return true
}

// addContext notes what a message refers to: the quoted one, the advertisement
// it came from, the product it asks about.
func addContext(in *channel.Inbound, h header) {
	if in.ReplyTo == "" {
		in.ReplyTo = h.context.get("id").text()
	}
	if product := h.context.get("referred_product").get("product_retailer_id").text(); product != "" {
		addNote(in, "asks about product "+flat(product, 100))
	}
	if h.referral.isObject() {
		headline := h.referral.get("headline").text()
		addNote(in, strings.TrimSpace("came from an advertisement: "+flat(headline, 200)))
	}
}

func addNote(in *channel.Inbound, note string) {
	if in.Note != "" {
		in.Note += "; "
	}
	in.Note += note
}

// timeOf reads Unix seconds, as string or number. Milliseconds, which some
// relays send, are recognised by their size. The zero time means that there was
// none to read, or one beyond the year 9999, which JSON cannot hold.
func timeOf(n node) time.Time {
	seconds, ok := n.whole()
	if !ok || seconds <= 0 || seconds >= endOfTime {
		return time.Time{}
	}
	if seconds > math.MaxUint32 {
		return time.UnixMilli(seconds).UTC()
	}
	return time.Unix(seconds, 0).UTC()
}

// cutRunes returns at most limit runes of s, with an ellipsis if it was longer.
func cutRunes(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	count := 0
	for i := range s {
		if count++; count > limit {
			return s[:i] + "…"
		}
	}
	return s
}

// flat puts a customer's words on one line of at most limit runes.
func flat(s string, limit int) string {
	return cutRunes(strings.Join(strings.Fields(s), " "), limit)
}
