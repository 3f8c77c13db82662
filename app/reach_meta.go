package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"astromesh/runtime/channel"
	"astromesh/runtime/reach"
	"astromesh/store"
	"astromesh/web"
)

// addressSetting remembers the public address, for the next start and for the
// command that looks from outside.
const addressSetting = "reach_address"

// publicAddress is the value of addressSetting.
type publicAddress struct {
	URL    string    `json:"url"`
	Since  time.Time `json:"since"`
	AtMeta bool      `json:"at_meta"` // Meta has said that it calls there
}

// registerAt makes Meta call the public address, if it does not yet. Where the
// credentials do not allow to ask, a handshake of Meta's since the address is
// this one shows that the owner has pasted it.
func (a *App) registerAt(ctx context.Context, public string) *reach.Problem {
	known, err := lastAddress(ctx, a.store)
	if err != nil {
		a.log.Warn("the public address that Meta was told cannot be read", "stage", "webhook", "error", err)
	}
	if known.URL != public {
		known = publicAddress{URL: public, Since: time.Now()}
		a.keepAddress(known)
	}
	if known.AtMeta {
		return nil
	}
	callback := public + web.WebhookPath
	w := a.live.Load().whatsapp
	app := w.AppID
	if app == "" && w.AccessToken != "" {
		if info, err := a.graph.DebugToken(ctx); err == nil {
			app = info.AppID
		}
	}
	if app == "" || w.AppSecret == "" {
		if a.doorman.Door().HandshakeOKAt.After(known.Since) {
			return nil
		}
		return &reach.Problem{Code: "meta_paste", Args: []string{callback}}
	}
	if p := a.tellMeta(ctx, app, callback); p != nil {
		return p
	}
	known.AtMeta = true
	a.keepAddress(known)
	return nil
}

// tellMeta changes the app's subscription, unless it is right already: each
// change makes Meta ask for the verify token again.
func (a *App) tellMeta(ctx context.Context, app, callback string) *reach.Problem {
	w := a.live.Load().whatsapp
	secret := w.AppSecret.Reveal()
	sub, err := a.graph.AppSubscription(ctx, app, secret)
	if err == nil && sub.Callback == callback && slices.Contains(sub.Fields, "messages") {
		return nil
	}
	if err == nil {
		err = a.graph.SubscribeApp(ctx, app, secret, callback, w.VerifyToken.Reveal())
	}
	if err == nil {
		a.log.Info("Meta was told the new public address", "stage", "webhook")
		a.store.Log(store.Event{Kind: store.EventSystem, Stage: "webhook", Text: "Meta was told the new public address; it calls there from now on."})
		a.askAnew()
		return nil
	}
	var refused *channel.SendError
	code := "meta_refused"
	if errors.As(err, &refused) {
		a.log.Warn("Meta did not take the new public address", "stage", "webhook", "code", refused.Code, "detail", refused.Detail)
		if refused.Code == callbackRefused {
			code = "meta_unreachable"
		}
	}
	return &reach.Problem{Code: code, Args: []string{callback}, Note: metaWords(refused)}
}

// callbackRefused is Meta's code for an address that did not give the challenge
// back.
const callbackRefused = 2200

func metaWords(e *channel.SendError) string {
	if e == nil {
		return ""
	}
	return cmp.Or(e.Reason, e.Detail)
}

func (a *App) keepAddress(p publicAddress) {
	b, err := json.Marshal(p)
	if err == nil {
		err = a.store.SetSetting(addressSetting, string(b))
	}
	if err != nil && !errors.Is(err, store.ErrClosed) {
		a.log.Warn("the public address could not be kept", "stage", "webhook", "error", err)
	}
}

// lastAddress is the one that was last proven; zero if there was none.
func lastAddress(ctx context.Context, st *store.Store) (publicAddress, error) {
	var p publicAddress
	text, err := st.Setting(ctx, addressSetting)
	if errors.Is(err, store.ErrNotFound) {
		return p, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &p)
	}
	if err != nil {
		return publicAddress{}, fmt.Errorf("read the public address: %w", err)
	}
	return p, nil
}

// wayFromStore is what a look into the store tells of the way in: how, and where
// it was last proven to be.
func wayFromStore(ctx context.Context, st *store.Store) (reach.State, error) {
	s, err := readReach(ctx, st)
	if err != nil {
		return reach.State{}, err
	}
	state := reach.New(reach.Parts{Settings: s}).State()
	if known, err := lastAddress(ctx, st); err == nil && state.URL == "" {
		state.URL = known.URL
	}
	return state, nil
}
