package form

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Moment is how a browser's field for date and time writes one, in the time zone
// of this machine.
const Moment = "2006-01-02T15:04"

// LogKinds are the tabs of the log, the first is shown first.
var LogKinds = []string{"message", "guardrail", "model", "system"}

// Log is what the log page shows. All of it stands in the page's address, so
// that a link shows the same thing.
type Log struct {
	Kind         string // one of LogKinds
	Search       string
	Level        string // "", warn, error
	Agent        string
	Conversation string // as typed
	From, To     string // as typed
	Span         string // of the bars: "" = a day by the hour, "month" = 30 days
	Before       int64  // older than this id; 0 = from the newest
	Errors       Errors
}

// longestSearch bounds what is searched for.
const longestSearch = 200

// BindLog reads the address. What cannot be used is kept as typed, and named.
func BindLog(v url.Values) Log {
	f := Log{
		Kind: v.Get("kind"), Search: strings.TrimSpace(strings.ToValidUTF8(v.Get("q"), "")), Level: v.Get("level"), Agent: strings.TrimSpace(v.Get("agent")),
		Conversation: strings.TrimSpace(v.Get("conversation")), From: strings.TrimSpace(v.Get("from")), To: strings.TrimSpace(v.Get("to")),
		Span: v.Get("span"), Errors: Errors{},
	}
	if !slices.Contains(LogKinds, f.Kind) {
		f.Kind = LogKinds[0]
	}
	if f.Level != "warn" && f.Level != "error" {
		f.Level = ""
	}
	if f.Span != "month" {
		f.Span = ""
	}
	if n, err := strconv.ParseInt(v.Get("before"), 10, 64); err == nil && n > 0 {
		f.Before = n
	}
	f.validate()
	return f
}

func (f *Log) validate() {
	if len(f.Search) > longestSearch {
		f.Errors.add("q", "log.search_long")
	}
	if n, err := strconv.ParseInt(f.Conversation, 10, 64); f.Conversation != "" && (err != nil || n <= 0) {
		f.Errors.add("conversation", "log.conversation_wrong")
	}
	from, fromErr := moment(f.From)
	to, toErr := moment(f.To)
	if fromErr != nil {
		f.Errors.add("from", "log.moment_wrong")
	}
	if toErr != nil {
		f.Errors.add("to", "log.moment_wrong")
	}
	if len(f.Errors) == 0 && !from.IsZero() && !to.IsZero() && !from.Before(to) {
		f.Errors.add("to", "log.to_first")
	}
}

// moment reads a field for date and time; some browsers add seconds.
func moment(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(Moment, s, time.Local)
	if err != nil {
		t, err = time.ParseInLocation(Moment+":05", s, time.Local)
	}
	if err == nil && (t.Year() < 1970 || t.Year() > 9999) {
		return time.Time{}, strconv.ErrRange
	}
	return t, err
}

// Number is the conversation's; 0 = all. It and Between are for a form without errors.
func (f Log) Number() int64 {
	n, _ := strconv.ParseInt(f.Conversation, 10, 64) // "" is 0
	return n
}

// Between are the moments from and before which is shown; zero = no bound.
func (f Log) Between() (from, to time.Time) {
	from, _ = moment(f.From) // validated
	to, _ = moment(f.To)
	return from, to
}

// Narrowed says whether anything but the kind chooses what is shown.
func (f Log) Narrowed() bool {
	return f.Search != "" || f.Level != "" || f.Agent != "" || f.Conversation != "" || f.From != "" || f.To != ""
}

// Query is the address's part after the question mark, without what is as usual.
func (f Log) Query() string {
	v := url.Values{"kind": {f.Kind}}
	for name, value := range map[string]string{
		"q": f.Search, "level": f.Level, "agent": f.Agent, "conversation": f.Conversation, "from": f.From, "to": f.To, "span": f.Span,
	} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if f.Before > 0 {
		v.Set("before", strconv.FormatInt(f.Before, 10))
	}
	return v.Encode()
}
