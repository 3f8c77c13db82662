package emulator

import "encoding/json"

// ButtonReply is a press on a reply button.
func (e *Emulator) ButtonReply(u User, id, title string) Item {
	return e.interactive(u, title, "button_reply", object{}.with("id", id).with("title", title))
}

// ListReply is a choice from a list; description may be empty.
func (e *Emulator) ListReply(u User, id, title, description string) Item {
	return e.interactive(u, title, "list_reply",
		object{}.with("id", id).with("title", title).opt("description", description))
}

// NFMReply is a completed flow. name may be empty; response is the JSON that
// travels as a string.
func (e *Emulator) NFMReply(u User, name string, response json.RawMessage) Item {
	return e.interactive(u, string(response), "nfm_reply",
		object{}.opt("name", name).with("body", "Sent").with("response_json", string(response)))
}

// TemplateButton is a press on a quick reply of the template message wamid; an
// empty wamid leaves the context out, which Meta does at times.
func (e *Emulator) TemplateButton(u User, payload, text, wamid string) Item {
	it := e.message(u, "button", text, object{}.with("payload", payload).with("text", text))
	if wamid == "" {
		return it
	}
	return it.ReplyTo(wamid)
}

// InteractiveBroken is an interactive message without its object, with error
// 131000 beside the messages.
func (e *Emulator) InteractiveBroken(u User) Item {
	it := e.message(u, "interactive", "", nil)
	it.errors = []object{errorObject(131000, "Unsupported webhook payload")}
	return it
}

func (e *Emulator) interactive(u User, text, kind string, reply object) Item {
	return e.message(u, "interactive", text, object{}.with("type", kind).with(kind, reply))
}
