package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"astromesh/runtime/channel/whatsapp"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// metaCheck is what Meta says now, as a fragment that loads behind the page.
func (s *Server) metaCheck(c echo.Context) error {
	ch := s.Channel()
	address, err := s.publicURL(c)
	if err != nil {
		return err
	}
	v := view.MetaCheck{Back: metaSettings}
	if c.QueryParam("back") == metaSetup {
		v.Back = metaSetup
	}
	if ch.AccessToken == "" {
		v.Rows = append(v.Rows, view.MetaRow{State: "none", Key: "meta.check_no_token"})
	} else {
		said := s.whatMetaSays(c.Request().Context(), ch)
		token := said.tokenRow()
		rows := []view.MetaRow{said.numberRow(ch.PhoneNumberID), said.secretRow(ch.AppSecret != "")}
		if said.secretErr == nil && ch.AppSecret != "" && said.app != "" {
			rows = append(rows, said.callbackRow(address))
		}
		rows = append(rows, said.accountRow(ch.WABAID))
		// A refused token is refused for each question: that is said once.
		rows = slices.DeleteFunc(rows, func(r view.MetaRow) bool { return r.State == "fail" && r.Key == token.Key })
		v.Rows = append(append(v.Rows, token), rows...)
		v.CanSubscribe = ch.WABAID != "" && said.tokenErr == nil
	}
	v.Rows = append(v.Rows, s.handshakeRow())
	return render(c, http.StatusOK, view.MetaChecks(v))
}

// metaSaid is what Meta answered to all questions.
type metaSaid struct {
	token     whatsapp.TokenInfo
	tokenErr  error
	number    whatsapp.NumberInfo
	numberErr error
	app       string
	sub       whatsapp.AppSubscription
	secretErr error
	apps      []whatsapp.SubscribedApp
	appsErr   error
}

// whatMetaSays asks at the same time what can be; it takes 10 s at most.
func (s *Server) whatMetaSays(ctx context.Context, ch Channel) metaSaid {
	client := s.Probe(ch.AccessToken.Reveal())
	var m metaSaid
	var all sync.WaitGroup
	all.Go(func() {
		m.token, m.tokenErr = client.DebugToken(ctx)
		if m.app = ch.AppID; m.app == "" {
			m.app = m.token.AppID
		}
		if ch.AppSecret != "" && m.app != "" {
			m.sub, m.secretErr = client.AppSubscription(ctx, m.app, ch.AppSecret.Reveal())
		}
	})
	if ch.PhoneNumberID != "" {
		all.Go(func() { m.number, m.numberErr = client.PhoneNumber(ctx, ch.PhoneNumberID) })
	}
	if ch.WABAID != "" {
		all.Go(func() { m.apps, m.appsErr = client.SubscribedApps(ctx, ch.WABAID) })
	}
	all.Wait()
	return m
}

func fault(err error) view.MetaRow {
	f := metaFault(err)
	return view.MetaRow{State: "fail", Key: f.Key, Code: f.Code}
}

func (m metaSaid) tokenRow() view.MetaRow {
	t := m.token
	switch {
	case m.tokenErr != nil:
		return fault(m.tokenErr)
	case !t.Valid:
		return view.MetaRow{State: "fail", Key: tokenKey(t.Subcode)}
	case len(t.Scopes) > 0 && !slices.Contains(t.Scopes, sendScope):
		return view.MetaRow{State: "fail", Key: "meta.token_scope"}
	case isTemporary(t):
		return view.MetaRow{State: "warn", Key: "meta.check_token_ends", Args: []any{t.ExpiresAt.Local().Format("2006-01-02 15:04")}}
	case len(t.Scopes) > 0 && !slices.Contains(t.Scopes, accountScope):
		return view.MetaRow{State: "warn", Key: "meta.check_token_account"}
	case t.Type == "USER":
		return view.MetaRow{State: "warn", Key: "meta.check_token_person"}
	case !t.ExpiresAt.IsZero():
		return view.MetaRow{State: "ok", Key: "meta.check_token_until", Args: []any{t.ExpiresAt.Local().Format("2006-01-02")}}
	default:
		return view.MetaRow{State: "ok", Key: "meta.check_token_ok"}
	}
}

func (m metaSaid) numberRow(id string) view.MetaRow {
	switch {
	case id == "":
		return view.MetaRow{State: "none", Key: "meta.check_no_number"}
	case m.numberErr != nil:
		row := fault(m.numberErr)
		if row.Key == "meta.waba_unknown" || row.Key == "meta.fault_other" {
			row.Key = "meta.number_unknown"
		}
		return row
	}
	switch quality := strings.ToUpper(m.number.Quality); quality {
	case "YELLOW", "RED":
		return view.MetaRow{State: "warn", Key: "meta.check_number_quality", Args: []any{m.number.VerifiedName, quality}}
	case "GREEN":
		return view.MetaRow{State: "ok", Key: "meta.check_number_green", Args: []any{m.number.VerifiedName}}
	default:
		return view.MetaRow{State: "ok", Key: "meta.check_number_ok", Args: []any{m.number.VerifiedName}}
	}
}

func (m metaSaid) secretRow(given bool) view.MetaRow {
	switch {
	case !given:
		return view.MetaRow{State: "fail", Key: "meta.check_no_secret"}
	case m.app == "":
		return view.MetaRow{State: "none", Key: "meta.check_secret_untested"}
	case m.secretErr != nil:
		row := fault(m.secretErr)
		if row.Key != "meta.fault_unreached" {
			row.Key = "meta.secret_wrong"
		}
		return row
	default:
		return view.MetaRow{State: "ok", Key: "meta.check_secret_ok"}
	}
}

// callbackRow compares where Meta sends messages with where we are.
func (m metaSaid) callbackRow(ours string) view.MetaRow {
	at, err := url.Parse(m.sub.Callback)
	switch {
	case m.sub.Callback == "" || err != nil:
		return view.MetaRow{State: "fail", Key: "meta.check_callback_none"}
	case !slices.Contains(m.sub.Fields, webhookField):
		return view.MetaRow{State: "fail", Key: "meta.check_field"}
	case ours != "" && m.sub.Callback != ours+webhookPath:
		return view.MetaRow{State: "fail", Key: "meta.check_callback_other", Args: []any{at.Host}}
	default:
		return view.MetaRow{State: "ok", Key: "meta.check_callback_ok", Args: []any{at.Host}}
	}
}

func (m metaSaid) accountRow(waba string) view.MetaRow {
	switch {
	case waba == "":
		return view.MetaRow{State: "none", Key: "meta.check_no_waba"}
	case m.appsErr != nil:
		return fault(m.appsErr)
	case slices.ContainsFunc(m.apps, func(a whatsapp.SubscribedApp) bool { return a.ID == m.app }):
		return view.MetaRow{State: "ok", Key: "meta.check_account_ok"}
	case len(m.apps) > 0:
		return view.MetaRow{State: "fail", Key: "meta.check_account_other"}
	default:
		return view.MetaRow{State: "fail", Key: "meta.check_account_none"}
	}
}

// handshakeRow is what came from Meta's side.
func (s *Server) handshakeRow() view.MetaRow {
	door := s.Doorman.Door()
	switch {
	case !door.AcceptedAt.IsZero():
		return view.MetaRow{State: "ok", Key: "meta.check_arrived"}
	case !door.HandshakeAt.IsZero() && !door.HandshakeOK:
		return view.MetaRow{State: "fail", Key: "meta.check_handshake_refused"}
	case door.HandshakeOK:
		return view.MetaRow{State: "ok", Key: "meta.check_handshake_ok"}
	default:
		return view.MetaRow{State: "none", Key: "meta.check_handshake_none"}
	}
}
