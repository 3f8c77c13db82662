package form

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestBindChats(t *testing.T) {
	for query, want := range map[string]Chats{
		"":                                   {},
		"filter=needs&q=+two+pizzas+":        {Filter: "needs", Search: "two pizzas"},
		"filter=everything":                  {},
		"before=1700000000000-12":            {Before: 1700000000000, BeforeID: 12},
		"before=12":                          {},
		"before=-1-12":                       {},
		"before=x-y":                         {},
		"q=a%00b%ff":                         {Search: "ab"},
		"q=" + strings.Repeat("%C3%A1", 999): {Search: strings.Repeat("á", longestSearch)},
	} {
		v, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if got := BindChats(v); got != want {
			t.Errorf("%.40q: %+v", query, got)
		}
	}
	f := Chats{Filter: "off", Search: "á&b"}
	if got := f.After("/conversations/3", 17, 4); got != "/conversations/3?filter=off&q=%C3%A1%26b&before=17-4" {
		t.Error(got)
	}
	if got := (Chats{}).After("/conversations", 17, 4); got != "/conversations?before=17-4" {
		t.Error(got)
	}
}

func TestTakeSpan(t *testing.T) {
	for span, want := range map[string]time.Duration{"": 12 * time.Hour, "1h": time.Hour, "12h": 12 * time.Hour, "open": 0, "1000h": 12 * time.Hour} {
		if got := TakeSpan(url.Values{"span": {span}}); got != want {
			t.Errorf("%q: %s", span, got)
		}
	}
}

func TestBindReplyAndNote(t *testing.T) {
	for text, want := range map[string]string{
		"hello":                             "",
		"\r\n":                              "conversations.write_empty",
		"":                                  "conversations.write_empty",
		"\x00":                              "conversations.write_empty",
		strings.Repeat("á", longestReply):   "",
		strings.Repeat("á", longestReply+1): "conversations.write_long",
	} {
		if got := BindReply(url.Values{"text": {text}}); got.Errors["text"] != want {
			t.Errorf("%.10q: %q, want %q", text, got.Errors["text"], want)
		}
	}
	if got := BindNote(url.Values{"text": {strings.Repeat("x", longestNote+1)}}); got.Errors["text"] != "conversations.note_long" {
		t.Error(got.Errors)
	}
	if got := BindReply(url.Values{"text": {"a\r\nb\xff"}}); got.Text != "a\nb" {
		t.Errorf("%q", got.Text)
	}
}
