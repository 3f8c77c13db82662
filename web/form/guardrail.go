package form

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// LongestTry bounds a text that is tried, in bytes: WhatsApp's own is 4,096
// characters.
const LongestTry = 20_000

// Directions of a guardrail.
var Directions = []string{"input", "output"}

// Try is a text to be judged by an agent's guardrails. It is kept nowhere.
type Try struct {
	Agent     string
	Direction string
	Text      string
	Errors    Errors
}

// BindTry reads the form.
func BindTry(v url.Values) Try {
	f := Try{Agent: v.Get("agent"), Direction: v.Get("direction"), Text: v.Get("text"), Errors: Errors{}}
	if !slices.Contains(Directions, f.Direction) {
		f.Direction = Directions[0]
	}
	switch {
	case strings.TrimSpace(f.Text) == "":
		f.Errors.add("text", "guardrail.text_missing")
	case len(f.Text) > LongestTry:
		f.Errors.add("text", "guardrail.text_long")
	}
	return f
}

// DryRun is changed rules for what customers write.
type DryRun struct {
	Agent        string
	PII          bool
	PIIAction    string // redact, block, warn
	Entities     []string
	Length       bool
	MaxChars     string // as typed
	LengthAction string // block, truncate

	Topic         bool
	Topics        string // one a line, as typed
	TopicAction   string // block, redact, warn
	Content       bool
	Keywords      string // one a line, as typed
	Patterns      string // one a line, as typed
	ContentAction string // block, redact, warn

	Errors Errors
}

// The actions that a rule can have.
var (
	PIIActions    = []string{"redact", "block", "warn"}
	LengthActions = []string{"block", "truncate"}
	FilterActions = []string{"block", "redact", "warn"}
)

// BindDryRun reads the form; known are the entities that can be chosen.
func BindDryRun(v url.Values, known []string) DryRun {
	f := DryRun{
		Agent: v.Get("agent"), PII: v.Get("pii") != "", PIIAction: v.Get("pii_action"),
		Length: v.Get("length") != "", MaxChars: strings.TrimSpace(v.Get("max_chars")), LengthAction: v.Get("length_action"), Errors: Errors{},
		Topic: v.Get("topic") != "", Topics: v.Get("topics"), TopicAction: v.Get("topic_action"),
		Content: v.Get("content") != "", Keywords: v.Get("keywords"), Patterns: v.Get("patterns"), ContentAction: v.Get("content_action"),
	}
	for _, e := range v["entity"] {
		if slices.Contains(known, e) && !slices.Contains(f.Entities, e) {
			f.Entities = append(f.Entities, e)
		}
	}
	if !slices.Contains(PIIActions, f.PIIAction) {
		f.PIIAction = PIIActions[0]
	}
	if !slices.Contains(LengthActions, f.LengthAction) {
		f.LengthAction = LengthActions[0]
	}
	for _, action := range []*string{&f.TopicAction, &f.ContentAction} {
		if !slices.Contains(FilterActions, *action) {
			*action = FilterActions[0]
		}
	}
	if f.Topic && len(Lines(f.Topics)) == 0 {
		f.Errors.add("topics", "guardrail.topics_missing")
	}
	if f.Content && len(Lines(f.Keywords))+len(Lines(f.Patterns)) == 0 {
		f.Errors.add("keywords", "guardrail.keywords_missing")
	}
	if f.PII && len(f.Entities) == 0 {
		f.Errors.add("entity", "guardrail.entity_missing")
	}
	if n, err := strconv.Atoi(f.MaxChars); f.Length && (err != nil || n < 1 || n > 1_000_000) {
		f.Errors.add("max_chars", "guardrail.max_chars_wrong")
	}
	return f
}

// Has says whether an entity is chosen.
func (f DryRun) Has(entity string) bool { return slices.Contains(f.Entities, entity) }

// Chars is the bound; for a form without errors.
func (f DryRun) Chars() int {
	n, _ := strconv.Atoi(f.MaxChars) // validated
	return n
}
