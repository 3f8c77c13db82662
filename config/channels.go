package config

// Channels is the file channels.yaml.
type Channels struct {
	Channels struct {
		WhatsApp WhatsApp `yaml:"whatsapp" json:"whatsapp"`
	} `yaml:"channels" json:"channels"`
}

// WhatsApp is channels.whatsapp.
type WhatsApp struct {
	VerifyToken       Secret    `yaml:"verify_token,omitempty" json:"verify_token"`
	AccessToken       Secret    `yaml:"access_token,omitempty" json:"access_token"`
	AppSecret         Secret    `yaml:"app_secret,omitempty" json:"app_secret"`
	PhoneNumberID     string    `yaml:"phone_number_id,omitempty" json:"phone_number_id"`
	WABAID            string    `yaml:"waba_id,omitempty" json:"waba_id,omitempty"`
	AppID             string    `yaml:"app_id,omitempty" json:"app_id,omitempty"`
	GraphVersion      string    `yaml:"graph_version,omitempty" json:"graph_version,omitempty"`
	DefaultAgent      string    `yaml:"default_agent,omitempty" json:"default_agent"`
	RateLimit         RateLimit `yaml:"rate_limit,omitempty" json:"rate_limit"`
	Debounce          Debounce  `yaml:"debounce,omitempty" json:"debounce"`
	LoopGuard         LoopGuard `yaml:"loop_guard,omitempty" json:"loop_guard"`
	TypingIndicator   bool      `yaml:"typing_indicator,omitempty" json:"typing_indicator"`
	MarkAsRead        bool      `yaml:"mark_as_read,omitempty" json:"mark_as_read"`
	UnsurePolicy      string    `yaml:"unsure_policy,omitempty" json:"unsure_policy"` // resend or ask
	UnsureWaitSeconds Duration  `yaml:"unsure_wait_seconds,omitempty" json:"unsure_wait_seconds"`
	Messages          Messages  `yaml:"messages,omitempty" json:"messages"`
}

// RateLimit is a rolling window over everything that is sent.
type RateLimit struct {
	WindowSeconds Duration `yaml:"window_seconds,omitempty" json:"window_seconds"`
	MaxMessages   int      `yaml:"max_messages,omitempty" json:"max_messages"`
}

// Debounce gathers a burst of messages into one turn. QuietSeconds 0 answers
// each message by itself.
type Debounce struct {
	QuietSeconds Duration `yaml:"quiet_seconds" json:"quiet_seconds"`
	MaxSeconds   Duration `yaml:"max_seconds" json:"max_seconds"`
}

// LoopGuard stops answering who writes like a machine.
type LoopGuard struct {
	WindowSeconds Duration `yaml:"window_seconds,omitempty" json:"window_seconds"`
	MaxMessages   int      `yaml:"max_messages,omitempty" json:"max_messages"`
}

// Messages are the sentences that the program itself says to a customer.
type Messages struct {
	Error       Localized `yaml:"error,omitempty" json:"error"`
	TooLong     Localized `yaml:"too_long,omitempty" json:"too_long"`
	Blocked     Localized `yaml:"blocked,omitempty" json:"blocked"`
	Unsupported Localized `yaml:"unsupported,omitempty" json:"unsupported"`
}

// Localized is a text, or one for each language ("en", "es", "pt"). A plain
// string stands under the key "".
type Localized map[string]string

// In gives the text for a language: its own, else the plain one, else English,
// else any in the order of the language names.
func (l Localized) In(language string) string {
	for _, k := range []string{language, "", "en"} {
		if s := l[k]; s != "" {
			return s
		}
	}
	first := ""
	for k := range l {
		if first == "" || k < first {
			first = k
		}
	}
	return l[first]
}
