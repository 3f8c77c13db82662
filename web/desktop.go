package web

import (
	"context"
	"crypto/subtle"
	"net/http"
	"strings"

	"astromesh/store"

	"github.com/labstack/echo/v4"
)

// Desktop is what the program can do for whoever sits at its machine. Only one
// that was opened with "desktop" has it: a service has nobody in front of it.
type Desktop struct {
	// Window: the dashboard is shown in a window of our own, not in a browser.
	Window bool
	// Show brings the window forward; nil without one.
	Show func()
	// Browse opens an address, or a folder, by the system's own means.
	Browse func(target string) error
	// Downloads is the folder that files are saved to from the window.
	Downloads string
	// StartsItself says whether the system starts the program when its user signs
	// in; SetStartsItself changes that.
	StartsItself    func() (bool, error)
	SetStartsItself func(on bool) error
}

// openPath is where another start of the program on the same data folder knocks.
const openPath = "/open"

// OpenSecret is what that other start has to show. It holds until the program ends.
func (s *Server) OpenSecret() string { return s.knock }

// Opened is the answer to another start of the program: either the window came
// forward, or Link signs in to the dashboard, once.
type Opened struct {
	Window bool   `json:"window"`
	Link   string `json:"link,omitempty"`
}

// open lets another start of the program bring this one forward. Who shows the
// secret could read it in the data folder, and so everything else.
func (s *Server) open(c echo.Context) error {
	secret, ok := strings.CutPrefix(c.Request().Header.Get(echo.HeaderAuthorization), "Bearer ")
	if !ok || subtle.ConstantTimeCompare([]byte(secret), []byte(s.knock)) != 1 {
		return c.NoContent(http.StatusForbidden)
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	if s.Desktop != nil && s.Desktop.Show != nil {
		s.Desktop.Show()
		return c.JSON(http.StatusOK, Opened{Window: true})
	}
	link, err := s.OwnerLink(c.Request().Context())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, Opened{Link: link})
}

// OwnerLink signs the first owner in, once, within 30 minutes; before there is
// an owner it leads to the first run. It is for whoever started the program.
func (s *Server) OwnerLink(ctx context.Context) (string, error) {
	owner, ok, err := s.firstOwner(ctx)
	switch {
	case err != nil:
		return "", err
	case !ok:
		return s.SetupLink(), nil
	default:
		return s.EnterLink(owner.ID), nil
	}
}

// firstOwner is the owner who was made first; ok is false before the first run.
func (s *Server) firstOwner(ctx context.Context) (first store.User, ok bool, err error) {
	users, err := s.Store.Users(ctx)
	if err != nil {
		return first, false, err
	}
	for _, u := range users {
		if u.Role == store.RoleOwner && (!ok || u.ID < first.ID) {
			first, ok = u, true
		}
	}
	return first, ok, nil
}

// OpenURL is where another start knocks.
func (s *Server) OpenURL() string { return s.ownAddress() + openPath }
