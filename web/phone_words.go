package web

import (
	"encoding/json"
	"strings"
	"time"

	"astromesh/store"
	"astromesh/web/view"
)

// stageWords are the stages of a message's way as a shop owner would call them.
func stageWords(stage string) string {
	switch stage {
	case "webhook", "inbox":
		return "Arrives"
	case "dispatch":
		return "Waits"
	case "media":
		return "File"
	case "guardrail":
		return "Guardrail"
	case "memory":
		return "Memory"
	case "model":
		return "Thinks"
	case "tool":
		return "Tool"
	case "outbox":
		return "Answer"
	case "send":
		return "Sends"
	case "delivery":
		return "Delivery"
	default:
		return "Program"
	}
}

// entityWords are what a guardrail finds, as people call it.
func entityWords(entity string) string {
	switch entity {
	case "EMAIL":
		return "an e-mail address"
	case "PHONE":
		return "a phone number"
	case "CC":
		return "a card number"
	case "SSN":
		return "a social security number"
	case "IBAN":
		return "a bank account number"
	case "LENGTH":
		return "a text that is too long"
	default:
		return strings.ToLower(strings.ReplaceAll(entity, "_", " "))
	}
}

// eventData are the fields of an event that its plain sentence is made of.
type eventData struct {
	Entity     string        `json:"entity"`
	Action     string        `json:"action"`
	Direction  string        `json:"direction"`
	Candidate  string        `json:"candidate"`
	Result     string        `json:"result"` // of a send
	Wait       time.Duration `json:"wait"`
	Load       time.Duration `json:"load"`
	PromptEval time.Duration `json:"prompt_eval"`
	Generation time.Duration `json:"generation"`
	Messages   int           `json:"messages"`
	Replies    int           `json:"replies"`
	WaitedMS   int64         `json:"waited_ms"` // from the message's coming to its answer
}

// plainEvent says an event in plain words. What it has no words for is shown as
// it was recorded, and so is every warning: its sentence was written for the
// owner. ok is false for what Meta's side tells better.
func plainEvent(e store.Event) (line view.PhoneEvent, ok bool) {
	line = view.PhoneEvent{Stage: stageWords(e.Stage), Level: e.Level, Text: e.Text}
	if e.Level == "info" && e.Stage == "dispatch" && strings.HasPrefix(e.Text, "message arrived: ") {
		return line, false // Meta's side has just told of handing it over
	}
	var d eventData
	if e.Level != "info" || e.Data == "" || json.Unmarshal([]byte(e.Data), &d) != nil {
		return line, true
	}
	switch {
	case e.Stage == "send" && d.Result == "sent":
		// The program records a send after WhatsApp's answer, which may be after
		// the first report on it: the two would stand in the wrong order.
		return line, false
	case e.Kind == store.EventGuardrail && d.Entity != "":
		line.Text = guardrailWords(d)
	case e.Kind == store.EventModel && d.Candidate != "":
		line.Text = modelWords(d)
	case e.Kind == store.EventMessage && e.Stage == "outbox" && d.Messages > 0:
		line.Text = turnWords(e.Text, d)
	}
	return line, true
}

func modelWords(d eventData) string {
	if strings.HasPrefix(d.Candidate, "builtin/") {
		return "The built-in responder wrote an answer."
	}
	text := strings.TrimPrefix(d.Candidate, "ollama/") + " wrote an answer"
	if took := d.Wait + d.Load + d.PromptEval + d.Generation; took > 0 {
		text += " in " + span(took)
	}
	return text + "."
}

func guardrailWords(d eventData) string {
	where := " in the customer's message"
	if d.Direction == "output" {
		where = " in the reply"
	}
	switch {
	case d.Action == "block":
		return "Found " + entityWords(d.Entity) + where + ": it goes no further."
	case d.Entity == "LENGTH":
		return "Found " + entityWords(d.Entity) + where + ": it was cut."
	case d.Action == "rewrite":
		return "Found " + entityWords(d.Entity) + where + " and hid it."
	default:
		return "Found " + entityWords(d.Entity) + where + "."
	}
}

func turnWords(text string, d eventData) string {
	outcome := strings.TrimPrefix(text, "turn ")
	took := ", " + span(time.Duration(d.WaitedMS)*time.Millisecond) + " after the message came"
	switch {
	case d.Replies == 0:
		return "Nothing is answered to this."
	case outcome == "answered" && d.Messages > 1:
		return "One answer to several messages is ready" + took + "."
	case outcome == "answered":
		return "The answer is ready" + took + "."
	case outcome == "notice":
		return "The shop's own sentence for such messages is ready" + took + "."
	case outcome == "too_long":
		return "The message was too long for the agent: the shop's sentence for that is ready."
	case outcome == "blocked":
		return "A guardrail stopped this: the shop's sentence for that is ready."
	default:
		return text
	}
}
