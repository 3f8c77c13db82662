// Package view turns plain values into HTML. It knows neither the request nor
// the store.
package view

import "context"

// PhonePage is the demo's page: a telephone, and what happens inside.
type PhonePage struct {
	Shop  string // as the customer sees it
	Model string // on Ollama that answers; "" for the built-in responder
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
	Stage string // of the way of a message, or "sign": a read receipt
	Level string // info, warn, error
	Text  string
}

// phoneButton is a button that sends something ready-made.
type phoneButton struct{ Kind, Label, Hint string }

// phonePrepared lists the buttons, in order.
func phonePrepared(ctx context.Context) (list []phoneButton) {
	for _, kind := range []string{"picture", "voice", "place", "burst", "private", "poll"} {
		list = append(list, phoneButton{kind, T(ctx, "phone.send_"+kind), T(ctx, "phone.hint_"+kind)})
	}
	return list
}

// phoneStage is a step as somebody calls it who sees it for the first time.
func phoneStage(ctx context.Context, stage string) string {
	switch stage {
	case "webhook", "inbox":
		return T(ctx, "phone.stage_webhook")
	case "model", "send", "sign":
		return T(ctx, "phone.stage_"+stage)
	default:
		return Stage(ctx, stage)
	}
}

// tickWords say a tick aloud, for the customer's own and the shop's messages.
func tickWords(ctx context.Context, line PhoneLine) string {
	switch {
	case line.Tick == "failed":
		return T(ctx, "phone.tick_failed")
	case line.Tick == "read" && line.Mine:
		return T(ctx, "phone.tick_read_shop")
	case line.Tick == "read":
		return T(ctx, "phone.tick_read_customer")
	case line.Tick == "delivered":
		return T(ctx, "phone.tick_delivered")
	default:
		return T(ctx, "phone.tick_sent")
	}
}

// levelWords name what is not well, so that colour alone says nothing.
func levelWords(ctx context.Context, level string) string {
	switch level {
	case "warn":
		return T(ctx, "phone.level_warn") + " "
	case "error":
		return T(ctx, "phone.level_error") + " "
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
