package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"astromesh/store"
	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

const (
	// uploadWithin is how long a backup may take to come in: a large one, from
	// another computer of the shop's network.
	uploadWithin = 30 * time.Minute
	longestField = 4096
	// restartAfter lets the browser load the page that says what happens, and its
	// script; that one looks for the new program after 4 seconds.
	restartAfter = 1500 * time.Millisecond
)

// restoreBackup puts an uploaded backup in the place of everything, and starts
// the program anew.
func (s *Server) restoreBackup(c echo.Context) error {
	if s.Restart == nil {
		return errNoRoute
	}
	return s.takeBackup(c, func(string) bool { return true }, func(f form.Restore) error {
		return s.showBackups(c, http.StatusUnprocessableEntity, view.BackupsView{Restore: f})
	})
}

// setupRestore is the same for who has no operator yet, and the link of the first run.
func (s *Server) setupRestore(c echo.Context) error {
	token := c.QueryParam("token")
	if s.Restart == nil || !s.mayClaim(c, token) {
		return render(c, http.StatusForbidden, view.SetupClosed())
	}
	return render(c, http.StatusOK, view.SetupRestore(form.Restore{Token: token}))
}

func (s *Server) setupRestored(c echo.Context) error {
	if s.Restart == nil {
		return errNoRoute
	}
	return s.takeBackup(c, func(token string) bool { return s.mayClaim(c, token) }, func(f form.Restore) error {
		return render(c, http.StatusUnprocessableEntity, view.SetupRestore(f))
	})
}

// mayClaim says whether somebody with this token may take charge of the program.
func (s *Server) mayClaim(c echo.Context, token string) bool {
	users, err := s.Store.Users(c.Request().Context())
	return err == nil && len(users) == 0 && s.once.isSetup(token)
}

// takeBackup reads the form as it comes in, the file straight to the data folder.
// Nothing of it is taken before allowed has seen the token, which comes first.
func (s *Server) takeBackup(c echo.Context, allowed func(token string) bool, again func(form.Restore) error) error {
	// The server's own limit is for forms; a test's recorder has none to set.
	_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Now().Add(uploadWithin))
	parts, err := c.Request().MultipartReader()
	if err != nil {
		return errUnreadable
	}
	var f form.Restore
	var done store.Restored
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return errUnreadable
		}
		switch name := part.FormName(); {
		case name == "token":
			f.Token = field(part)
		case name == "restore-passphrase":
			f.Passphrase = strings.TrimSpace(field(part))
		case name == "file" && part.FileName() != "":
			if !allowed(f.Token) {
				return render(c, http.StatusForbidden, view.SetupClosed())
			}
			f.Given = true
			if done, err = s.Store.StageFrom(part, store.RestoreOptions{Passphrase: f.Passphrase}); err != nil {
				return s.refuseBackup(err, f, again)
			}
		}
	}
	if !allowed(f.Token) {
		return render(c, http.StatusForbidden, view.SetupClosed())
	}
	if !f.Validate() {
		return again(f)
	}
	s.Log.Info("a backup is being restored", "stage", "dashboard", "user", userOf(c).Name, "made", done.Manifest.MadeAt)
	time.AfterFunc(restartAfter, s.Restart)
	return render(c, http.StatusOK, view.Restoring(done.KeyLost, done.PutAside))
}

// refuseBackup says beside the field what is wrong with it.
func (s *Server) refuseBackup(err error, f form.Restore, again func(form.Restore) error) error {
	for _, known := range []struct {
		err        error
		field, key string
	}{
		{store.ErrNeedsPassphrase, "restore-passphrase", "backup.passphrase_needed"},
		{store.ErrWrongPassphrase, "restore-passphrase", "backup.passphrase_wrong"},
		{store.ErrNotBackup, "file", "backup.file_not"},
		{store.ErrBackupBroken, "file", "backup.file_broken"},
		{store.ErrDamaged, "file", "backup.file_broken"},
		{store.ErrBackupNewer, "file", "backup.file_newer"},
		{store.ErrFull, "file", "backup.file_full"},
	} {
		if errors.Is(err, known.err) {
			f.Refuse(known.field, known.key)
			return again(f)
		}
	}
	return err
}

// field is a short value; a longer one is cut, and then wrong.
func field(part *multipart.Part) string {
	b, err := io.ReadAll(io.LimitReader(part, longestField))
	if err != nil {
		return ""
	}
	return string(b)
}
