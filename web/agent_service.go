package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"astromesh/store"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// service says whether an agent can be taken out of service or brought back, and
// else why not. The one that customers reach cannot, until another one is chosen;
// of one that a file put in service, the file decides.
func (s *Server) service(name string, w written) view.AgentService {
	v := view.AgentService{Name: name, Live: w.live.Version, Retired: w.retired.Version, File: w.live.File}
	_, serving := s.Agents.Get(name)
	switch {
	case v.Live == 0 || !serving && w.live.Origin == store.OriginFile:
		v.Live = 0
	case name == s.DefaultAgent():
		v.Why = "agent.service_default"
	case w.live.Origin == store.OriginFile:
		v.Why = "agent.service_file"
	}
	return v
}

// retireAgent takes an agent out of service. Its versions, drafts and what it
// wrote stay.
func (s *Server) retireAgent(c echo.Context) error {
	name := c.Param("name")
	w, err := s.read(c.Request().Context(), name)
	if err != nil {
		return err
	}
	if v := s.service(name, w); v.Live == 0 || v.Why != "" {
		return s.showAgent(c, http.StatusConflict, w, func(p *view.AgentEditor) { p.Service.Refused = true })
	}
	base, _ := strconv.Atoi(c.FormValue("live")) // 0 is no version: a conflict
	switch err := s.Store.Retire(name, base); {
	case errors.Is(err, store.ErrConflict):
		return s.showAgent(c, http.StatusConflict, w, func(p *view.AgentEditor) { p.Service.Changed = true })
	case err != nil:
		return err
	}
	return s.serviceChanged(c, "agent taken out of service", base)
}

// returnAgent brings the newest version of a retired agent back, if it still works.
func (s *Server) returnAgent(c echo.Context) error {
	name := c.Param("name")
	w, err := s.read(c.Request().Context(), name)
	if err != nil {
		return err
	}
	if w.retired.Version == 0 {
		return s.showAgent(c, http.StatusConflict, w, func(p *view.AgentEditor) { p.Service.Changed = true })
	}
	if a, _ := s.Compile(name, []byte(w.retired.YAML)); a == nil {
		return s.showChanges(c, http.StatusUnprocessableEntity, w, w.retired.YAML, "")
	}
	switch err := s.Store.Revive(name, w.retired.Version); {
	case errors.Is(err, store.ErrConflict):
		return s.showAgent(c, http.StatusConflict, w, func(p *view.AgentEditor) { p.Service.Changed = true })
	case err != nil:
		return err
	}
	return s.serviceChanged(c, "agent brought back", w.retired.Version)
}

func (s *Server) serviceChanged(c echo.Context, what string, version int) error {
	name := c.Param("name")
	if err := s.Store.Audit(userOf(c).Name, what, name, fmt.Sprintf("version %d", version)); err != nil {
		return err
	}
	if err := s.reloadAndLook(context.WithoutCancel(c.Request().Context())); err != nil {
		return err
	}
	return toAgent(c, name, "")
}
