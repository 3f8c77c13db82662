package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"astromesh/config"
	"astromesh/runtime/model"
	"astromesh/store"
	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// agentCard asks for the agent's name and instructions.
func (s *Server) agentCard(c echo.Context) error {
	name := s.DefaultAgent()
	live, err := s.Store.LiveAgent(c.Request().Context(), name)
	f := form.AgentCard{Agent: name, Shown: name}
	switch {
	case err == nil:
		if e, err := config.OpenEdit([]byte(live.YAML)); err == nil {
			f.Name, f.Instructions = e.Text("spec", "identity", "display_name"), strings.TrimRight(e.Text("spec", "prompts", "system"), "\n")
		}
		if isSample(live) {
			f.Instructions = view.T(c.Request().Context(), "setup.agent_sample")
		}
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	return s.showAgentCard(c, http.StatusOK, f)
}

// isSample says that nobody has written this version: it is the agent that the
// program brings along. The card then offers the same in the owner's language,
// with lines to fill in.
func isSample(live store.AgentVersion) bool { return live.YAML == string(config.Sample()) }

func (s *Server) showAgentCard(c echo.Context, status int, f form.AgentCard) error {
	f.Listed = s.isListed(f.Shown)
	v := view.AgentCard{Form: f, Answering: s.answering(), Serving: len(s.Agents.List()) > 0}
	return render(c, status, view.SetupAgent(s.setupFrame(c, "agent"), v))
}

// saveAgentCard chooses the agent; of the chosen one, name and instructions are
// written where it was the one that the card showed.
func (s *Server) saveAgentCard(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return errUnreadable
	}
	f := form.BindAgentCard(values)
	f.Listed = s.isListed(f.Shown)
	if _, ok := s.Agents.Get(f.Agent); !f.Validate() || !ok {
		if !ok {
			f.Errors["agent"] = "channel.agent_gone"
		}
		return s.showAgentCard(c, http.StatusUnprocessableEntity, f)
	}
	if f.Agent == f.Shown && !f.Listed && f.Instructions == view.T(c.Request().Context(), "setup.agent_sample") {
		f.Errors["instructions"] = "setup.agent_same"
		return s.showAgentCard(c, http.StatusUnprocessableEntity, f)
	}
	if f.Agent != f.Shown {
		if err := s.chooseAgent(c, f.Agent); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, "/setup/agent?saved=saved")
	}
	err = s.rewriteAgent(c, f.Agent, "name and instructions", func(e *config.Edit) error {
		if err := e.Set(f.Name, "spec", "identity", "display_name"); err != nil {
			return err
		}
		if f.Listed {
			return nil
		}
		return e.Set(f.Instructions+"\n", "spec", "prompts", "system")
	})
	switch {
	case errors.Is(err, errNotWritten):
		f.Errors["instructions"] = "setup.agent_broken"
	case errors.Is(err, config.ErrOdd):
		f.Errors["instructions"] = "setup.agent_odd"
	case errors.Is(err, store.ErrConflict):
		f.Errors["instructions"] = "setup.agent_changed"
	}
	if len(f.Errors) > 0 {
		return s.showAgentCard(c, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/setup/test")
}

// isListed says that an agent answers without any model server, from a list of
// questions that instructions do not change.
func (s *Server) isListed(name string) bool {
	a, ok := s.Agents.Get(name)
	return ok && !slices.ContainsFunc(a.Models(), func(m model.LLM) bool { _, own := m.(*model.Builtin); return !own })
}

// errNotWritten says that an agent's YAML cannot be changed here.
var errNotWritten = errors.New("the agent's file has errors: mend it on the page Agents first")

// rewriteAgent changes an agent's live YAML and puts it in service as a new
// version; everything that change does not touch stays as it is written.
func (s *Server) rewriteAgent(c echo.Context, name, what string, change func(*config.Edit) error) error {
	ctx := c.Request().Context()
	live, err := s.Store.LiveAgent(ctx, name)
	if err != nil {
		return err
	}
	e, err := config.OpenEdit([]byte(live.YAML))
	if err != nil {
		return err
	}
	if err := change(e); err != nil {
		return err
	}
	if string(e.Bytes()) == live.YAML {
		return nil
	}
	if a, problems := s.Compile(name, e.Bytes()); a == nil {
		return errors.Join(errNotWritten, errors.New(problems.Errors().String()))
	}
	if _, err := s.Store.Publish(name, string(e.Bytes()), userOf(c).Name, live.Version); err != nil {
		return err
	}
	if err := s.Store.Audit(userOf(c).Name, "agent published", name, what); err != nil {
		return err
	}
	return s.reloadAndLook(ctx)
}
