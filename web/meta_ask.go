package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"astromesh/config"
	"astromesh/runtime/channel"
	"astromesh/runtime/channel/whatsapp"
	"astromesh/web/form"
	"astromesh/web/view"
)

const (
	// temporary is how soon the end of a token tells that it is one for trying.
	// Those of Meta's page API Setup last a day.
	temporary    = 14 * 24 * time.Hour
	sendScope    = "whatsapp_business_messaging"
	accountScope = "whatsapp_business_management"
	webhookField = "messages"
)

// askMeta asks Meta about what was typed and notes what is wrong beside its
// field. What Meta cannot be asked about is kept untested, and said so.
func (s *Server) askMeta(ctx context.Context, f *form.Meta, w config.WhatsApp) (did string) {
	f.Detail = map[string]string{}
	well := f.Right() // the rest is wrong without asking; problems go into the same map
	f = &well
	a := asking{ctx: ctx, f: f, client: s.Probe(cmp.Or(f.AccessToken, w.AccessToken.Reveal()))}
	if f.AccessToken != "" {
		a.token()
	}
	if number := cmp.Or(f.PhoneNumberID, w.PhoneNumberID); number != "" && (f.PhoneNumberID != "" || f.AccessToken != "") && w.AccessToken.Reveal()+f.AccessToken != "" {
		a.number(number)
	}
	if f.WABAID != "" && w.AccessToken.Reveal()+f.AccessToken != "" {
		a.account()
	}
	if f.AppSecret != "" {
		a.secret(cmp.Or(f.AppID, w.AppID, a.app))
	}
	if a.unasked {
		return "untested"
	}
	return "saved"
}

// asking is one round of questions.
type asking struct {
	ctx     context.Context
	f       *form.Meta
	client  *whatsapp.Client
	app     string // that the token was made for
	unasked bool   // Meta could not be reached
}

// wrong notes a refusal beside a field, with Meta's code.
func (a *asking) wrong(field, key string, e *channel.SendError) {
	if a.f.Errors[field] == "" {
		a.f.Errors[field] = key
		a.f.Detail[field] = metaCode(e)
	}
}

// judge says whether there is an answer; a refusal is noted beside the field.
func (a *asking) judge(err error, field, key string) bool {
	var e *channel.SendError
	switch {
	case err == nil:
		return true
	case !errors.As(err, &e) || e.Status == 0 || e.Status >= 500 || e.Outcome == channel.Rejected || e.Outcome == channel.Unknown:
		a.unasked = true
	case e.Outcome == channel.TokenRefused && key != "meta.secret_wrong":
		a.wrong("access_token", tokenKey(e.Subcode), e)
	default:
		a.wrong(field, key, e)
	}
	return false
}

func (a *asking) token() {
	info, err := a.client.DebugToken(a.ctx)
	if !a.judge(err, "access_token", "meta.token_refused") {
		return
	}
	a.app = info.AppID
	switch {
	case !info.Valid:
		a.wrong("access_token", tokenKey(info.Subcode), &channel.SendError{Code: 190, Subcode: info.Subcode})
	case len(info.Scopes) > 0 && !slices.Contains(info.Scopes, sendScope):
		a.wrong("access_token", "meta.token_scope", &channel.SendError{})
	case isTemporary(info) && !a.f.Anyway:
		a.wrong("access_token", "meta.token_temporary", &channel.SendError{})
	}
}

func isTemporary(t whatsapp.TokenInfo) bool {
	return !t.ExpiresAt.IsZero() && time.Until(t.ExpiresAt) < temporary
}

func (a *asking) number(id string) {
	field, key := "phone_number_id", "meta.number_unknown"
	if a.f.PhoneNumberID == "" { // the saved number is right, so the new token is another account's
		field, key = "access_token", "meta.token_other"
	}
	_, err := a.client.PhoneNumber(a.ctx, id)
	a.judge(err, field, key)
}

func (a *asking) account() {
	_, err := a.client.SubscribedApps(a.ctx, a.f.WABAID)
	a.judge(err, "waba_id", "meta.waba_unknown")
}

func (a *asking) secret(app string) {
	if app == "" {
		if info, err := a.client.DebugToken(a.ctx); err == nil {
			app = info.AppID
		}
	}
	if app == "" {
		a.unasked = true // without the app nobody can tell
		return
	}
	_, err := a.client.AppSubscription(a.ctx, app, a.f.AppSecret)
	a.judge(err, "app_secret", "meta.secret_wrong")
}

// tokenKey is why Meta refuses a token, in words.
func tokenKey(subcode int) string {
	switch subcode {
	case 463:
		return "meta.token_expired"
	case 460, 467, 492:
		return "meta.token_withdrawn"
	default:
		return "meta.token_refused"
	}
}

// metaFault is why Meta did not do what was asked.
func metaFault(err error) view.MetaFault {
	var e *channel.SendError
	if !errors.As(err, &e) {
		return view.MetaFault{Key: "meta.fault_other"}
	}
	f := view.MetaFault{Code: metaCode(e), Key: "meta.fault_other", Words: e.Detail}
	switch {
	case e.Code == 2200:
		f.Key = "meta.fault_callback"
	case e.Outcome == channel.TokenRefused && e.Status == 0:
		f.Key = "meta.fault_no_token"
	case e.Outcome == channel.TokenRefused:
		f.Key = tokenKey(e.Subcode)
	case e.Outcome == channel.Rejected, e.Outcome == channel.Unknown:
		f.Key = "meta.fault_unreached"
	case e.Code == 100 || e.Status == 0:
		f.Key = "meta.waba_unknown"
	}
	return f
}

// metaCode stands small behind the words, for who searches.
func metaCode(e *channel.SendError) string {
	switch {
	case e.Code == 0:
		return ""
	case e.Subcode == 0:
		return fmt.Sprintf("[%d]", e.Code)
	default:
		return fmt.Sprintf("[%d/%d]", e.Code, e.Subcode)
	}
}

// appID is the app that we are: as configured, else whose token it is.
func (s *Server) appID(ctx context.Context, client *whatsapp.Client, configured string) string {
	if configured != "" {
		return configured
	}
	info, err := client.DebugToken(ctx)
	if err != nil {
		return ""
	}
	return info.AppID
}
