package web

import (
	"bytes"

	"astromesh/runtime/health"
	"astromesh/web/view"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// render writes a component whole or not at all: an error is not half a page.
func render(c echo.Context, status int, component templ.Component) error {
	var b bytes.Buffer
	if err := component.Render(c.Request().Context(), &b); err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.HTMLBlob(status, b.Bytes())
}

// frame is what the frame of every page shows to this operator.
func (s *Server) frame(c echo.Context, active string) (view.Page, error) {
	ctx, u := c.Request().Context(), userOf(c)
	needs, err := s.Store.NeedsPerson(ctx)
	if err != nil {
		return view.Page{}, err
	}
	p := view.Page{Demo: s.Phone != nil, Title: view.T(ctx, "frame."+active), Active: active, User: u.Name, Owner: u.Role == "owner", Theme: u.Theme, Needs: int(needs), Health: "ok"}
	ch := s.Channel()
	unconnected := ch.AccessToken == "" && ch.AppSecret == "" // then Home leads on with the set-up
	for _, check := range s.pulse.now() {
		switch check.Status {
		case health.Fail:
			p.Health = "fail"
			p.Broken++
			if p.Banner == nil && stopsAnswers[check.Name] && active != "health" && (!unconnected || check.Name == "disk") {
				p.Banner = &view.Banner{Text: view.CheckMeaning(ctx, check.Name, "fail"), Link: "/health", Button: view.T(ctx, "frame.mend")}
			}
		case health.Warn:
			if p.Health == "ok" {
				p.Health = "warn"
			}
		}
	}
	return p, nil
}

// stopsAnswers are the checks that are worth a banner on every page.
var stopsAnswers = map[string]bool{"signature": true, "models": true, "sending": true, "graph": true, "agent": true, "disk": true}
