package web

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"time"

	"astromesh/store"
	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// backupRoutes are Settings, Backup: the owners', for a backup holds everything.
func (s *Server) backupRoutes(owner *echo.Group) {
	owner.GET("/settings/backup", s.backupPage)
	owner.POST("/settings/backup/make", s.makeBackup)
	owner.POST("/settings/backup/moving", s.movingBackup)
	owner.GET("/settings/backup/moving/file", s.downloadMoving)
	owner.POST("/settings/backup/cancel", s.cancelBackup)
	owner.GET("/settings/backup/stream", s.backupStream)
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
	v.Progress, _ = s.backups.look(time.Now())
	return render(c, status, view.SettingBackup(p, v))
}

// makeBackup adds one to the list. The browser may leave meanwhile.
func (s *Server) makeBackup(c echo.Context) error {
	by, o := userOf(c).Name, store.BackupOptions{Kind: store.BackupManual, Program: s.Version}
	ended, ok := s.backups.start(s.stopping, false, func(ctx context.Context, progress func(done, total int64)) (string, func(), error) {
		o.Progress = progress
		b, err := s.Store.AddBackup(ctx, o)
		if err == nil {
			err = s.Store.Audit(by, "backup made", b.Name, "")
		}
		return "", nil, err
	})
	return s.afterBackup(c, false, ended, ok)
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
	o := store.BackupOptions{Passphrase: f.Passphrase, Program: s.Version}
	ended, ok := s.backups.start(s.stopping, true, func(ctx context.Context, progress func(done, total int64)) (string, func(), error) {
		o.Progress = progress
		return s.Store.SealedBackup(ctx, o)
	})
	return s.afterBackup(c, true, ended, ok)
}

// afterBackup answers with what came of it where that is soon; else the page
// shows how far it is.
func (s *Server) afterBackup(c echo.Context, moving bool, ended <-chan struct{}, ok bool) error {
	if !ok {
		return saved(c, "backup", "backup_busy")
	}
	soon := time.NewTimer(s.backups.soon(moving))
	defer soon.Stop()
	select {
	case <-ended:
	case <-soon.C:
		return c.Redirect(http.StatusSeeOther, "/settings/backup")
	case <-c.Request().Context().Done():
		return nil // they left; it goes on
	}
	switch s.backups.outcome() {
	case "full":
		return saved(c, "backup", "full")
	case "done":
		if path, remove := s.backups.take(); path != "" {
			return s.handOut(c, path, remove)
		}
		return saved(c, "backup", "backup")
	default: // the page says what came of it
		return c.Redirect(http.StatusSeeOther, "/settings/backup")
	}
}

// downloadMoving hands out what was made while nobody waited, once.
func (s *Server) downloadMoving(c echo.Context) error {
	path, remove := s.backups.take()
	if path == "" {
		return store.ErrNotFound
	}
	return s.handOut(c, path, remove)
}

func (s *Server) handOut(c echo.Context, path string, remove func()) error {
	defer remove()
	if err := s.Store.Audit(userOf(c).Name, "backup downloaded", filepath.Base(path), "with a passphrase"); err != nil {
		return err
	}
	return attach(c, path)
}

func (s *Server) cancelBackup(c echo.Context) error {
	s.backups.stop()
	return c.Redirect(http.StatusSeeOther, "/settings/backup")
}

// backupStream shows how far a backup is, at most twice a second.
func (s *Server) backupStream(c echo.Context) error {
	return s.progressStream(c, "backup", func() (bool, templ.Component, <-chan struct{}) {
		now, changed := s.backups.look(time.Now())
		if now.State == "running" {
			return true, view.BackupBar(now), changed
		}
		return false, view.BackupOver(now), changed
	})
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
