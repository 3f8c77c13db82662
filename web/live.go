package web

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// streamLife is how long one stream of a page stays open. The browser comes back
// by itself, and then must still be signed in.
const streamLife = 10 * time.Minute

// live is a page's open stream of server-sent events.
type live struct {
	c     echo.Context
	w     *echo.Response
	pulse *time.Ticker
	end   *time.Timer
	gone  <-chan struct{} // closed when the program stops
}

// openLive begins a stream. close it.
func (s *Server) openLive(c echo.Context) *live {
	w := c.Response()
	// The server's read timeout is for requests; it would cut the stream.
	if err := http.NewResponseController(w).SetReadDeadline(time.Time{}); err != nil {
		s.Log.Debug("a page's stream keeps the server's read timeout", "error", err)
	}
	w.Header().Set(echo.HeaderContentType, "text/event-stream")
	w.Header().Set(echo.HeaderCacheControl, "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	w.Flush()
	return &live{c: c, w: w, pulse: time.NewTicker(streamPulse), end: time.NewTimer(streamLife), gone: s.stopping.Done()}
}

func (l *live) close() {
	l.pulse.Stop()
	l.end.Stop()
}

// send writes pieces of HTML as one event; id may be 0.
func (l *live) send(event string, id int64, parts ...templ.Component) error {
	var b bytes.Buffer
	for _, p := range parts {
		if err := p.Render(l.c.Request().Context(), &b); err != nil {
			return err
		}
	}
	if id > 0 {
		if _, err := fmt.Fprintf(l.w, "id: %d\n", id); err != nil {
			return err
		}
	}
	// A carriage return ends a line of the stream, as a line feed does.
	text := strings.ReplaceAll(strings.ReplaceAll(b.String(), "\r", ""), "\n", "\ndata: ")
	if _, err := fmt.Fprintf(l.w, "event: %s\ndata: %s\n\n", event, text); err != nil {
		return err
	}
	l.w.Flush()
	return nil
}

// wait returns true when woken, and false when the stream is over.
func (l *live) wait(wake <-chan struct{}, tick <-chan time.Time) bool {
	_, more := l.await(wake, tick)
	return more
}

// await is wait that tells whether it was the tick.
func (l *live) await(wake <-chan struct{}, tick <-chan time.Time) (ticked, more bool) {
	for {
		select {
		case <-wake:
			return false, true
		case <-tick:
			return true, true
		case <-l.pulse.C:
			if _, err := fmt.Fprint(l.w, ": still here\n\n"); err != nil {
				return false, false // the reader has gone
			}
			l.w.Flush()
		case <-l.end.C:
			return false, false
		case <-l.c.Request().Context().Done():
			return false, false
		case <-l.gone:
			return false, false
		}
	}
}

// progressStream shows how far a long work is, at most twice a second, up to its
// end. look gives the part of the page that says so, and a channel that is closed
// when that changes.
func (s *Server) progressStream(c echo.Context, event string, look func() (running bool, part templ.Component, changed <-chan struct{})) error {
	out := s.openLive(c)
	defer out.close()
	pace := time.NewTicker(500 * time.Millisecond)
	defer pace.Stop()
	for {
		running, part, changed := look()
		if err := out.send(event, 0, part); err != nil {
			return nil // the reader has gone
		}
		if !running {
			return out.send("over", 0) // else the browser comes back for more
		}
		if !out.wait(changed, nil) || !out.wait(nil, pace.C) {
			return nil
		}
	}
}
