package memory

import (
	"strings"
	"unicode/utf8"

	"astromesh/runtime/model"
	"astromesh/store"
)

const (
	// SummaryTokens bounds what a model may write for a summary.
	SummaryTokens = 256
	// summaryBytes bounds a summary in the prompt, whatever its tokens.
	summaryBytes = 2000
)

// askForSummary comes after the turns that are folded, in the customer's place.
// The prompt before it is the conversation's own: the server has it computed, and
// to give way to a customer costs nothing.
const askForSummary = "(This is not from the customer. Do not answer the customer now, and call no tool. " +
	"For your own use later, write down in at most 120 words, in the language of the conversation, what matters of everything said above: " +
	"what the customer wants, names, dates, numbers and addresses, what was agreed, and what is still open. " +
	"What a summary above says belongs to it. Leave out greetings. Write plain sentences and nothing else.)"

// summaryOpens is what a prompt says before a summary.
const summaryOpens = "What was said before the messages below, in short:\n"

// Known is the prompt's message with the summary of what came before the window;
// none where there is no summary.
func (p Past) Known() []model.Message {
	if p.Summary == "" {
		return nil
	}
	return []model.Message{{Role: model.RoleSystem, Content: summaryOpens + p.Summary}}
}

// Overdue says whether the window moved on past entries that no summary holds, as
// where a customer writes faster than summaries are made.
func (p Policy) Overdue(past Past) bool {
	return p.Strategy == Summary && past.Start > past.Window.Covered
}

// Fold is one call of a model that makes a summary: of the one before and of
// entries.
type Fold struct {
	Read    []store.MemoryEntry // what the model reads
	Covered int64               // the summary will stand for the entries before this number
	Seen    int64               // and whoever writes it has read those before this
}

// FoldTo plans the next call of a model on the way to a summary of everything
// before the entry next. rest are the entries from [store.MemoryWindow].Covered
// on. As a rule they are the window itself, and the model reads what it has read
// before; where the window had to move on without a summary, older turns are
// folded first, as many at once as a window holds.
func (p Policy) FoldTo(next int64, rest []store.MemoryEntry) Fold {
	n := min(len(rest), max(p.entries(), 2)+2)
	f := Fold{Read: rest[:n]}
	if n == 0 {
		return f
	}
	f.Seen = rest[n-1].Seq + 1
	f.Covered = min(f.Seen, next)
	return f
}

// Prompt is what the model is sent, after the beginning that the conversation's
// prompts have in common.
func (f Fold) Prompt() []model.Message {
	return append(Messages(f.Read), model.Message{Role: model.RoleUser, Content: askForSummary})
}

// Shorten brings a summary within its bounds. One that the model was stopped in
// loses its last, broken sentence.
func Shorten(text string, cut bool) string {
	text = strings.TrimSpace(text)
	if len(text) > summaryBytes {
		text, cut = clip(text, summaryBytes), true
	}
	if !cut {
		return text
	}
	if end := strings.LastIndexAny(text, ".!?…。！？\n"); end > len(text)/2 {
		_, size := utf8.DecodeRuneInString(text[end:])
		return strings.TrimSpace(text[:end+size])
	}
	return text
}

// clip shortens a text to at most n bytes, between characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
