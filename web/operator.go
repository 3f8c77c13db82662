package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"astromesh/store"
	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/alexedwards/argon2id"
	"github.com/labstack/echo/v4"
)

func (s *Server) accountPage(c echo.Context) error {
	return s.showAccount(c, http.StatusOK, form.NewPassword{})
}

func (s *Server) showAccount(c echo.Context, status int, f form.NewPassword) error {
	p, err := s.settingFrame(c, "account")
	if err != nil {
		return err
	}
	return render(c, status, view.SettingAccount(p, f))
}

// changePassword changes one's own. The present one is asked for, and guessing
// it is slowed down like a login: whoever finds the browser open does not know it.
func (s *Server) changePassword(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return errUnreadable
	}
	u, f := userOf(c), form.BindNewPassword(values)
	f.Name = u.Name
	if !f.Validate() {
		return s.showAccount(c, http.StatusUnprocessableEntity, f)
	}
	if right, err := s.isPasswordOf(u, f.Old); err != nil || !right {
		f.Errors["old"] = "password.old_wrong"
		return s.showAccount(c, http.StatusUnprocessableEntity, f)
	}
	if err := s.setPassword(c, u, f.New); err != nil {
		return err
	}
	if err := s.signIn(c, u); err != nil { // this browser stays, the others are out
		return err
	}
	return saved(c, "account", "password")
}

// isPasswordOf compares in the same time whoever it is, and not more often than
// a login would.
func (s *Server) isPasswordOf(u store.User, password string) (bool, error) {
	keys := []string{"account " + strings.ToLower(u.Name)} // as login counts
	if s.tries.take(keys, time.Now()) > 0 {
		return false, nil
	}
	match, err := argon2id.ComparePasswordAndHash(password, u.PasswordHash)
	if err != nil || !match {
		return false, err
	}
	s.tries.forget(keys)
	return true, nil
}

func (s *Server) setPassword(c echo.Context, u store.User, password string) error {
	hash, err := argon2id.CreateHash(password, argon2id.DefaultParams)
	if err != nil {
		return err
	}
	if err := s.Store.SetPassword(u.ID, hash); err != nil {
		return err
	}
	return s.Store.Audit(userOf(c).Name, "password set", u.Name, "")
}

func (s *Server) signOutEverywhere(c echo.Context) error {
	u := userOf(c)
	if err := s.Store.Sessions().EndAll(u.ID); err != nil {
		return err
	}
	if err := s.Store.Audit(u.Name, "signed out everywhere", u.Name, ""); err != nil {
		return err
	}
	return s.logout(c)
}

func (s *Server) operatorsPage(c echo.Context) error {
	return s.showOperators(c, http.StatusOK, form.Account{Role: store.RoleStaff}, form.NewPassword{})
}

// showOperators lists all with the form that failed, if one did.
func (s *Server) showOperators(c echo.Context, status int, add form.Account, reset form.NewPassword) error {
	p, err := s.settingFrame(c, "operators")
	if err != nil {
		return err
	}
	users, err := s.Store.Users(c.Request().Context())
	if err != nil {
		return err
	}
	owners, list := 0, make([]view.Operator, 0, len(users))
	for _, u := range users {
		if u.Role == store.RoleOwner {
			owners++
		}
	}
	for _, u := range users {
		list = append(list, view.Operator{
			ID: u.ID, Name: u.Name, Owner: u.Role == store.RoleOwner, Self: u.ID == userOf(c).ID,
			Last: owners == 1 && u.Role == store.RoleOwner, Since: u.CreatedAt.Time(),
		})
	}
	return render(c, status, view.SettingOperators(p, list, add, reset))
}

func (s *Server) addOperator(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return errUnreadable
	}
	f := form.BindAccount(values)
	if !f.ValidateRole() {
		return s.showOperators(c, http.StatusUnprocessableEntity, f, form.NewPassword{})
	}
	hash, err := argon2id.CreateHash(f.Password, argon2id.DefaultParams)
	if err != nil {
		return err
	}
	u, err := s.Store.CreateUser(store.User{Name: f.Name, Role: f.Role, PasswordHash: hash})
	if errors.Is(err, store.ErrConflict) {
		f.Errors["name"] = "password.name_taken"
		return s.showOperators(c, http.StatusUnprocessableEntity, f, form.NewPassword{})
	}
	if err != nil {
		return err
	}
	if err := s.Store.Audit(userOf(c).Name, "operator added", u.Name, u.Role); err != nil {
		return err
	}
	return saved(c, "operators", "added")
}

// operatorOf is whom the address names.
func (s *Server) operatorOf(c echo.Context) (store.User, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return store.User{}, store.ErrNotFound
	}
	return s.Store.User(c.Request().Context(), id)
}

func (s *Server) resetPassword(c echo.Context) error {
	u, err := s.operatorOf(c)
	if err != nil {
		return err
	}
	values, err := c.FormParams()
	if err != nil {
		return errUnreadable
	}
	f := form.BindNewPassword(values)
	f.ID, f.Name = u.ID, u.Name
	if u.ID == userOf(c).ID {
		return saved(c, "account", "") // one's own needs the present one
	}
	if !f.Validate() {
		return s.showOperators(c, http.StatusUnprocessableEntity, form.Account{Role: store.RoleStaff}, f)
	}
	if err := s.setPassword(c, u, f.New); err != nil {
		return err
	}
	return saved(c, "operators", "password")
}

func (s *Server) removeOperator(c echo.Context) error {
	u, err := s.operatorOf(c)
	if err != nil {
		return err
	}
	if u.ID == userOf(c).ID {
		return saved(c, "operators", "self") // another owner may, so that nobody locks themselves out by a slip
	}
	switch err := s.Store.DeleteUser(u.ID); {
	case errors.Is(err, store.ErrConflict):
		return saved(c, "operators", "last")
	case err != nil:
		return err
	}
	if err := s.Store.Audit(userOf(c).Name, "operator removed", u.Name, u.Role); err != nil {
		return err
	}
	return saved(c, "operators", "removed")
}
