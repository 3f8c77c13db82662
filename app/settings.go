package app

import (
	"crypto/sha256"
	"encoding/hex"

	"astromesh/config"
	"astromesh/runtime/channel/whatsapp"
	"astromesh/runtime/inbox"
	"astromesh/runtime/model"
	"astromesh/runtime/outbox"
	"astromesh/web"
)

// The rooms know nothing of files: here the configuration becomes their settings.

func (a *App) webhookSettings() web.WebhookSettings {
	w := a.live.Load().whatsapp
	s := web.WebhookSettings{VerifyToken: w.VerifyToken.Reveal(), PhoneNumberID: w.PhoneNumberID}
	if w.AppSecret != "" {
		s.AppSecrets = []string{w.AppSecret.Reveal()}
	}
	return s
}

func (a *App) inboxSettings() inbox.Settings {
	l := a.live.Load()
	w := l.whatsapp
	return inbox.Settings{
		DefaultAgent: w.DefaultAgent,
		Quiet:        w.Debounce.QuietSeconds.D(), MaxQuiet: w.Debounce.MaxSeconds.D(),
		LoopWindow: w.LoopGuard.WindowSeconds.D(), LoopMax: w.LoopGuard.MaxMessages,
		Typing: w.TypingIndicator, MarkRead: w.MarkAsRead,
		RetryFor: l.runtime.Spec.RetryFor.D(),
		Texts:    inbox.Texts{Error: w.Messages.Error, TooLong: w.Messages.TooLong, Blocked: w.Messages.Blocked, Unsupported: w.Messages.Unsupported},
	}
}

func (a *App) outboxSettings() outbox.Settings {
	w := a.live.Load().whatsapp
	// The relay only needs to see that the token changed, not the token.
	token := sha256.Sum256([]byte(w.AccessToken.Reveal()))
	return outbox.Settings{
		Window: w.RateLimit.WindowSeconds.D(), MaxMessages: w.RateLimit.MaxMessages,
		UnsureWait: w.UnsureWaitSeconds.D(), Resend: w.UnsurePolicy != "ask",
		Token: hex.EncodeToString(token[:8]),
	}
}

func newServers(o Options, notify func(model.Notice)) *model.Servers {
	return model.NewServers(model.Options{
		DefaultOllama: o.OllamaHost,
		Env:           func(name string) string { v, _ := o.Env(name); return v },
		Notify:        notify,
	})
}

func newGraph(o Options, settings func() config.WhatsApp) *whatsapp.Client {
	return whatsapp.NewClient(whatsapp.Config{
		GraphURL:  o.GraphURL,
		Version:   func() string { return settings().GraphVersion },
		Token:     func() string { return settings().AccessToken.Reveal() },
		UserAgent: "astromesh/" + Version(),
	})
}

// newProbe asks Graph with a token that is not in service yet.
func newProbe(o Options, token string) *whatsapp.Client {
	return newGraph(o, func() config.WhatsApp {
		w := config.DefaultChannels(o.Env).Channels.WhatsApp
		w.AccessToken = config.Secret(token)
		return w
	})
}
