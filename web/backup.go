package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"

	"astromesh/store"
	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// backupRoutes are Settings, Backup: the owners', for a backup holds everything.
func (s *Server) backupRoutes(owner *echo.Group) {
	owner.GET("/settings/backup", s.backupPage)
	owner.POST("/settings/backup/make", s.makeBackup)
	owner.POST("/settings/backup/moving", s.movingBackup)
	owner.POST("/settings/backup/keep", s.keepBackups)
	owner.GET("/settings/backup/file/:name", s.downloadBackup)
	owner.POST("/settings/backup/file/:name/delete", s.deleteBackup)
	owner.POST("/settings/backup/restore", s.restoreBackup)
}

func (s *Server) backupPage(c echo.Context) error {
	return s.showBackups(c, http.StatusOK, view.BackupsView{})
}

// showBackups fills in what a form has not.
func (s *Server) showBackups(c echo.Context, status int, v view.BackupsView) error {
	p, err := s.settingFrame(c, "backup")
	if err != nil {
		return err
	}
	list, err := s.Store.Backups()
	if err != nil {
		return err
	}
	for _, b := range list {
		v.List = append(v.List, view.BackupRow{Name: b.Name, Kind: b.Kind, At: b.At, Bytes: b.Bytes})
	}
	if v.Keep.Errors == nil {
		keep, err := s.Store.KeepBackups(c.Request().Context())
		if err != nil {
			return err
		}
		v.Keep.Keep = strconv.Itoa(keep)
	}
	v.CanRestart, v.Bytes = s.Restart != nil, s.Store.Size()
	return render(c, status, view.SettingBackup(p, v))
}

// makeBackup adds one to the list at once. The browser may leave meanwhile.
func (s *Server) makeBackup(c echo.Context) error {
	b, err := s.Store.MakeBackup(context.WithoutCancel(c.Request().Context()), store.BackupManual, s.Version)
	if errors.Is(err, store.ErrFull) {
		return saved(c, "backup", "full")
	}
	if err != nil {
		return err
	}
	if err := s.Store.Audit(userOf(c).Name, "backup made", b.Name, ""); err != nil {
		return err
	}
	return saved(c, "backup", "backup")
}

// movingBackup makes one that a passphrase opens, and hands it out; nothing of it
// stays here.
func (s *Server) movingBackup(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return errUnreadable
	}
	f := form.BindMoving(values)
	if !f.Validate() {
		return s.showBackups(c, http.StatusUnprocessableEntity, view.BackupsView{Moving: f})
	}
	path, done, err := s.Store.SealedBackup(c.Request().Context(), f.Passphrase, s.Version)
	if errors.Is(err, store.ErrFull) {
		return saved(c, "backup", "full")
	}
	if err != nil {
		return err
	}
	defer done()
	if err := s.Store.Audit(userOf(c).Name, "backup downloaded", filepath.Base(path), "with a passphrase"); err != nil {
		return err
	}
	return attach(c, path)
}

func (s *Server) downloadBackup(c echo.Context) error {
	path, err := s.Store.BackupPath(c.Param("name"))
	if err != nil {
		return err
	}
	if err := s.Store.Audit(userOf(c).Name, "backup downloaded", c.Param("name"), ""); err != nil {
		return err
	}
	return attach(c, path)
}

// attach hands out a file that holds customers' words: no cache keeps it.
func attach(c echo.Context, path string) error {
	h := c.Response().Header()
	h.Set(echo.HeaderContentDisposition, fmt.Sprintf("attachment; filename=%q", filepath.Base(path)))
	h.Set(echo.HeaderContentType, echo.MIMEOctetStream)
	h.Set(echo.HeaderCacheControl, "no-store")
	return c.File(path)
}

func (s *Server) deleteBackup(c echo.Context) error {
	name := c.Param("name")
	if err := s.Store.DeleteBackup(name); err != nil {
		return err
	}
	if err := s.Store.Audit(userOf(c).Name, "backup deleted", name, ""); err != nil {
		return err
	}
	return saved(c, "backup", "deleted")
}

func (s *Server) keepBackups(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return errUnreadable
	}
	f := form.BindBackups(values)
	keep, ok := f.Validate()
	if !ok {
		return s.showBackups(c, http.StatusUnprocessableEntity, view.BackupsView{Keep: f})
	}
	if err := s.Store.SetKeepBackups(keep); err != nil {
		return err
	}
	if err := s.Store.Audit(userOf(c).Name, "nightly backups changed", "", "keep "+f.Keep); err != nil {
		return err
	}
	return saved(c, "backup", "saved")
}
