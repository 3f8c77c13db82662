package whatsapp

import (
	"strings"

	"astromesh/runtime/channel"
)

// maxFormRunes bounds the description of a submitted form.
const maxFormRunes = 1000

// interactive reads what a customer chose or filled in. Meta has sent the type
// without any object (error 131000 stands beside it then): the customer did
// something that cannot be read, and is told so.
func interactive(in *channel.Inbound, body node) string {
	name := body.get("type").text()
	if name == "" {
		for _, guess := range []string{"button_reply", "list_reply", "nfm_reply", "call_permission_reply"} {
			if body.get(guess).isObject() {
				name = guess
			}
		}
	}
	reply := body.get(name)
	switch {
	case name == "call_permission_reply":
		in.Treatment = channel.Record
		addNote(in, "call permission "+nameOf(reply.get("response").text()))
	case (name == "button_reply" || name == "list_reply") && reply.isObject():
		in.ChoiceID = reply.get("id").text()
		in.Text = firstOf(reply.get("title").text(), reply.get("description").text(), in.ChoiceID)
	case name == "nfm_reply" && reply.isObject():
		in.Text = describeForm(reply)
	}
	if in.Text == "" && in.Treatment == channel.Answer {
		in.Treatment = channel.Notice
		addNote(in, "interactive "+nameOf(name)+" without readable content")
	}
	return ""
}

// describeForm puts the answers of a flow into one bracketed line. The answers
// come as a JSON text inside a string. flow_token is ours and says nothing.
func describeForm(reply node) string {
	answers := reply.get("response_json")
	if len(answers) > 0 && answers[0] == '"' {
		inner, ok := readNode([]byte(answers.text()))
		if !ok {
			return "[Form: " + flat(answers.text(), maxFormRunes-8) + "]"
		}
		answers = inner
	}
	if inner := answers.get("values"); inner.isObject() {
		answers = inner // an address message wraps its fields
	}
	var parts []string
	for key, v := range answers.members() {
		if string(key) == "flow_token" || v.isNull() {
			continue
		}
		parts = append(parts, flat(string(key), 100)+": "+flat(plainValue(v), 300))
		if len(parts) == 50 {
			break
		}
	}
	title := "Form"
	if reply.get("name").text() == "address_message" {
		title = "Address"
	}
	if len(parts) == 0 {
		return "[" + title + " sent]"
	}
	return "[" + title + ": " + cutRunes(strings.Join(parts, "; "), maxFormRunes-len(title)-4) + "]"
}

// plainValue writes a form's value as a person would: lists with commas, nested
// objects as the JSON they are.
func plainValue(v node) string {
	if !v.isArray() {
		if v.isObject() {
			return string(v)
		}
		return v.text()
	}
	var list []string
	for _, element := range v.elements() {
		list = append(list, firstOf(element.text(), string(element)))
		if len(list) == 20 {
			break
		}
	}
	return strings.Join(list, ", ")
}
