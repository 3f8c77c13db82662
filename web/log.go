package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"astromesh/store"
	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

const (
	// logRows is how many rows a page of the log has.
	logRows = 100
	// logBurst bounds the rows that one look of the stream sends.
	logBurst = 200
)

func filterOf(ctx context.Context, f form.Log) store.EventFilter {
	from, to := f.Between()
	return store.EventFilter{Kind: f.Kind, Level: f.Level, Conversation: f.Number(), Agent: f.Agent, Search: f.Search, Means: meanings(ctx, f.Search), From: from, To: to}
}

// logs shows one kind of events, newest first. The list alone is sent to who
// changes a filter.
func (s *Server) logs(c echo.Context) error {
	f := form.BindLog(c.QueryParams())
	page, err := s.logPage(c, f)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(f.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	if c.Request().Header.Get("HX-Target") == "log" {
		if status == http.StatusOK {
			c.Response().Header().Set("HX-Push-Url", "/logs?"+f.Query())
		}
		return render(c, http.StatusOK, view.LogList(page)) // htmx shows no 422
	}
	frame, err := s.frame(c, "logs")
	if err != nil {
		return err
	}
	return render(c, status, view.Logs(frame, page))
}

func (s *Server) logPage(c echo.Context, f form.Log) (view.LogPage, error) {
	ctx := c.Request().Context()
	p := view.LogPage{Form: f, Now: time.Now()}
	p.Agents = s.agentNames()
	if len(f.Errors) > 0 {
		return p, nil
	}
	// Before the list is read: what comes meanwhile is sent again, and the page
	// leaves aside what it has.
	last, err := s.Store.LastEvent(ctx)
	if err != nil {
		return p, err
	}
	found, err := s.Store.FindEvents(ctx, filterOf(ctx, f), f.Before, logRows)
	if err != nil {
		return p, err
	}
	p.Rows = s.logRowsOf(c, found.Events)
	p.Next, p.Reached, p.Last = found.Next, found.Reached.Time(), last
	p.Bars, err = s.logBars(c, f, p.Now)
	if err != nil {
		return p, err
	}
	if len(p.Rows) == 0 && !f.Narrowed() && f.Before == 0 {
		p.Why = s.whyQuiet(c)
	}
	return p, nil
}

// logMore gives the rows after those that a page has.
func (s *Server) logMore(c echo.Context) error {
	f := form.BindLog(c.QueryParams())
	if len(f.Errors) > 0 {
		return apiFault{http.StatusBadRequest, "bad_request", "the filter cannot be read"}
	}
	found, err := s.Store.FindEvents(c.Request().Context(), filterOf(c.Request().Context(), f), f.Before, logRows)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, view.LogMore(view.LogPage{
		Form: f, Now: time.Now(), Rows: s.logRowsOf(c, found.Events), Next: found.Next, Reached: found.Reached.Time(),
	}))
}

// logStream sends new rows as they come. It goes on after Last-Event-ID, which
// browsers send when they come back, else after what the page has.
func (s *Server) logStream(c echo.Context) error {
	f := form.BindLog(c.QueryParams())
	last, err := strconv.ParseInt(c.Request().Header.Get("Last-Event-ID"), 10, 64)
	if err != nil {
		if last, err = strconv.ParseInt(c.QueryParam("after"), 10, 64); err != nil || len(f.Errors) > 0 {
			return apiFault{http.StatusBadRequest, "bad_request", "after is the id of the newest event that the page has"}
		}
	}
	wake, end := s.Store.Listen()
	defer end()
	out := s.openLive(c)
	defer out.close()
	filter := filterOf(c.Request().Context(), f)
	for {
		list, reached, more, err := s.Store.NewEvents(c.Request().Context(), filter, last, logBurst)
		if err != nil {
			return nil // the answer has begun: the stream ends, and its reader comes back
		}
		for _, row := range s.logRowsOf(c, list) {
			if err := out.send("row", row.ID, view.LogRow(row, time.Now())); err != nil {
				return nil // the reader has gone
			}
		}
		if last = reached; !more && !out.wait(wake, nil) {
			return nil
		}
	}
}

// logDownload sends all that the filter chooses, newest first, a JSON object a
// line. It is written while it is read: a million events fit in no memory.
func (s *Server) logDownload(c echo.Context) error {
	f := form.BindLog(c.QueryParams())
	if len(f.Errors) > 0 {
		return apiFault{http.StatusBadRequest, "bad_request", "the filter cannot be read"}
	}
	w := c.Response()
	w.Header().Set(echo.HeaderContentType, "application/x-ndjson")
	w.Header().Set(echo.HeaderCacheControl, "no-store")
	w.Header().Set(echo.HeaderContentDisposition, `attachment; filename="astromesh-`+f.Kind+"-"+time.Now().Format("2006-01-02-1504")+`.jsonl"`)
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	filter := filterOf(c.Request().Context(), f)
	for before := int64(0); ; {
		page, err := s.Store.FindEvents(c.Request().Context(), filter, before, 1000)
		if err != nil {
			s.Log.Error("a download of the log was cut off", "error", err)
			return err
		}
		for _, e := range page.Events {
			if err := out.Encode(e); err != nil {
				return nil //nolint:nilerr // the reader has gone
			}
		}
		if before = page.Next; before == 0 {
			return nil
		}
	}
}
