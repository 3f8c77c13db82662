package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"astromesh/store"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// saveAgent keeps a text as the agent's draft: whatever is wrong with it, and
// whoever saved one before.
func (s *Server) saveAgent(c echo.Context) error {
	ctx := c.Request().Context()
	w, err := s.read(ctx, c.Param("name"))
	if err != nil {
		return err
	}
	d, err := s.documentOf(c)
	if err != nil {
		return err
	}
	if d.note != "" {
		return s.notSaved(c, w, d)
	}
	over, err := s.keepDraft(c, w, d.yaml)
	if err != nil {
		return err
	}
	if w, err = s.read(ctx, c.Param("name")); err != nil {
		return err
	}
	status := statusOf(w)
	status.Saved, status.Over, status.Name = true, over, c.Param("name")
	if isFragment(c) {
		return render(c, http.StatusOK, view.AgentSaved(status))
	}
	return s.showAgent(c, http.StatusOK, w, func(p *view.AgentEditor) { p.Status = status })
}

// keepDraft saves a draft and says whose it overwrote without having seen it.
func (s *Server) keepDraft(c echo.Context, w written, yaml string) (over string, err error) {
	name, user := c.Param("name"), userOf(c).Name
	base, _ := strconv.Atoi(c.FormValue("base")) // 0, where the page knew of no live version
	_, before, err := s.Store.SaveDraft(store.AgentDraft{Name: name, YAML: yaml, Author: user, Base: min(base, w.live.Version)})
	if err != nil {
		return "", err
	}
	if before.Name != "" && before.Author != user && stampOf(before) != c.FormValue("stamp") {
		over = before.Author
	}
	detail := ""
	if over != "" {
		detail = "in the place of " + over + "'s"
	}
	return over, s.Store.Audit(user, "agent draft saved", name, detail)
}

// notSaved gives back what was typed, with the reason beside it.
func (s *Server) notSaved(c echo.Context, w written, d document) error {
	status := statusOf(w)
	status.Name, status.Note = c.Param("name"), d.note
	if isFragment(c) {
		return render(c, http.StatusUnprocessableEntity, view.AgentStatusLine(status, d.detail))
	}
	if d.note != "agent.too_large" && d.note != "agent.not_text" {
		w.yaml = d.yaml
	}
	return s.showAgent(c, http.StatusUnprocessableEntity, w, func(p *view.AgentEditor) {
		p.Status = status
		if d.errors != nil {
			p.Form, p.FormProblem = d.form, ""
		}
	})
}

func isFragment(c echo.Context) bool { return c.Request().Header.Get("HX-Request") != "" }

// agentChanges shows what publishing a text would change.
func (s *Server) agentChanges(c echo.Context) error {
	w, err := s.read(c.Request().Context(), c.Param("name"))
	if err != nil {
		return err
	}
	d, err := s.documentOf(c)
	if err != nil {
		return err
	}
	if d.note != "" {
		return s.notSaved(c, w, d)
	}
	return s.showChanges(c, http.StatusOK, w, d.yaml, "")
}

func (s *Server) showChanges(c echo.Context, status int, w written, yaml, conflict string) error {
	ch := view.AgentChanges{
		Name: c.Param("name"), Live: w.live.Version, Diff: diffOf(w.live.YAML, yaml), Errors: errorsIn(s.problems(c, yaml)),
		Conflict: conflict, Owner: userOf(c).Role == store.RoleOwner, YAML: yaml, Back: cmp.Or(c.FormValue("back"), tabOf(c)),
	}
	if isFragment(c) {
		return render(c, status, view.AgentChangesBox(ch))
	}
	w.yaml = yaml
	return s.showAgent(c, status, w, func(p *view.AgentEditor) { p.Changes, p.Tab = &ch, "yaml" })
}

// publishAgent puts a text in service, once the operator has seen what it
// changes ("sure"), nothing is wrong with it, and nobody published another since.
func (s *Server) publishAgent(c echo.Context) error {
	name := c.Param("name")
	w, err := s.read(c.Request().Context(), name)
	if err != nil {
		return err
	}
	d, err := s.documentOf(c)
	if err != nil {
		return err
	}
	if d.note != "" {
		return s.notSaved(c, w, d)
	}
	a, _ := s.Compile(name, []byte(d.yaml))
	if c.FormValue("sure") == "" || a == nil {
		return s.showChanges(c, statusIf(a == nil), w, d.yaml, "")
	}
	if _, err := s.keepDraft(c, w, d.yaml); err != nil {
		return err
	}
	base, err := strconv.Atoi(c.FormValue("compared"))
	if err != nil {
		return apiFault{http.StatusBadRequest, "bad_request", "the form does not say what it was compared with"}
	}
	switch err := s.publish(c, name, d.yaml, base, ""); {
	case errors.Is(err, store.ErrConflict):
		if w, err = s.read(c.Request().Context(), name); err != nil {
			return err
		}
		return s.showChanges(c, http.StatusConflict, w, d.yaml, cmp.Or(w.live.Author, w.live.File))
	case err != nil:
		return err
	}
	return toAgent(c, name, url.Values{"tab": {c.FormValue("back")}}.Encode())
}

func statusIf(wrong bool) int {
	if wrong {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// publish makes a text the live version and puts it in service at once.
func (s *Server) publish(c echo.Context, name, yaml string, base int, detail string) error {
	version, err := s.Store.Publish(name, yaml, userOf(c).Name, base)
	if err != nil {
		return err
	}
	if err := s.Store.Audit(userOf(c).Name, "agent published", name, fmt.Sprintf("version %d%s", version, detail)); err != nil {
		return err
	}
	// It is published: a reader who goes away now must not stop half of it.
	return s.reloadAndLook(context.WithoutCancel(c.Request().Context()))
}

// discardDraft throws the draft away; what is live stays.
func (s *Server) discardDraft(c echo.Context) error {
	name := c.Param("name")
	if err := s.Store.DeleteDraft(name); err != nil {
		return err
	}
	if err := s.Store.Audit(userOf(c).Name, "agent draft discarded", name, ""); err != nil {
		return err
	}
	if _, err := s.read(c.Request().Context(), name); errors.Is(err, store.ErrNotFound) {
		return c.Redirect(http.StatusSeeOther, "/agents") // it was nothing but a draft
	}
	return toAgent(c, name, "")
}

// restoreAgent publishes an old version's text as a new version. A draft stays.
func (s *Server) restoreAgent(c echo.Context) error {
	ctx, name := c.Request().Context(), c.Param("name")
	number, err := strconv.Atoi(c.FormValue("version"))
	if err != nil {
		return store.ErrNotFound
	}
	v, err := s.Store.Version(ctx, name, number)
	if err != nil {
		return err
	}
	w, err := s.read(ctx, name)
	if err != nil {
		return err
	}
	base, _ := strconv.Atoi(c.FormValue("compared")) // what the page showed as live
	if a, _ := s.Compile(name, []byte(v.YAML)); a == nil {
		return s.showChanges(c, http.StatusUnprocessableEntity, w, v.YAML, "")
	}
	switch err := s.publish(c, name, v.YAML, base, fmt.Sprintf(", as version %d was", number)); {
	case errors.Is(err, store.ErrConflict):
		return s.showChanges(c, http.StatusConflict, w, v.YAML, cmp.Or(w.live.Author, w.live.File))
	case err != nil:
		return err
	}
	return toAgent(c, name, "tab=versions")
}

// toAgent leads to the agent's page.
func toAgent(c echo.Context, name, query string) error {
	u := url.URL{Path: "/agents/" + name, RawQuery: query}
	if isFragment(c) {
		c.Response().Header().Set("HX-Redirect", u.String())
		return c.NoContent(http.StatusNoContent)
	}
	return c.Redirect(http.StatusSeeOther, u.String())
}
