package web

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"astromesh/config"
	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// Channel is what is in force on WhatsApp, and what of it the dashboard may not
// change.
type Channel struct {
	config.WhatsApp
	// Outside are the keys that an owner's file or a variable gives: what the
	// dashboard would save for them is not used.
	Outside map[string]bool
	// FileAgent is the agent that an owner's channels.yaml names, "" if it names
	// none. Another one may have been chosen here.
	FileAgent string
}

// MessageLanguages are those that the channel's texts are written in here; a file
// may have others.
var MessageLanguages = [...]string{"en", "es", "pt"}

// channelPrefix stands before a key of channels.whatsapp in the settings.
const channelPrefix = "whatsapp."

func (s *Server) channelPage(c echo.Context) error {
	return s.showChannel(c, http.StatusOK, form.Channel{Values: channelValues(s.Channel().WhatsApp)})
}

func (s *Server) showChannel(c echo.Context, status int, f form.Channel) error {
	p, err := s.settingFrame(c, "channel")
	if err != nil {
		return err
	}
	ch := s.Channel()
	v := view.Channel{Form: f, Outside: ch.Outside, Languages: MessageLanguages[:], Answering: s.answering()}
	for key, value := range channelValues(ch.WhatsApp) {
		if ch.Outside[ownerOf(key)] {
			f.Values[key] = value // it is shown and cannot be typed
		}
	}
	return render(c, status, view.SettingChannel(p, v))
}

// channelValues are the values in force as the form shows them.
func channelValues(w config.WhatsApp) map[string]string {
	seconds := func(d config.Duration) string { return strconv.FormatFloat(d.D().Seconds(), 'f', -1, 64) }
	values := map[string]string{
		"default_agent": w.DefaultAgent, "rate_limit.max_messages": strconv.Itoa(w.RateLimit.MaxMessages), "rate_limit.window_seconds": seconds(w.RateLimit.WindowSeconds),
		"debounce.quiet_seconds": seconds(w.Debounce.QuietSeconds), "debounce.max_seconds": seconds(w.Debounce.MaxSeconds),
		"loop_guard.max_messages": strconv.Itoa(w.LoopGuard.MaxMessages), "loop_guard.window_seconds": seconds(w.LoopGuard.WindowSeconds),
	}
	for key, text := range map[string]config.Localized{
		"messages.error": w.Messages.Error, "messages.too_long": w.Messages.TooLong, "messages.blocked": w.Messages.Blocked, "messages.unsupported": w.Messages.Unsupported,
	} {
		for _, l := range MessageLanguages {
			values[key+"."+l] = text.In(l)
		}
	}
	return values
}

// ownerOf is the key that a file gives as a whole: a text in all its languages.
func ownerOf(key string) string {
	if strings.HasPrefix(key, "messages.") {
		return key[:strings.LastIndex(key, ".")]
	}
	return key
}

func (s *Server) saveChannel(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return errUnreadable
	}
	ch, f := s.Channel(), form.BindChannel(values, MessageLanguages[:])
	maps.DeleteFunc(f.Values, func(key, _ string) bool { return ch.Outside[ownerOf(key)] })
	agents := map[string]bool{ch.DefaultAgent: true} // the rest can be saved though it is broken
	for _, a := range s.Agents.List() {
		agents[a.Name()] = true
	}
	if !f.Validate(agents) {
		return s.showChannel(c, http.StatusUnprocessableEntity, f)
	}
	changed, changes := channelChanges(f.Values, channelValues(ch.WhatsApp))
	if slices.Contains(changed, "default_agent") {
		maps.Copy(changes, agentChoice(f.Values["default_agent"], ch.FileAgent))
	}
	if len(changed) > 0 {
		if err := s.Store.PutSettings(changes, nil); err != nil {
			return err
		}
		if err := s.Store.Audit(userOf(c).Name, "channel settings changed", "whatsapp", strings.Join(changed, ", ")); err != nil {
			return err
		}
		if err := s.reloadAndLook(c.Request().Context()); err != nil {
			return err
		}
	}
	return saved(c, "channel", "saved")
}

// channelChanges are the settings to write: what is as it was is not, so that the
// program's own value is not turned into a choice.
func channelChanges(typed, was map[string]string) (keys []string, settings map[string]string) {
	settings = map[string]string{}
	for key, value := range typed {
		if value != was[key] {
			keys, settings[channelPrefix+key] = append(keys, key), value
		}
	}
	slices.Sort(keys)
	return keys, settings
}
