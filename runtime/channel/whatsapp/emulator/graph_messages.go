package emulator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"unicode/utf8"
)

// Limits of a send that Graph checks at once, in characters.
const (
	maxText    = 4096
	maxCaption = 1024
	maxOpaque  = 512
)

// sendRequest is the body of POST /{phone_number_id}/messages.
type sendRequest struct {
	Product       string  `json:"messaging_product"`
	RecipientType string  `json:"recipient_type"`
	To            string  `json:"to"`
	Recipient     string  `json:"recipient"`
	Type          string  `json:"type"`
	Opaque        string  `json:"biz_opaque_callback_data"`
	Status        string  `json:"status"`
	MessageID     string  `json:"message_id"`
	Typing        *typing `json:"typing_indicator"`
	Context       struct {
		MessageID string `json:"message_id"`
	} `json:"context"`
	Text *struct {
		Body    *string `json:"body"`
		Preview bool    `json:"preview_url"`
	} `json:"text"`
	Reaction *struct {
		MessageID string `json:"message_id"`
		Emoji     string `json:"emoji"`
	} `json:"reaction"`
	Image    *mediaRef `json:"image"`
	Audio    *mediaRef `json:"audio"`
	Video    *mediaRef `json:"video"`
	Document *mediaRef `json:"document"`
	Sticker  *mediaRef `json:"sticker"`

	Interactive *interactive    `json:"interactive"`
	Template    json.RawMessage `json:"template"`
	Location    json.RawMessage `json:"location"`
	Contacts    json.RawMessage `json:"contacts"`

	raw json.RawMessage
}

type typing struct {
	Type string `json:"type"`
}

type mediaRef struct {
	ID      string `json:"id"`
	Link    string `json:"link"`
	Caption string `json:"caption"`
}

// address is where the message goes: "to" wins over "recipient".
func (s *sendRequest) address() string {
	if s.To != "" {
		return s.To
	}
	return s.Recipient
}

// text is what the customer reads.
func (s *sendRequest) text() string {
	switch {
	case s.Type == "text" && s.Text != nil && s.Text.Body != nil:
		return *s.Text.Body
	case s.Type == "reaction" && s.Reaction != nil:
		return s.Reaction.Emoji
	case s.Type == "interactive" && s.Interactive != nil:
		return s.Interactive.Body.Text
	case s.media() != nil:
		return s.media().Caption
	}
	return ""
}

func (s *sendRequest) media() *mediaRef {
	return map[string]*mediaRef{"image": s.Image, "audio": s.Audio, "video": s.Video,
		"document": s.Document, "sticker": s.Sticker}[s.Type]
}

// messages answers a send, a read receipt or a typing indicator.
func (e *Emulator) messages(q *request) {
	n := e.number(q.object)
	if n == nil {
		e.refuse(q, noObject(q))
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(q.w, q.r.Body, 1<<20))
	s := sendRequest{RecipientType: "individual", Type: "text", raw: body}
	if err == nil {
		err = json.Unmarshal(body, &s)
	}
	if err != nil {
		e.refuse(q, refusal(100, "The request body is not the expected JSON: "+err.Error()))
		return
	}
	if s.Status != "" || s.Typing != nil {
		q.call = CallMark
	}
	q.to, q.text = s.address(), s.text()
	fault, hit := e.takeFault(q.call, q.to, q.text)
	if hit && e.broken(q, fault) {
		return
	}
	if s.Product != "whatsapp" {
		e.refuse(q, graphError{http: 400, code: 100, message: "The parameter messaging_product is required."})
		return
	}
	if q.call == CallMark {
		e.mark(q, &s)
		return
	}
	if ge := s.check(n.Number); ge != nil {
		e.refuse(q, *ge)
		return
	}
	e.send(q, n, &s, fault)
}

// check applies the rules that need no knowledge of people or time.
func (s *sendRequest) check(n Number) *graphError {
	bad := func(code int, format string, args ...any) *graphError {
		ge := refusal(code, fmt.Sprintf(format, args...))
		return &ge
	}
	switch {
	case s.address() == "":
		return bad(131008, "One of to and recipient is required.")
	case s.RecipientType == "group":
		return bad(131020, "This number takes part in no group.")
	case s.RecipientType != "individual":
		return bad(100, "recipient_type must be one of {individual, group}.")
	case s.To != "" && phoneDigits(s.To) == "" && !userIDForm.MatchString(s.To):
		return bad(131009, "to is not a valid phone number.")
	case s.To == "" && !userIDForm.MatchString(s.Recipient):
		return bad(131009, "recipient is not a valid user id.")
	case waID(phoneDigits(s.To)) == waID(n.Display):
		return bad(131021, "The recipient is the sending number.")
	case utf8.RuneCountInString(s.Opaque) > maxOpaque:
		return bad(100, "Param biz_opaque_callback_data must be at most %d characters long.", maxOpaque)
	}
	return s.checkContent(bad)
}

func (s *sendRequest) checkContent(bad func(int, string, ...any) *graphError) *graphError {
	present := map[string]bool{
		"text": s.Text != nil, "reaction": s.Reaction != nil && s.Reaction.MessageID != "",
		"interactive": s.Interactive != nil, "template": s.Template != nil,
		"location": s.Location != nil, "contacts": s.Contacts != nil,
	}
	for _, kind := range []string{"image", "audio", "video", "document", "sticker"} {
		present[kind] = s.media() != nil
	}
	there, known := present[s.Type]
	media := s.media()
	switch {
	case !known:
		return bad(100, "Param type must be one of {text, image, audio, video, document, sticker, location, contacts, reaction, interactive, template} - got %q.", s.Type)
	case !there:
		return bad(131008, "Parameter %s is required for type %s.", s.Type, s.Type)
	case s.Type == "text" && (s.Text.Body == nil || *s.Text.Body == ""):
		return bad(131008, "Parameter text['body'] is required.")
	case s.Type == "text" && utf8.RuneCountInString(*s.Text.Body) > maxText:
		return bad(100, "Param text['body'] must be at most %d characters long.", maxText)
	case media != nil && (media.ID == "") == (media.Link == ""):
		return bad(100, "Exactly one of id and link is required.")
	case media != nil && media.Caption != "" && slices.Contains([]string{"audio", "sticker"}, s.Type):
		return bad(100, "Param caption is not allowed for type %s.", s.Type)
	case media != nil && utf8.RuneCountInString(media.Caption) > maxCaption:
		return bad(100, "Param caption must be at most %d characters long.", maxCaption)
	case s.Type == "interactive":
		return s.Interactive.check(bad)
	}
	return nil
}
