package form

import (
	"net/url"
	"strings"
	"testing"
)

func TestChannel(t *testing.T) {
	agents := map[string]bool{"shop": true}
	for name, c := range map[string]struct{ field, typed, problem string }{
		"agent":          {"default_agent", "shop", ""},
		"agent gone":     {"default_agent", "other", "channel.agent_gone"},
		"rate":           {"rate_limit.max_messages", "30", ""},
		"rate zero":      {"rate_limit.max_messages", "0", "channel.rate_limit_max_messages_odd"},
		"rate words":     {"rate_limit.max_messages", "many", "channel.rate_limit_max_messages_odd"},
		"rate fraction":  {"rate_limit.max_messages", "1.5", "channel.rate_limit_max_messages_odd"},
		"rate exponent":  {"rate_limit.max_messages", "1e3", "channel.rate_limit_max_messages_odd"},
		"quiet":          {"debounce.quiet_seconds", "1.5", ""},
		"quiet zero":     {"debounce.quiet_seconds", "0", ""},
		"quiet negative": {"debounce.quiet_seconds", "-1", "channel.debounce_quiet_seconds_odd"},
		"quiet NaN":      {"debounce.quiet_seconds", "NaN", "channel.debounce_quiet_seconds_odd"},
		"quiet for ever": {"debounce.quiet_seconds", "Inf", "channel.debounce_quiet_seconds_odd"},
		"quiet an hour":  {"debounce.quiet_seconds", "3600", "channel.debounce_quiet_seconds_odd"},
		"text":           {"messages.error.es", "Perdona", ""},
		"a long text":    {"messages.error.es", strings.Repeat("ñ", 1001), "channel.text_long"},
		"bytes":          {"messages.error.en", "a\xff", "channel.text_long"},
		"empty":          {"rate_limit.max_messages", "", ""},
	} {
		f := BindChannel(url.Values{c.field: {c.typed}, "messages.error.xx": {"no"}}, []string{"en", "es"})
		if ok := f.Validate(agents); ok != (c.problem == "") || f.Errors[c.field] != c.problem || len(f.Values) != 1 {
			t.Errorf("%s: %v %v", name, f.Errors, f.Values)
		}
	}
	f := BindChannel(url.Values{"debounce.quiet_seconds": {"9"}, "debounce.max_seconds": {"8"}}, nil)
	if f.Validate(agents) || f.Errors["debounce.quiet_seconds"] != "channel.quiet_over_max" {
		t.Errorf("quiet over the longest: %v", f.Errors)
	}
}
