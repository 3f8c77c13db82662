// Package view turns plain values into HTML. It knows neither the request nor
// the store.
package view

// PhonePage is the demo's page: a telephone, and what happens inside.
type PhonePage struct {
	Shop    string // as the customer sees it
	Answers string // what answers, for "Answers come from …"; may be empty
	// Dashboard says that there is one to look at.
	Dashboard bool
	Assets    PhoneAssets
	// State stands for the chat as rendered. The stream names its own state, so
	// that a page which has it already need not be written anew.
	State string
	Phone
}

// PhoneAssets are the addresses of the page's files.
type PhoneAssets struct{ Style, HTMX, SSE, Script, Icon string }

// Phone is what changes while the page is open.
type Phone struct {
	Lines  []PhoneLine
	Typing bool // the shop is
	Events []PhoneEvent
}

// PhoneLine is one message of the chat.
type PhoneLine struct {
	N       int  // from 0, in the order of the chat
	Mine    bool // the customer wrote it
	Kind    string
	Picture string // address of the picture of an image
	Text    []PhoneSpan
	Clock   string // 15:04
	Stamp   string // RFC 3339
	Tick    string // "", sent, delivered, read, failed
}

// PhoneSpan is a piece of a message in one style.
type PhoneSpan struct {
	Text                       string
	Bold, Italic, Struck, Code bool
}

// PhoneEvent is one line of what happens inside.
type PhoneEvent struct {
	Clock string // 15:04:05
	Stamp string
	Stage string // of the way of a message, in plain words
	Level string // info, warn, error
	Text  string
}

// PhonePrepared is a button that sends something ready-made.
type PhonePrepared struct{ Kind, Label, Hint string }

// Prepared lists the buttons, in order.
func Prepared() []PhonePrepared {
	return []PhonePrepared{
		{"picture", "A picture", "Cinnamon rolls, with a question"},
		{"voice", "A voice note", "One second long"},
		{"place", "A place", "Where the customer is"},
		{"burst", "Three quick messages", "They get one answer together"},
		{"private", "E-mail and phone", "Watch them being hidden"},
		{"poll", "A poll", "A kind that shops cannot read"},
	}
}

// tickWords say a tick aloud, for the customer's own and the shop's messages.
func tickWords(line PhoneLine) string {
	switch {
	case line.Tick == "failed":
		return "Not delivered"
	case line.Tick == "read" && line.Mine:
		return "Read by the shop"
	case line.Tick == "read":
		return "Read by the customer"
	case line.Tick == "delivered":
		return "Delivered"
	default:
		return "Sent"
	}
}

// levelWords name what is not well, so that colour alone says nothing.
func levelWords(level string) string {
	switch level {
	case "warn":
		return "Look: "
	case "error":
		return "Problem: "
	default:
		return ""
	}
}

// initial is the letter in the round picture of a name.
func initial(name string) string {
	for _, r := range name {
		return string(r)
	}
	return "?"
}
