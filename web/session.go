package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"astromesh/store"
	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"
)

const (
	sessionCookie = "astromesh_session"
	// sessionLife is how long a login holds.
	sessionLife = 14 * 24 * time.Hour
	sessionUser = "user"
)

// newSessions keeps logins in the store. SameSite=Strict: a link from elsewhere
// arrives signed out, and nothing that another site starts is done in the
// owner's name.
func newSessions(st *store.Store) *scs.SessionManager {
	m := scs.New()
	m.Store = st.Sessions()
	m.Lifetime = sessionLife
	m.Cookie.Name, m.Cookie.HttpOnly, m.Cookie.SameSite, m.Cookie.Path = sessionCookie, true, http.SameSiteStrictMode, "/"
	return m
}

type userKey struct{}

// userOf is who is signed in. Behind signedIn there is always somebody.
func userOf(c echo.Context) store.User {
	u, _ := c.Request().Context().Value(userKey{}).(store.User)
	return u
}

// signedIn lets operators in, and sends others to the login, which leads back to
// the page that they asked for: a fragment or a
// stream gets 401 instead, which the page's script acts on.
func (s *Server) signedIn(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		u, err := s.Store.User(r.Context(), s.sessions.GetInt64(r.Context(), sessionUser))
		switch {
		case errors.Is(err, store.ErrNotFound):
			if r.Method != http.MethodGet || r.Header.Get("HX-Request") != "" || strings.Contains(r.Header.Get(echo.HeaderAccept), "text/event-stream") {
				return c.NoContent(http.StatusUnauthorized)
			}
			return c.Redirect(http.StatusSeeOther, loginFor(r.URL))
		case err != nil:
			return err
		}
		c.SetRequest(r.WithContext(context.WithValue(r.Context(), userKey{}, u)))
		if u.Language != "" {
			setLanguage(c, u.Language)
		}
		return next(c)
	}
}

// loginFor is the login that leads on to the page that was asked for.
func loginFor(page *url.URL) string {
	to := form.LocalPath(page.RequestURI())
	if to == "" || to == "/" {
		return "/login"
	}
	return "/login?" + url.Values{"to": {to}}.Encode()
}

// ownerOnly refuses staff what only owners may do: here, not by hiding buttons.
func (s *Server) ownerOnly(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if userOf(c).Role != store.RoleOwner {
			return errOwnersOnly
		}
		return next(c)
	}
}

var errOwnersOnly = apiFault{http.StatusForbidden, "owners_only", "only an owner may do this: ask the owner of this Astromesh"}

// signIn begins a session for an operator, under a new token.
func (s *Server) signIn(c echo.Context, u store.User) error {
	ctx := c.Request().Context()
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.sessions.Put(ctx, sessionUser, u.ID)
	token, _, err := s.sessions.Commit(ctx)
	if err != nil {
		return err
	}
	return s.Store.Sessions().Belongs(token, u.ID)
}

// language makes the texts speak what the browser asks for; signedIn then takes
// the operator's own choice.
func language(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		setLanguage(c, view.PreferredLanguage(c.Request().Header.Get("Accept-Language")))
		return next(c)
	}
}

// ownLanguage takes the choice of who is signed in, on pages that nobody need be
// signed in for. Where it cannot be read, the browser's language stands.
func (s *Server) ownLanguage(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		if u, err := s.Store.User(ctx, s.sessions.GetInt64(ctx, sessionUser)); err == nil && u.Language != "" {
			setLanguage(c, u.Language)
		}
		return next(c)
	}
}

func setLanguage(c echo.Context, language string) {
	c.SetRequest(c.Request().WithContext(view.WithLanguage(c.Request().Context(), language)))
}
