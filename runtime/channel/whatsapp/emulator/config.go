package emulator

import (
	"net/http"
	"time"
)

// Config is what an Emulator is told. Zero values give a usable emulator; the
// defaults are named at each field.
type Config struct {
	AppID        string   // "1000000000000001"
	AppSecret    string   // key of the webhook signature
	OldAppSecret string   // for SignatureOldSecret
	VerifyToken  string   // sent in the handshake
	AccessTokens []string // accepted as Bearer; none: every call is refused
	WABAID       string   // "2000000000000002"

	PhoneNumberID string   // "3000000000000003"
	DisplayNumber string   // digits; "15550001234"
	VerifiedName  string   // "Emulated Business"
	MoreNumbers   []Number // further numbers of the same account

	CallbackURL string        // where webhooks go; see SetCallback
	Client      *http.Client  // reaches the callback; nil: a plain one. Redirects are never followed
	Timeout     time.Duration // one webhook POST; 10 s
	MediaHost   string        // scheme and host of media URLs; the emulator's own URL
	Clock       Clock         // RealClock

	PlainUTF8     bool          // webhook bodies unescaped: a negative control
	Signature     SignatureMode // SignatureGood
	NotSubscribed bool          // the app has not subscribed to the account: no webhook comes
	Retry         RetryPolicy
	Status        StatusPolicy
	Limits        Limits
	Seed          uint64 // fixes ids and trace ids; 0: random
}

// Number is one business telephone number.
type Number struct {
	ID      string // phone_number_id
	Display string // digits only, as webhooks carry it
	Name    string // verified name
}

// RetryPolicy says how a webhook POST is repeated while it is not answered 200:
// once at once, then after Base, Base×2, Base×4 … up to Max apart, as long as
// Horizon has not passed since the first attempt. Meta documents 36 hours in
// one place and 7 days in another.
type RetryPolicy struct {
	Off     bool
	Base    time.Duration // 10 s
	Max     time.Duration // 4 h
	Horizon time.Duration // 36 h
}

// Window says what happens to a send outside the 24 hours after the user's
// last message.
type Window int

// Meta mostly accepts such a send and reports 131047 by a status.
const (
	WindowAsync Window = iota // accepted, then a failed status with 131047
	WindowSync                // refused at once with 131047
	WindowOff                 // no window
)

// Limits are the rules a send can break.
type Limits struct {
	Window         Window
	Pair           bool     // 1 message per 6 s to one user, burst of 45 → 131056
	Throughput     int      // messages per second of a number → 130429; 0: no limit
	ThrottleStatus int      // HTTP status of both; 429, in some logs 400
	RetryAfter     string   // Retry-After of both; Meta sends none
	TestRecipients []string // if set, other numbers are refused with 131030
}

func (c Config) withDefaults() Config {
	setDefault(&c.AppID, "1000000000000001")
	setDefault(&c.WABAID, "2000000000000002")
	setDefault(&c.PhoneNumberID, "3000000000000003")
	setDefault(&c.DisplayNumber, "15550001234")
	setDefault(&c.VerifiedName, "Emulated Business")
	setDefault(&c.Timeout, 10*time.Second)
	setDefault(&c.Retry.Base, 10*time.Second)
	setDefault(&c.Retry.Max, 4*time.Hour)
	setDefault(&c.Retry.Horizon, 36*time.Hour)
	setDefault(&c.Limits.ThrottleStatus, http.StatusTooManyRequests)
	if c.Clock == nil {
		c.Clock = RealClock{}
	}
	if len(c.Status.Steps) == 0 {
		c.Status.Steps = []StatusStep{{Status: "sent"}, {Status: "delivered"}, {Status: "read"}}
	}
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
