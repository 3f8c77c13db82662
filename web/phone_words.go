package web

import (
	"context"
	"encoding/json"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"astromesh/store"
	"astromesh/web/view"
)

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
func plainEvent(ctx context.Context, e store.Event) (line view.PhoneEvent, ok bool) {
	line = view.PhoneEvent{Stage: e.Stage, Level: e.Level, Text: view.Said(ctx, e.Text)}
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
		line.Text = guardrailWords(ctx, d)
	case e.Kind == store.EventModel && d.Candidate != "":
		line.Text = modelWords(ctx, d)
	case e.Kind == store.EventMessage && e.Stage == "outbox" && d.Messages > 0:
		line.Text = turnWords(ctx, e.Text, d)
	}
	return line, true
}

func modelWords(ctx context.Context, d eventData) string {
	if strings.HasPrefix(d.Candidate, "builtin/") {
		return view.T(ctx, "phone.wrote_builtin")
	}
	name := strings.TrimPrefix(d.Candidate, "ollama/")
	if took := d.Wait + d.Load + d.PromptEval + d.Generation; took > 0 {
		return view.T(ctx, "phone.wrote_in", name, spanWords(ctx, took))
	}
	return view.T(ctx, "phone.wrote", name)
}

func guardrailWords(ctx context.Context, d eventData) string {
	did := hitWord(d.Action)
	if did == "rewrite" && d.Entity == "LENGTH" {
		did = "cut"
	}
	where := "input"
	if d.Direction == "output" {
		where = d.Direction
	}
	return view.T(ctx, "phone.hit_"+did, entityWords(ctx, d.Entity), view.T(ctx, "guardrail.in_"+where))
}

// entityWords are what a guardrail finds, within a sentence: the names begin
// with an article in every language.
func entityWords(ctx context.Context, entity string) string {
	name := view.Entity(ctx, entity)
	if name == entity { // not one of ours
		return strings.ToLower(strings.ReplaceAll(entity, "_", " "))
	}
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToLower(first)) + name[size:]
}

func turnWords(ctx context.Context, text string, d eventData) string {
	outcome := strings.TrimPrefix(text, "turn ")
	took := spanWords(ctx, time.Duration(d.WaitedMS)*time.Millisecond)
	switch {
	case d.Replies == 0:
		return view.T(ctx, "log.turn_silent")
	case outcome == "answered" && d.Messages > 1:
		return view.T(ctx, "phone.turn_several", took)
	case outcome == "answered", outcome == "notice":
		return view.T(ctx, "phone.turn_"+outcome, took)
	case outcome == "too_long", outcome == "blocked":
		return view.T(ctx, "phone.turn_"+outcome)
	default:
		return view.Said(ctx, text)
	}
}

// statusWords say what WhatsApp reports of a reply. They leave out "sent": the
// program says that by itself.
func statusWords(ctx context.Context, status string) string {
	switch status {
	case "delivered", "read", "failed":
		return view.T(ctx, "phone.status_"+status)
	default:
		return ""
	}
}

// spanWords are a duration as people say it.
func spanWords(ctx context.Context, d time.Duration) string {
	if d < time.Millisecond {
		return view.T(ctx, "phone.span_least")
	}
	return view.Span(ctx, d)
}
