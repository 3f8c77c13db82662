package web

import (
	"cmp"
	"errors"
	"net/http"

	"astromesh/store"
	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// onThisComputer hides what only a program with somebody in front of it can do.
func (s *Server) onThisComputer(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if s.Desktop == nil {
			return store.ErrNotFound
		}
		return next(c)
	}
}

func (s *Server) computerPage(c echo.Context) error {
	on, err := s.Desktop.StartsItself()
	f := form.Computer{Start: on, Close: s.Closing(c.Request().Context()), Errors: form.Errors{}}
	if err != nil {
		s.Log.Warn("whether the program starts with the computer could not be found out", "error", err)
		f.Errors["start"] = "computer.start_unknown"
	}
	return s.showComputer(c, http.StatusOK, f)
}

func (s *Server) showComputer(c echo.Context, status int, f form.Computer) error {
	p, err := s.settingFrame(c, "computer")
	if err != nil {
		return err
	}
	v := view.Computer{Form: f, Window: s.Desktop.Window}
	if view.InWindow(c.Request().Context()) {
		v.Saves = s.Desktop.Downloads
	}
	return render(c, status, view.SettingComputer(p, v))
}

// saveComputer changes the system's own list of what it starts, and what closing
// the window means.
func (s *Server) saveComputer(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return errUnreadable
	}
	f := form.BindComputer(values)
	if !f.Validate() {
		return s.showComputer(c, http.StatusUnprocessableEntity, f)
	}
	on, err := s.Desktop.StartsItself()
	if err != nil || on != f.Start {
		if err := s.Desktop.SetStartsItself(f.Start); err != nil {
			s.Log.Warn("starting with the computer could not be changed", "error", err)
			f.Errors["start"] = "computer.start_failed"
			return s.showComputer(c, http.StatusUnprocessableEntity, f)
		}
		if err := s.Store.Audit(userOf(c).Name, "starting with the computer changed", "", onOff(f.Start)); err != nil {
			return err
		}
	}
	if s.Desktop.Window && f.Close != s.Closing(c.Request().Context()) {
		if err := errors.Join(s.putClosing(f.Close), s.Store.Audit(userOf(c).Name, "closing the window changed", "", cmp.Or(f.Close, "ask"))); err != nil {
			return err
		}
	}
	return saved(c, "computer", "saved")
}

func (s *Server) putClosing(choice string) error {
	if choice == "" {
		return s.Store.DeleteSetting(CloseSetting)
	}
	return s.Store.SetSetting(CloseSetting, choice)
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
