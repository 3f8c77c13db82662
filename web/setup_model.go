package web

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"astromesh/config"
	"astromesh/store"
	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/a-h/templ"
	"github.com/goccy/go-yaml"
	"github.com/labstack/echo/v4"
)

// modelCard is the page; what stands on the server loads behind it.
func (s *Server) modelCard(c echo.Context) error {
	return s.showModelCard(c, http.StatusOK, form.ModelName{})
}

func (s *Server) showModelCard(c echo.Context, status int, f form.ModelName) error {
	pull, _ := s.pulls.look(time.Now())
	return render(c, status, view.SetupModel(s.setupFrame(c, "model"), f, pull))
}

// modelState is what was found: the server, its models and what each can do.
func (s *Server) modelState(c echo.Context) error {
	ctx := c.Request().Context()
	v := view.ModelState{Agent: s.DefaultAgent()}
	endpoint, list, err := s.Servers.Catalogue(ctx)
	v.Endpoint, v.Reached = endpoint, err == nil
	v.Builtin = s.isListed(v.Agent)
	if a, ok := s.Agents.Get(v.Agent); ok {
		for _, m := range a.Models() {
			if kind, name, _ := strings.Cut(m.Name(), "/"); kind == "ollama" {
				v.Wanted = append(v.Wanted, name)
			}
		}
	}
	for _, m := range list {
		if m.Writes {
			v.Models = append(v.Models, view.InstalledModel{
				Name: m.Name, Size: m.Size, Sees: m.Capabilities.Vision, Tools: m.Capabilities.Tools, Used: isAmong(m.Name, v.Wanted),
			})
		}
	}
	return render(c, http.StatusOK, view.SetupModelState(v))
}

// isAmong compares as Ollama does: "llava" is "llava:latest".
func isAmong(name string, list []string) bool {
	for _, other := range list {
		if strings.EqualFold(strings.TrimSuffix(name, ":latest"), strings.TrimSuffix(other, ":latest")) {
			return true
		}
	}
	return false
}

// useModel makes the agent that answers use a model, as a new version.
func (s *Server) useModel(c echo.Context) error {
	f := form.ModelName{Name: strings.TrimSpace(c.FormValue("model"))}
	if !f.Validate() {
		return s.showModelCard(c, http.StatusUnprocessableEntity, f)
	}
	err := s.rewriteAgent(c, s.DefaultAgent(), "model "+f.Name, func(e *config.Edit) error { return setOnlyModel(e, f.Name) })
	switch {
	case errors.Is(err, errNotWritten):
		f.Errors["model"] = "setup.agent_broken"
	case errors.Is(err, config.ErrOdd):
		f.Errors["model"] = "setup.agent_odd"
	case errors.Is(err, store.ErrConflict):
		f.Errors["model"] = "setup.agent_changed"
	}
	if len(f.Errors) > 0 {
		return s.showModelCard(c, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/setup/model?saved=saved")
}

// setOnlyModel lets one model of the default server answer. What would answer in
// its place goes; its parameters stay.
func setOnlyModel(e *config.Edit, name string) error {
	for _, key := range []any{"default", "fallback"} {
		if e.Get("spec", "model", key) != nil {
			if err := e.Delete("spec", "model", key); err != nil {
				return err
			}
		}
	}
	if e.Text("spec", "model", "primary", "provider") != "ollama" || e.Text("spec", "model", "primary", "endpoint") != "" {
		return e.Set(yaml.MapSlice{{Key: "provider", Value: "ollama"}, {Key: "model", Value: name}}, "spec", "model", "primary")
	}
	return e.Set(name, "spec", "model", "primary", "model")
}

func (s *Server) pullModel(c echo.Context) error {
	f := form.ModelName{Name: strings.TrimSpace(c.FormValue("model"))}
	if !f.Validate() {
		return s.showModelCard(c, http.StatusUnprocessableEntity, f)
	}
	if !s.pulls.start(s.stopping, f.Name) {
		f.Errors = form.Errors{"model": "setup.pull_busy"}
		return s.showModelCard(c, http.StatusConflict, f)
	}
	if err := s.Store.Audit(userOf(c).Name, "model download started", f.Name, ""); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/setup/model")
}

func (s *Server) cancelPull(c echo.Context) error {
	s.pulls.stop()
	return c.Redirect(http.StatusSeeOther, "/setup/model")
}

// pullStream shows how far the download is, at most twice a second.
func (s *Server) pullStream(c echo.Context) error {
	return s.progressStream(c, "pull", func() (bool, templ.Component, <-chan struct{}) {
		now, changed := s.pulls.look(time.Now())
		if now.State == "running" {
			return true, view.PullBar(now), changed
		}
		return false, view.PullOver(now), changed
	})
}
