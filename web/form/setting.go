package form

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	// longestDays is ten years.
	longestDays = 3650
	// fewestMessageDays keep what a customer said while Meta may still report
	// about the answer.
	fewestMessageDays = 14
)

// Retention is how many days things are kept, as typed.
type Retention struct {
	Messages, Events string
	Errors           Errors
}

// BindRetention reads the form.
func BindRetention(v url.Values) Retention {
	return Retention{Messages: strings.TrimSpace(first(v, "messages")), Events: strings.TrimSpace(first(v, "events"))}
}

// Validate gives the days; 0 messages keeps them all. ok is false where Errors
// say what is wrong.
func (f *Retention) Validate() (messages, events int, ok bool) {
	f.Errors = Errors{}
	messages, err := strconv.Atoi(f.Messages)
	if err != nil || messages != 0 && (messages < fewestMessageDays || messages > longestDays) {
		f.Errors.add("messages", "retention.messages_odd")
	}
	events, err = strconv.Atoi(f.Events)
	if err != nil || events < 1 || events > longestDays {
		f.Errors.add("events", "retention.events_odd")
	}
	return messages, events, len(f.Errors) == 0
}

// Appearance is what one operator sees.
type Appearance struct {
	Theme    string // light, dark, "" = the system's
	Language string // "" = the browser's
	Errors   Errors
}

// BindAppearance reads the form.
func BindAppearance(v url.Values) Appearance {
	return Appearance{Theme: first(v, "theme"), Language: first(v, "language")}
}

// Validate fills Errors and says whether there are none.
func (f *Appearance) Validate(languages []string) bool {
	f.Errors = Errors{}
	if !slices.Contains([]string{"", "light", "dark"}, f.Theme) {
		f.Errors.add("theme", "appearance.odd")
	}
	if f.Language != "" && !slices.Contains(languages, f.Language) {
		f.Errors.add("language", "appearance.odd")
	}
	return len(f.Errors) == 0
}

// ValidateRole is Validate for an operator that an owner adds.
func (f *Account) ValidateRole() bool {
	f.Validate()
	if f.Role != "owner" && f.Role != "staff" {
		f.Errors.add("role", "operators.role_odd")
	}
	return len(f.Errors) == 0
}
