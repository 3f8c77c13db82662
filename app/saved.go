package app

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"time"

	"astromesh/config"
	"astromesh/store"
	"astromesh/web"
)

// savedPrefix stands before the key of channels.whatsapp that a setting is for.
const savedPrefix = "whatsapp."

// fillSaved uses what was chosen in the dashboard where an owner's files and
// variables say nothing; outside are the keys where they do. A credential that
// a file names but leaves empty is not given. The agent is different: see
// [chosenAgent].
func fillSaved(ctx context.Context, st *store.Store, w *config.WhatsApp, given map[string]bool) (outside map[string]bool, err error) {
	saved, err := st.Settings(ctx, savedPrefix)
	if err != nil {
		return nil, fmt.Errorf("the saved settings cannot be read: %w", err)
	}
	outside = map[string]bool{}
	for key, field := range map[string]*config.Secret{"access_token": &w.AccessToken, "app_secret": &w.AppSecret, "verify_token": &w.VerifyToken} {
		if outside[key] = *field != ""; *field == "" {
			*field = config.Secret(saved[savedPrefix+key])
		}
	}
	for key, field := range map[string]*string{"phone_number_id": &w.PhoneNumberID, "waba_id": &w.WABAID, "app_id": &w.AppID} {
		if outside[key] = *field != ""; *field == "" {
			*field = saved[savedPrefix+key]
		}
	}
	w.DefaultAgent, _ = chosenAgent(w.DefaultAgent, given, saved)
	put := func(key string, set func(value string)) {
		outside[key] = given[key]
		if value := saved[savedPrefix+key]; value != "" && !given[key] {
			set(value)
		}
	}
	fillChannel(w, put)
	fillMessages(w, given, saved, outside)
	return outside, nil
}

// The settings of the agent that was chosen in the dashboard, and of the one that
// the file named at that time.
const (
	savedAgent     = savedPrefix + "default_agent"
	savedAgentOver = savedPrefix + "default_agent_over"
)

// chosenAgent is the agent that answers customers: of the file's word and the
// dashboard's, the later one, as with the text of an agent. What was chosen in
// the dashboard holds until the file names another agent than it did then;
// overruled says that it has come to that.
func chosenAgent(named string, given map[string]bool, saved map[string]string) (name string, overruled bool) {
	file := fileAgent(named, given)
	switch chosen := saved[savedAgent]; {
	case chosen == "":
		return named, false
	case file == "" || file == saved[savedAgentOver]:
		return chosen, false
	default:
		return named, true
	}
}

// fileAgent is the agent that channels.yaml names, "" if it names none.
func fileAgent(named string, given map[string]bool) string {
	if given["default_agent"] {
		return named
	}
	return ""
}

// forgetOverruled ends a choice that the file has overruled: it must not come back
// when the file does.
func (a *App) forgetOverruled(ctx context.Context, l *live) error {
	saved, err := a.store.Settings(ctx, savedAgent)
	if err != nil {
		return fmt.Errorf("the saved settings cannot be read: %w", err)
	}
	if _, overruled := chosenAgent(l.file.DefaultAgent, l.given, saved); !overruled {
		return nil
	}
	if err := a.store.PutSettings(map[string]string{savedAgent: "", savedAgentOver: ""}, nil); err != nil {
		return fmt.Errorf("the saved settings cannot be changed: %w", err)
	}
	a.log.Info("channels.yaml names another agent than before: it answers, and not the one chosen in the dashboard",
		"agent", l.file.DefaultAgent, "chosen", saved[savedAgent])
	return a.store.Audit("channels.yaml", "channel settings changed", "whatsapp", "default_agent")
}

// fillChannel fills what is not a credential. A value that is no number any
// more, which the form does not let in, leaves the default.
func fillChannel(w *config.WhatsApp, put func(key string, set func(string))) {
	seconds := func(key string, to *config.Duration) {
		put(key, func(v string) {
			if n, err := strconv.ParseFloat(v, 64); err == nil && n >= 0 {
				*to = config.Duration(n * float64(time.Second))
			}
		})
	}
	count := func(key string, to *int) {
		put(key, func(v string) {
			if n, err := strconv.Atoi(v); err == nil && n > 0 {
				*to = n
			}
		})
	}
	seconds("rate_limit.window_seconds", &w.RateLimit.WindowSeconds)
	count("rate_limit.max_messages", &w.RateLimit.MaxMessages)
	seconds("debounce.quiet_seconds", &w.Debounce.QuietSeconds)
	seconds("debounce.max_seconds", &w.Debounce.MaxSeconds)
	seconds("loop_guard.window_seconds", &w.LoopGuard.WindowSeconds)
	count("loop_guard.max_messages", &w.LoopGuard.MaxMessages)
	// One of both may come from a file that has changed since.
	w.Debounce.MaxSeconds = max(w.Debounce.MaxSeconds, w.Debounce.QuietSeconds)
}

// fillMessages takes a text where the file does not give the sentence at all: a
// file that gives it in one language means it.
func fillMessages(w *config.WhatsApp, given map[string]bool, saved map[string]string, outside map[string]bool) {
	for name, text := range map[string]*config.Localized{
		"messages.error": &w.Messages.Error, "messages.too_long": &w.Messages.TooLong,
		"messages.blocked": &w.Messages.Blocked, "messages.unsupported": &w.Messages.Unsupported,
	} {
		outside[name] = given[name]
		filled := maps.Clone(*text) // the file's own is used again at the next reload
		for _, language := range web.MessageLanguages {
			if v := saved[savedPrefix+name+"."+language]; v != "" && !given[name] {
				filled[language] = v
			}
		}
		*text = filled
	}
}

// channelSettings are what the dashboard shows of the channel.
func (a *App) channelSettings() web.Channel {
	l := a.live.Load()
	return web.Channel{WhatsApp: l.whatsapp, Outside: l.outside, FileAgent: fileAgent(l.file.DefaultAgent, l.given)}
}

// applySettings puts what was just saved in service: the running program uses it
// at once, and sending that a refused token had stopped goes on.
func (a *App) applySettings(ctx context.Context) error {
	if err := a.reload(ctx); err != nil {
		return err
	}
	a.relay.Wake()
	way, err := readReach(ctx, a.store)
	if err != nil {
		return err
	}
	a.reach.Apply(way)
	return nil
}
