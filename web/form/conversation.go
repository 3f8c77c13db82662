package form

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// ChatFilters are what the list can be narrowed to, as they stand in the address.
var ChatFilters = []string{"", "needs", "on", "off", "failed"}

// Chats is what the list of conversations shows. All of it stands in the
// address, so that a link shows the same thing.
type Chats struct {
	Filter   string // one of ChatFilters
	Search   string
	Before   int64 // with BeforeID: the last row of the page before
	BeforeID int64
}

// BindChats reads the address. What cannot be used is left out.
func BindChats(v url.Values) Chats {
	f := Chats{Filter: v.Get("filter"), Search: strings.TrimSpace(v.Get("q"))}
	if !slices.Contains(ChatFilters, f.Filter) {
		f.Filter = ""
	}
	f.Search = cutRunes(strings.ToValidUTF8(strings.ReplaceAll(f.Search, "\x00", ""), ""), longestSearch)
	at, id, ok := strings.Cut(v.Get("before"), "-")
	a, err1 := strconv.ParseInt(at, 10, 64)
	n, err2 := strconv.ParseInt(id, 10, 64)
	if ok && err1 == nil && err2 == nil && a >= 0 && n > 0 {
		f.Before, f.BeforeID = a, n
	}
	return f
}

func cutRunes(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// Query is the form as an address, without the page; "" if it is the whole list.
func (f Chats) Query() string {
	v := url.Values{}
	if f.Filter != "" {
		v.Set("filter", f.Filter)
	}
	if f.Search != "" {
		v.Set("q", f.Search)
	}
	return v.Encode()
}

// Path adds the form to an address of the page.
func (f Chats) Path(path string) string {
	if q := f.Query(); q != "" {
		return path + "?" + q
	}
	return path
}

// After is the address of the list that begins behind a row.
func (f Chats) After(path string, at, id int64) string {
	f.Before, f.BeforeID = at, id
	before := "before=" + strconv.FormatInt(at, 10) + "-" + strconv.FormatInt(id, 10)
	if q := f.Query(); q != "" {
		return path + "?" + q + "&" + before
	}
	return path + "?" + before
}

// Filtered is the same list under another filter.
func (f Chats) Filtered(path, filter string) string {
	return Chats{Filter: filter, Search: f.Search}.Path(path)
}

// Spans of a takeover that can be chosen; "" is DefaultSpan.
const (
	SpanHour = "1h"
	SpanHalf = "12h"
	SpanOpen = "open" // until it is handed back
)

// TakeSpan reads for how long a person takes over; 0 = until it is handed back.
func TakeSpan(v url.Values) time.Duration {
	switch v.Get("span") {
	case SpanHour:
		return time.Hour
	case SpanOpen:
		return 0
	default:
		return 12 * time.Hour
	}
}

const (
	longestReply = 20_000 // characters; about five WhatsApp messages
	longestNote  = 4_000
)

// Write is what a person types: a reply to the customer, or a note.
type Write struct {
	Text   string // as typed
	Errors Errors // under "text"
}

// BindReply reads a reply to the customer.
func BindReply(v url.Values) Write { return bindWrite(v, longestReply, "conversations.write_long") }

// BindNote reads a private note.
func BindNote(v url.Values) Write { return bindWrite(v, longestNote, "conversations.note_long") }

func bindWrite(v url.Values, most int, long string) Write {
	// Browsers send lines ended by CR LF.
	text := strings.ReplaceAll(strings.ReplaceAll(first(v, "text"), "\r\n", "\n"), "\x00", "")
	w := Write{Text: strings.ToValidUTF8(text, ""), Errors: Errors{}}
	switch {
	case strings.TrimSpace(w.Text) == "":
		w.Errors.add("text", "conversations.write_empty")
	case utf8.RuneCountInString(w.Text) > most:
		w.Errors.add("text", long)
	}
	return w
}
