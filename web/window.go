package web

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"time"

	"astromesh/store"
	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// windowCookie tells the program's own window from every browser. Its value is a
// secret of this run, so nobody else can pretend to be the window.
const windowCookie = "astromesh_window"

// What becomes of the program when its window is closed.
const (
	// CloseSetting is the setting's name; without one the window asks.
	CloseSetting    = "desktop.close"
	CloseBackground = "background" // keeps answering
	CloseStop       = "stop"
)

// WindowLink is where the program's own window begins: it is marked as the
// window and signed in, once, within 30 minutes.
func (s *Server) WindowLink() string {
	return s.ownAddress() + "/window?" + url.Values{"token": {s.once.allowWindow(time.Now())}}.Encode()
}

// windowPage sends the token on by itself, as enterPage does.
func (s *Server) windowPage(c echo.Context) error {
	return render(c, http.StatusOK, view.Enter("/window", c.QueryParam("token")))
}

// enterWindow marks the window and signs the owner in; before there is one it
// leads to the first run. Like enter it answers 200, for the cookies' sake.
func (s *Server) enterWindow(c echo.Context) error {
	if !s.once.useWindow(c.FormValue("token"), time.Now()) {
		return render(c, http.StatusForbidden, view.LinkUsed())
	}
	c.SetCookie(&http.Cookie{Name: windowCookie, Value: s.windowKey, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	owner, ok, err := s.firstOwner(c.Request().Context())
	switch {
	case err != nil:
		return err
	case !ok:
		return render(c, http.StatusOK, view.Entered("/setup?"+url.Values{"token": {s.once.setupToken()}}.Encode()))
	}
	if err := s.signIn(c, owner); err != nil {
		return err
	}
	return render(c, http.StatusOK, view.Entered("/"))
}

// inWindow lets the pages know that they are shown in the program's own window.
func (s *Server) inWindow(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		cookie, err := r.Cookie(windowCookie)
		if err == nil && s.Desktop != nil && subtle.ConstantTimeCompare([]byte(cookie.Value), []byte(s.windowKey)) == 1 {
			c.SetRequest(r.WithContext(view.WithWindow(r.Context())))
		}
		return next(c)
	}
}

var errNoWindow = apiFault{http.StatusForbidden, "no_window", "only the program's own window may do this"}

// browse opens a link that leads elsewhere in the system's browser: the window
// shows nothing but the dashboard.
func (s *Server) browse(c echo.Context) error {
	ctx := c.Request().Context()
	if !view.InWindow(ctx) {
		return errNoWindow
	}
	to, err := url.Parse(c.FormValue("url"))
	if err != nil || to.Scheme != "https" && to.Scheme != "http" || to.Host == "" || to.User != nil {
		return c.String(http.StatusUnprocessableEntity, view.T(ctx, "window.no_link"))
	}
	if err := s.Desktop.Browse(to.String()); err != nil {
		s.Log.Warn("no browser could be opened", "error", err)
		return c.String(http.StatusServiceUnavailable, view.T(ctx, "window.no_browser", to.String()))
	}
	return c.NoContent(http.StatusNoContent)
}

// showFolder opens the folder that downloads went to.
func (s *Server) showFolder(c echo.Context) error {
	if !view.InWindow(c.Request().Context()) {
		return errNoWindow
	}
	if err := s.Desktop.Browse(s.Desktop.Downloads); err != nil {
		s.Log.Warn("the folder of downloads could not be shown", "error", err)
	}
	// Not to where the button was: that page is the download, and would save it once more.
	return c.Redirect(http.StatusSeeOther, cmp.Or(form.LocalPath(c.FormValue("back")), "/"))
}

// Closing is what becomes of the program when its window is closed, or "" while
// nobody has said.
func (s *Server) Closing(ctx context.Context) string {
	choice, err := s.Store.Setting(ctx, CloseSetting)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		s.Log.Warn("what closing the window means could not be read", "error", err)
	}
	return choice
}

// SetClosing remembers the answer to CloseQuestion.
func (s *Server) SetClosing(choice string) error {
	if err := s.Store.SetSetting(CloseSetting, choice); err != nil {
		return err
	}
	return s.Store.Audit("the window", "closing the window changed", "", choice)
}

// CloseQuestion is what the window asks when it is closed for the first time; a
// yes keeps the program answering.
func (s *Server) CloseQuestion(ctx context.Context) (title, question string) {
	if owner, ok, err := s.firstOwner(ctx); err == nil && ok {
		ctx = view.WithLanguage(ctx, owner.Language)
	}
	return view.T(ctx, "window.close_title"), view.T(ctx, "window.close_question")
}
