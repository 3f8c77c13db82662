package web

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"astromesh/store"

	"github.com/labstack/echo/v4"
)

// streamPulse keeps a quiet stream open through proxies.
const streamPulse = 20 * time.Second

// getEvents lists events after an id, or streams them to who asks for that.
func (s *Server) getEvents(c echo.Context) error {
	kind := c.QueryParam("kind")
	switch kind {
	case "", store.EventMessage, store.EventGuardrail, store.EventModel, store.EventSystem:
	default:
		return apiFault{http.StatusBadRequest, "bad_request", "kind is message, guardrail, model or system"}
	}
	after, err := number(c, "after", 0, 0, math.MaxInt)
	if err != nil {
		return err
	}
	if strings.Contains(c.Request().Header.Get(echo.HeaderAccept), "text/event-stream") {
		return s.streamEvents(c, kind, int64(after))
	}
	limit, err := number(c, "limit", 100, 1, 1000)
	if err != nil {
		return err
	}
	list, err := s.Store.Events(c.Request().Context(), kind, int64(after), limit)
	if err != nil {
		return err
	}
	if list == nil {
		list = []store.Event{}
	}
	return c.JSON(http.StatusOK, map[string]any{"events": list})
}

// streamEvents sends events as they come. It goes on after Last-Event-ID, else
// after the id asked for, else with what is new.
func (s *Server) streamEvents(c echo.Context, kind string, after int64) error {
	ctx := c.Request().Context()
	wake, end := s.Store.Listen()
	defer end()
	last := after
	if id, err := strconv.ParseInt(c.Request().Header.Get("Last-Event-ID"), 10, 64); err == nil && id > 0 {
		last = id
	} else if c.QueryParam("after") == "" {
		if last, err = s.Store.LastEvent(ctx); err != nil {
			return err
		}
	}
	w := c.Response()
	// The server's read timeout is for requests; it would cut the stream.
	if err := http.NewResponseController(w).SetReadDeadline(time.Time{}); err != nil {
		s.Log.Debug("the event stream keeps the server's read timeout", "error", err)
	}
	w.Header().Set(echo.HeaderContentType, "text/event-stream")
	w.Header().Set(echo.HeaderCacheControl, "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	w.Flush()
	pulse := time.NewTicker(streamPulse)
	defer pulse.Stop()
	for {
		list, err := s.Store.Events(ctx, kind, last, 500)
		if err != nil {
			return nil // the answer has begun: the stream ends, and its reader comes back
		}
		for _, e := range list {
			if err := writeEvent(w, e); err != nil {
				return nil // the reader has gone
			}
			last = e.ID
		}
		w.Flush()
		if len(list) == 500 {
			continue
		}
		select {
		case <-wake:
		case <-pulse.C:
			if _, err := fmt.Fprint(w, ": still here\n\n"); err != nil {
				return nil // the reader has gone
			}
		case <-ctx.Done():
			return nil
		case <-s.stopping.Done():
			return nil
		}
	}
}

func writeEvent(w *echo.Response, e store.Event) error {
	b, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "id: %d\nevent: %s\ndata: %s\n\n", e.ID, e.Kind, b)
	return err
}
