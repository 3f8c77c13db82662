package web

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// intoFolder saves what a browser would download. A web view has no downloads of
// its own, or shows nothing of them: WebKit on Linux would put the file's text in
// place of the dashboard. So the file is written here, and the page says where.
func (s *Server) intoFolder(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !view.InWindow(c.Request().Context()) {
			return next(c)
		}
		d := &diverted{ResponseWriter: c.Response().Writer, folder: s.Desktop.Downloads}
		c.SetResponse(echo.NewResponse(d, c.Echo()))
		err := next(c)
		if err == nil && !c.Response().Committed {
			c.Response().WriteHeader(http.StatusOK) // a download of nothing is a file, too
		}
		if !d.began {
			return err
		}
		c.SetResponse(echo.NewResponse(d.ResponseWriter, c.Echo()))
		if err = errors.Join(err, d.finish()); err != nil {
			s.Log.Warn("a download could not be saved", "error", err)
			return render(c, http.StatusOK, view.NotSaved(s.Desktop.Downloads, backFrom(c)))
		}
		return render(c, http.StatusOK, view.SavedFile(d.path, backFrom(c)))
	}
}

// diverted writes an attachment into a folder; all else goes its way.
type diverted struct {
	http.ResponseWriter
	folder string
	began  bool // it is an attachment
	file   *os.File
	path   string
	failed error
}

// WriteHeader looks at what kind of answer it is.
func (d *diverted) WriteHeader(status int) {
	kind, params, err := mime.ParseMediaType(d.Header().Get(echo.HeaderContentDisposition))
	if status != http.StatusOK || err != nil || kind != "attachment" {
		d.ResponseWriter.WriteHeader(status)
		return
	}
	d.began = true
	for _, name := range []string{echo.HeaderContentDisposition, echo.HeaderContentType, echo.HeaderContentLength} {
		d.Header().Del(name)
	}
	if d.file, d.failed = newFile(d.folder, params["filename"]); d.failed == nil {
		d.path = d.file.Name()
	}
}

// Write goes to the file once it is an attachment. What could not be written is
// told at the end, so that the handler does not take it for a reader who left.
func (d *diverted) Write(b []byte) (int, error) {
	switch {
	case !d.began:
		return d.ResponseWriter.Write(b)
	case d.failed == nil:
		_, d.failed = d.file.Write(b)
	}
	return len(b), nil
}

// Flush passes on what streams want at once; a file need not hurry.
func (d *diverted) Flush() {
	if !d.began {
		_ = http.NewResponseController(d.ResponseWriter).Flush() // as far as the connection can
	}
}

// Unwrap is for http.ResponseController.
func (d *diverted) Unwrap() http.ResponseWriter { return d.ResponseWriter }

// finish closes the file; one that is not whole is removed.
func (d *diverted) finish() error {
	if d.file == nil {
		return d.failed
	}
	err := errors.Join(d.failed, d.file.Close())
	if err != nil {
		_ = os.Remove(d.path) // it may be gone with its disk
	}
	return err
}

// mostNamesakes is how often one name may be saved before it is an error.
const mostNamesakes = 1000

// newFile makes a file of a name that is not taken yet, for its owner alone:
// customers' messages may be in it.
func newFile(folder, name string) (*os.File, error) {
	if name = filepath.Base(name); !filepath.IsLocal(name) || name == "." {
		name = "astromesh-download"
	}
	if err := os.MkdirAll(folder, 0o755); err != nil { // the folder is the user's Downloads, as the system makes it
		return nil, fmt.Errorf("make the folder of downloads: %w", err)
	}
	ext := filepath.Ext(name)
	for n := 1; n <= mostNamesakes; n++ {
		try := name
		if n > 1 {
			try = strings.TrimSuffix(name, ext) + " (" + strconv.Itoa(n) + ")" + ext
		}
		f, err := os.OpenFile(filepath.Join(folder, try), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
	return nil, fmt.Errorf("save %s: %w", name, fs.ErrExist)
}

// backFrom is the page of ours that a request came from, or the first one.
func backFrom(c echo.Context) string {
	from, err := url.Parse(c.Request().Referer())
	if err != nil || from.Host != c.Request().Host {
		return "/"
	}
	return cmp.Or(form.LocalPath(from.RequestURI()), "/")
}
