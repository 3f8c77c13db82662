package form

import (
	"math"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ChannelNumbers are the numbers of the channel's form by their key in
// channels.yaml, with what they may be. Seconds may have a fraction.
var ChannelNumbers = []ChannelNumber{
	{"rate_limit.max_messages", 1, 100_000, true}, {"rate_limit.window_seconds", 1, 86_400, false},
	{"debounce.quiet_seconds", 0, 60, false}, {"debounce.max_seconds", 0, 300, false},
	{"loop_guard.max_messages", 1, 10_000, true}, {"loop_guard.window_seconds", 1, 86_400, false},
}

// ChannelNumber is one number and its bounds.
type ChannelNumber struct {
	Key         string
	Least, Most float64
	Whole       bool
}

// ChannelTexts are the sentences that the program itself says to customers.
var ChannelTexts = []string{"messages.error", "messages.too_long", "messages.blocked", "messages.unsupported"}

// longestSentence is far below what WhatsApp takes: nobody reads more.
const longestSentence = 1000

// Channel is how the agent answers on WhatsApp: values by their key in
// channels.yaml, texts by key and language ("messages.error.es").
type Channel struct {
	Values map[string]string
	Errors Errors
}

// BindChannel reads the form; keys that are not in it are not in Values.
func BindChannel(v url.Values, languages []string) Channel {
	f := Channel{Values: map[string]string{}}
	take := func(key string) {
		if v.Has(key) {
			f.Values[key] = strings.TrimSpace(strings.ReplaceAll(first(v, key), "\r\n", "\n"))
		}
	}
	take("default_agent")
	for _, n := range ChannelNumbers {
		take(n.Key)
	}
	for _, key := range ChannelTexts {
		for _, l := range languages {
			take(key + "." + l)
		}
	}
	return f
}

// Validate fills Errors and says whether there are none. An empty field means
// the program's own value. agents are those to choose from.
func (f *Channel) Validate(agents map[string]bool) bool {
	f.Errors = Errors{}
	if name := f.Values["default_agent"]; name != "" && !agents[name] {
		f.Errors.add("default_agent", "channel.agent_gone")
	}
	for _, n := range ChannelNumbers {
		if typed := f.Values[n.Key]; typed != "" && !n.fits(typed) {
			f.Errors.add(n.Key, "channel."+strings.ReplaceAll(n.Key, ".", "_")+"_odd")
		}
	}
	quiet, err1 := strconv.ParseFloat(f.Values["debounce.quiet_seconds"], 64)
	most, err2 := strconv.ParseFloat(f.Values["debounce.max_seconds"], 64)
	if err1 == nil && err2 == nil && quiet > most {
		f.Errors.add("debounce.quiet_seconds", "channel.quiet_over_max")
	}
	for key, text := range f.Values {
		if strings.HasPrefix(key, "messages.") && (utf8.RuneCountInString(text) > longestSentence || !utf8.ValidString(text)) {
			f.Errors.add(key, "channel.text_long")
		}
	}
	return len(f.Errors) == 0
}

func (n ChannelNumber) fits(typed string) bool {
	x, err := strconv.ParseFloat(typed, 64)
	return err == nil && x >= n.Least && x <= n.Most && (!n.Whole || x == math.Trunc(x) && !strings.ContainsAny(typed, ".eExX"))
}
