package emulator

// Text is a written message.
func (e *Emulator) Text(u User, body string) Item {
	return e.message(u, "text", body, object{}.with("body", body))
}

// Reaction puts an emoji on a message. An empty emoji removes it, written as
// an empty string; ReactionRemoved leaves the key out. Meta does both.
func (e *Emulator) Reaction(u User, wamid, emoji string) Item {
	return e.message(u, "reaction", emoji, object{}.with("message_id", wamid).with("emoji", emoji))
}

// ReactionRemoved takes a reaction back, without the emoji key.
func (e *Emulator) ReactionRemoved(u User, wamid string) Item {
	return e.message(u, "reaction", "", object{}.with("message_id", wamid))
}

// Edit changes the text of an earlier message; real ones come on coexistence
// numbers only.
func (e *Emulator) Edit(u User, original, text string) Item {
	return e.message(u, "edit", text, object{}.with("original_message_id", original).
		with("message", object{}.with("type", "text").with("text", object{}.with("body", text))))
}

// Revoke deletes an earlier message; coexistence numbers only.
func (e *Emulator) Revoke(u User, original string) Item {
	return e.message(u, "revoke", "", object{}.with("original_message_id", original))
}

// Welcome is the first opening of a chat by somebody who has not written yet.
func (e *Emulator) Welcome(u User) Item {
	return e.message(u, "request_welcome", "", nil)
}

// Echo is what the owner wrote in the WhatsApp Business app to u.
func (e *Emulator) Echo(u User, text string) Item {
	it := e.item(u, "text", text)
	it.field, it.list = "smb_message_echoes", "message_echoes"
	it.ID = e.newWAMID(u.Address(), wamidOutbound)
	it.contact = object{}.opt("wa_id", u.phone()).opt("user_id", u.UserID)
	it.head = object{}.with("from", it.number.Display).opt("to", u.phone()).
		opt("to_user_id", u.UserID).opt("to_parent_user_id", u.ParentUserID)
	it.body = object{}.with("type", "text").with("text", object{}.with("body", text))
	return it
}
