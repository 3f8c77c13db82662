package web

import (
	"errors"
	"net/http"
	"slices"

	"astromesh/store"
	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/alexedwards/argon2id"
	"github.com/labstack/echo/v4"
)

// setup is the way in while there is no operator: language, then name and
// password. Later it leads to the first card that is not done.
func (s *Server) setup(c echo.Context) error {
	ctx := c.Request().Context()
	if s.sessions.GetInt64(ctx, sessionUser) != 0 {
		return c.Redirect(http.StatusSeeOther, "/setup/next")
	}
	users, err := s.Store.Users(ctx)
	switch {
	case err != nil:
		return err
	case len(users) > 0:
		return c.Redirect(http.StatusSeeOther, "/login")
	case !s.once.isSetup(c.QueryParam("token")):
		return render(c, http.StatusForbidden, view.SetupClosed())
	}
	f := form.Account{Token: c.QueryParam("token"), Language: c.QueryParam("language")}
	if !slices.Contains(view.Languages, f.Language) {
		return render(c, http.StatusOK, view.SetupLanguage(f.Token))
	}
	setLanguage(c, f.Language)
	return render(c, http.StatusOK, view.SetupAccount(f, s.Restart != nil))
}

// claim makes the first operator, an owner, and signs them in.
func (s *Server) claim(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return errUnreadable
	}
	f := form.BindAccount(values)
	if slices.Contains(view.Languages, f.Language) {
		setLanguage(c, f.Language)
	} else {
		f.Language = view.Language(c.Request().Context())
	}
	if !s.once.isSetup(f.Token) {
		return render(c, http.StatusForbidden, view.SetupClosed())
	}
	if !f.Validate() {
		return render(c, http.StatusUnprocessableEntity, view.SetupAccount(f, s.Restart != nil))
	}
	hash, err := argon2id.CreateHash(f.Password, argon2id.DefaultParams)
	if err != nil {
		return err
	}
	u, err := s.Store.FirstOwner(store.User{Name: f.Name, PasswordHash: hash, Language: f.Language})
	if errors.Is(err, store.ErrConflict) {
		return c.Redirect(http.StatusSeeOther, "/login")
	}
	if err != nil {
		return err
	}
	s.once.forgetSetup()
	if err := s.Store.Audit(u.Name, "owner created", u.Name, "first run"); err != nil {
		return err
	}
	if err := s.signIn(c, u); err != nil {
		return err
	}
	return render(c, http.StatusOK, view.Entered("/setup/next"))
}

var errUnreadable = apiFault{http.StatusBadRequest, "bad_request", "the form could not be read"}
