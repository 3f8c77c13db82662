package whatsapp

import (
	"strings"

	"astromesh/runtime/channel"
)

// kindOf translates Meta's type name.
func kindOf(name string) channel.Kind {
	switch kind := channel.Kind(name); kind {
	case channel.KindText, channel.KindImage, channel.KindVideo, channel.KindAudio,
		channel.KindDocument, channel.KindSticker, channel.KindLocation, channel.KindContacts,
		channel.KindButton, channel.KindInteractive, channel.KindOrder, channel.KindReaction,
		channel.KindEdit, channel.KindRevoke, channel.KindSystem, channel.KindWelcome,
		channel.KindUnsupported:
		return kind
	}
	return channel.KindUnknown
}

// fill reads the part of a message that its type names: kind, treatment, text,
// media, choice. It returns in words why the message cannot be used, or "".
func fill(in *channel.Inbound, name string, n, errs node) (problem string) {
	in.Kind = kindOf(name)
	if name == "unknown" {
		in.Kind = channel.KindUnsupported // its spelling before 2023
	}
	for _, e := range readErrors(errs) {
		addNote(in, noteOfError(e))
	}
	if name == "media_placeholder" {
		// The file follows under the same id, which therefore must not be taken yet.
		return "media placeholder: the file has not come yet"
	}
	body := n.get(name)
	switch in.Kind {
	case channel.KindUnsupported:
		return unsupported(in, n)
	case channel.KindUnknown:
		in.Treatment = channel.Record
		addNote(in, "unknown message type "+nameOf(name))
		return ""
	case channel.KindWelcome:
		in.Treatment = channel.Record
		return ""
	case channel.KindContacts:
		in.Text = describeContacts(body)
		return missing(in.Text == "", name)
	case channel.KindInteractive:
		return interactive(in, body)
	}
	if !body.isObject() && in.Note == "" {
		return missing(true, name)
	}
	return fillObject(in, body)
}

// fillObject reads the types whose body is one object.
func fillObject(in *channel.Inbound, body node) (problem string) {
	switch in.Kind {
	case channel.KindText:
		in.Text = cutRunes(body.get("body").text(), maxTextRunes)
		return missing(strings.TrimSpace(in.Text) == "", "text.body")
	case channel.KindImage, channel.KindVideo, channel.KindAudio, channel.KindDocument:
		media(in, body)
	case channel.KindSticker:
		in.Text = "[Sticker]"
	case channel.KindLocation:
		in.Text = describeLocation(body)
	case channel.KindOrder:
		in.Text = describeOrder(body)
	case channel.KindButton:
		in.ChoiceID = body.get("payload").text()
		in.Text = firstOf(body.get("text").text(), in.ChoiceID)
		return missing(in.Text == "", "button.text")
	case channel.KindReaction:
		in.Treatment = channel.Record
		in.ReplyTo = body.get("message_id").text()
		if in.Text = body.get("emoji").text(); in.Text == "" {
			addNote(in, "reaction removed")
		}
	case channel.KindEdit:
		edit(in, body)
	case channel.KindRevoke:
		in.Treatment = channel.Record
		in.ReplyTo = body.get("original_message_id").text()
	case channel.KindSystem:
		in.Treatment = channel.Record
		in.Text = body.get("body").text()
		addNote(in, "system "+nameOf(body.get("type").text()))
	}
	return ""
}

func missing(is bool, what string) string {
	if is {
		return "no readable " + nameOf(what) + " in the message"
	}
	return ""
}

func firstOf(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}

// media reads an attachment. One that Meta could not load (error 131052) comes
// without an id: it is passed on all the same, so that the agent learns that
// there was a file and that it cannot be opened.
func media(in *channel.Inbound, body node) {
	m := channel.Media{Kind: in.Kind}
	for key, v := range body.members() {
		switch string(key) {
		case "id":
			m.ID = v.text()
		case "url":
			m.URL = v.text()
		case "mime_type":
			m.MIME = v.text()
		case "filename":
			m.Filename = v.text()
		case "sha256":
			m.SHA256 = v.text()
		case "voice":
			m.Voice = v.truth()
		case "caption":
			in.Text = cutRunes(v.text(), maxTextRunes)
		}
	}
	in.Media = []channel.Media{m}
}

// edit records the new words of a message that the customer changed.
func edit(in *channel.Inbound, body node) {
	in.Treatment = channel.Record
	in.ReplyTo = body.get("original_message_id").text()
	changed := body.get("message")
	name := changed.get("type").text()
	inner := channel.Inbound{}
	if kind := kindOf(name); kind != channel.KindEdit && kind != channel.KindUnknown {
		fill(&inner, name, changed, nil)
	}
	in.Text = inner.Text
	addNote(in, "edit of "+nameOf(name))
}

// unsupported is Meta's word for what its API does not hand over. An edit on a
// number that is not shared with the phone app comes this way too; it repeats
// what was already answered, so it is only recorded.
func unsupported(in *channel.Inbound, n node) string {
	in.Treatment = channel.Notice
	inner := n.get("unsupported").get("type").text()
	if inner != "" {
		addNote(in, "unsupported type "+nameOf(inner))
	}
	if inner == "edit" {
		in.Treatment = channel.Record
	}
	return ""
}
