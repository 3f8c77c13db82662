package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"astromesh/store"

	"github.com/labstack/echo/v4"
)

func (s *Server) getHistory(c echo.Context) error {
	limit, err := number(c, "limit", 50, 1, 1000)
	if err != nil {
		return err
	}
	ctx, name, session := c.Request().Context(), c.Param("agent"), sessionIn(c)
	history := []map[string]any{}
	if fresh, err := s.fresh(c, name, session); err != nil {
		return err
	} else if fresh {
		list, err := s.Store.MemoryHistory(ctx, name, session, limit)
		if err != nil {
			return err
		}
		for _, e := range list {
			history = append(history, map[string]any{"role": e.Role, "content": e.Content, "timestamp": e.At})
		}
	}
	return c.JSON(http.StatusOK, map[string]any{"agent": name, "session_id": session, "history": history, "limit": limit})
}

// sessionIn is the session that the address names. Its name is the caller's to choose:
// where it holds an escaped slash, echo leaves all of it as the address writes it.
func sessionIn(c echo.Context) string {
	written := c.Param("session")
	if c.Request().URL.RawPath == "" {
		return written
	}
	name, err := url.PathUnescape(written)
	if err != nil {
		return written
	}
	return name
}

// fresh says whether a session's memory has not outlived the agent's ttl.
func (s *Server) fresh(c echo.Context, name, session string) (bool, error) {
	a, ok := s.Agents.Get(name)
	if !ok || a.MemoryTTL() == 0 {
		return true, nil
	}
	_, last, err := s.Store.MemoryCount(c.Request().Context(), name, session)
	return time.Since(last) <= a.MemoryTTL(), err
}

func (s *Server) deleteHistory(c echo.Context) error {
	name, session := c.Param("agent"), sessionIn(c)
	if err := s.Store.ClearMemory(c.Request().Context(), name, session); err != nil {
		return err
	}
	if err := s.auditScript(c, "memory cleared", name, session); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]string{"status": "cleared", "agent": name, "session_id": session})
}

// auditScript notes what a script changed, by the conversation's number: who the
// customer is does not stay behind when they are erased. A session that is no
// customer's goes by the agent's name.
func (s *Server) auditScript(c echo.Context, action, name, session string) error {
	conv, err := s.Store.ConversationBySession(c.Request().Context(), session)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return s.Store.Audit("a script", action, name, "")
	case err != nil:
		return err
	}
	return s.Store.Audit("a script", action, "conversation "+strconv.FormatInt(conv.ID, 10), "")
}
