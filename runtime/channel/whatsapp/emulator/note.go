package emulator

import (
	"encoding/json"
	"strconv"
)

// note remembers what Meta knows once a user has written: the person, the
// message id and the window, whether or not the business takes the webhook.
func (e *Emulator) note(items []Item) {
	for _, it := range items {
		if it.raw != nil {
			e.noteRaw(it)
			continue
		}
		if it.list == "messages" || it.list == "message_echoes" || it.list == "user_id_update" {
			e.noteItem(it)
		}
	}
}

func (e *Emulator) noteItem(it Item) {
	e.mu.Lock()
	p := e.people.of(it.User)
	if it.renamed != (User{}) {
		e.people.rename(p, it.renamed)
	}
	_, again := e.inbound[it.ID]
	if it.list == "messages" && !again {
		e.inbound[it.ID] = inboundMessage{from: p, at: it.At}
		if it.Kind != "system" && it.At.After(p.wrote[it.number.ID]) {
			p.wrote[it.number.ID] = it.At
		}
	}
	e.mu.Unlock()
	if again || it.list == "user_id_update" {
		return
	}
	line := Received{At: it.At, User: it.User, WAMID: it.ID, Kind: it.Kind, Text: it.Text,
		PhoneNumberID: it.number.ID, Echo: it.list == "message_echoes"}
	if line.Echo {
		e.mu.Lock()
		e.inbound[it.ID] = inboundMessage{from: p, at: it.At}
		e.mu.Unlock()
	}
	e.journal.add(Event{At: e.clock.Now(), Received: &line})
}

// rename gives p further ids, which become the current ones.
func (d *directory) rename(p *person, now User) {
	if now.Phone != "" {
		p.user.Phone = now.Phone
		d.byID[waID(now.Phone)] = p
	}
	if now.UserID != "" {
		p.user.UserID = now.UserID
		d.byID[now.UserID] = p
	}
}

// rawMessage is the little of a hand-written body that Meta must know.
type rawMessage struct {
	From       string `json:"from"`
	FromUserID string `json:"from_user_id"`
	ID         string `json:"id"`
	Timestamp  string `json:"timestamp"`
	Type       string `json:"type"`
	Text       struct {
		Body string `json:"body"`
	} `json:"text"`
}

// noteRaw reads messages out of a hand-written body as far as that goes.
func (e *Emulator) noteRaw(it Item) {
	var body struct {
		Entry []struct {
			Changes []struct {
				Value struct {
					Metadata struct {
						PhoneNumberID string `json:"phone_number_id"`
					} `json:"metadata"`
					Messages []json.RawMessage `json:"messages"`
				} `json:"value"`
			} `json:"changes"`
		} `json:"entry"`
	}
	if it.list == "messages" {
		e.noteRawMessage(it.number.ID, it.raw)
		return
	}
	_ = json.Unmarshal(it.raw, &body) // what cannot be read was never a user's message
	for _, entry := range body.Entry {
		for _, change := range entry.Changes {
			for _, m := range change.Value.Messages {
				e.noteRawMessage(change.Value.Metadata.PhoneNumberID, m)
			}
		}
	}
}

func (e *Emulator) noteRawMessage(numberID string, element json.RawMessage) {
	var m rawMessage
	if json.Unmarshal(element, &m) != nil || m.ID == "" || m.From+m.FromUserID == "" {
		return
	}
	unix, err := strconv.ParseInt(m.Timestamp, 10, 64)
	if err != nil {
		return
	}
	e.noteItem(Item{ID: m.ID, User: User{Phone: m.From, UserID: m.FromUserID}, Kind: m.Type,
		Text: m.Text.Body, At: unixTime(unix), number: Number{ID: numberID}, list: "messages"})
}
