package web

import (
	"errors"
	"net/http"

	"astromesh/config"
	"astromesh/store"
	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// newAgentPage asks for the name of a new agent.
func (s *Server) newAgentPage(c echo.Context) error {
	return s.askForAgent(c, http.StatusOK, form.NewAgent{From: c.QueryParam("from")})
}

func (s *Server) askForAgent(c echo.Context, status int, f form.NewAgent) error {
	frame, err := s.frame(c, "agents")
	if err != nil {
		return err
	}
	rows, err := s.agentRows(c.Request().Context())
	if err != nil {
		return err
	}
	p := view.NewAgentPage{Form: f}
	for _, r := range rows {
		p.Agents = append(p.Agents, r.Name)
	}
	frame.Title = view.T(c.Request().Context(), "agent.new")
	return render(c, status, view.NewAgent(frame, p))
}

// newAgent begins a draft from a copy. Nobody is answered by it.
func (s *Server) newAgent(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return apiFault{http.StatusBadRequest, "bad_request", "the form could not be read"}
	}
	f, ctx := form.BindNewAgent(values), c.Request().Context()
	if !f.Validate(config.ValidName) {
		return s.askForAgent(c, http.StatusUnprocessableEntity, f)
	}
	switch _, err := s.read(ctx, f.Name); {
	case err == nil:
		f.Errors["name"] = "agent.name_taken"
		return s.askForAgent(c, http.StatusUnprocessableEntity, f)
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	from := config.Sample()
	if f.From != "" {
		w, err := s.read(ctx, f.From)
		if err != nil {
			return err
		}
		from = []byte(w.yaml)
	}
	text, err := renamed(from, f.Name)
	if err != nil {
		f.Errors["from"] = "agent.copy_odd"
		return s.askForAgent(c, http.StatusUnprocessableEntity, f)
	}
	if _, _, err := s.Store.SaveDraft(store.AgentDraft{Name: f.Name, YAML: string(text), Author: userOf(c).Name}); err != nil {
		return err
	}
	if err := s.Store.Audit(userOf(c).Name, "agent begun", f.Name, ""); err != nil {
		return err
	}
	return toAgent(c, f.Name, "")
}

// renamed is a copy under another name; its version begins anew.
func renamed(text []byte, name string) ([]byte, error) {
	e, err := config.OpenEdit(text)
	if err != nil {
		return nil, err
	}
	if err := e.Set(name, "metadata", "name"); err != nil {
		return nil, err
	}
	return e.Bytes(), nil
}
