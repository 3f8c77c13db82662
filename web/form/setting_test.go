package form

import (
	"net/url"
	"testing"
)

func TestRetention(t *testing.T) {
	for name, c := range map[string]struct {
		messages, events string
		problem          string // the field
	}{
		"a year": {"365", "30", ""}, "for ever": {"0", "30", ""}, "least": {"14", "1", ""}, "most": {"3650", "3650", ""}, "spaces": {" 60 ", "7", ""},
		"a day": {"1", "30", "messages"}, "negative": {"-5", "30", "messages"}, "words": {"all", "30", "messages"}, "empty": {"", "30", "messages"}, "a thousand years": {"365000", "30", "messages"},
		"no events": {"60", "0", "events"}, "events empty": {"60", "", "events"}, "huge": {"60", "99999999999999999999", "events"},
	} {
		f := BindRetention(url.Values{"messages": {c.messages}, "events": {c.events}})
		if _, _, ok := f.Validate(); ok != (c.problem == "") || c.problem != "" && f.Errors[c.problem] == "" {
			t.Errorf("%s: %v", name, f.Errors)
		}
	}
}

func TestAppearance(t *testing.T) {
	for name, c := range map[string]struct {
		theme, language string
		ok              bool
	}{
		"nothing chosen": {"", "", true}, "dark": {"dark", "es", true},
		"a theme of their own": {"pink", "", false}, "markup": {`"><script>`, "", false}, "a language that is not there": {"", "de", false},
	} {
		f := BindAppearance(url.Values{"theme": {c.theme}, "language": {c.language}})
		if f.Validate([]string{"en", "es"}) != c.ok {
			t.Errorf("%s: %v", name, f.Errors)
		}
	}
}

func TestRole(t *testing.T) {
	for role, ok := range map[string]bool{"owner": true, "staff": true, "": false, "root": false} {
		f := BindAccount(url.Values{"name": {"Ben"}, "password": {"carrots and peas"}, "role": {role}})
		if f.ValidateRole() != ok {
			t.Errorf("%q: %v", role, f.Errors)
		}
	}
}
