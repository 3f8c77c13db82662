package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"astromesh/config"
	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// mostForm bounds what an editor sends, in bytes: a YAML of 1 MB whose every
// byte is escaped, and the other fields.
const mostForm = 4 << 20

// document is what an editor holds: a text, or a text and a form over it.
type document struct {
	yaml   string
	form   form.Agent
	errors form.Errors // of the form
	note   string      // key of what keeps it from being kept at all
	detail string      // in words, behind the note
}

// documentOf reads what the editor sent. Where the form is in front, its fields
// are written into the text.
func (s *Server) documentOf(c echo.Context) (document, error) { return s.documentWith(c, mostForm) }

// documentWith takes at most so many bytes, the whole form together.
func (s *Server) documentWith(c echo.Context, most int64) (d document, err error) {
	c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, most)
	values, err := c.FormParams()
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return document{note: "agent.too_large"}, nil
	case err != nil:
		return d, apiFault{http.StatusBadRequest, "bad_request", "the form could not be read"}
	}
	d.yaml = strings.ReplaceAll(values.Get("yaml"), "\r\n", "\n")
	if d.note = unfit(d.yaml); d.note != "" || values.Get("from") != "form" || values.Get("formless") != "" {
		return d, nil
	}
	d.form = form.BindAgent(values)
	d.fill()
	d.detail = view.SaidOfFile(c.Request().Context(), d.detail)
	return d, nil
}

// fill writes the form's fields into the text, or notes why not.
func (d *document) fill() {
	if !d.form.Validate() {
		d.errors, d.note = d.form.Errors, "agent.form_wrong"
		return
	}
	e, err := config.OpenEdit([]byte(d.yaml))
	if err == nil {
		err = applyFields(e, d.form)
	}
	if err != nil {
		d.note, d.detail = "agent.form_cannot", err.Error()
		return
	}
	d.yaml = string(e.Bytes())
	d.note = unfit(d.yaml)
}

// unfit is why a text cannot be kept, or "". What is wrong inside the YAML is no
// reason: a draft may be unfinished.
func unfit(yaml string) string {
	switch {
	case len(yaml) > config.MaxFileSize:
		return "agent.too_large"
	case !utf8.ValidString(yaml), strings.ContainsRune(yaml, 0):
		return "agent.not_text"
	case strings.TrimSpace(yaml) == "":
		return "agent.empty"
	default:
		return ""
	}
}

// problems are those of a text. Values of variables may stand in what only the
// whole configuration shows: that is for owners.
func (s *Server) problems(c echo.Context, yaml string) []view.AgentProblem {
	name := c.Param("name")
	found := config.ReadAgent(name+".agent.yaml", []byte(yaml), nil).Problems
	if userOf(c).Role == "owner" {
		_, found = s.Compile(name, []byte(yaml))
	}
	list := []view.AgentProblem{}
	for _, p := range found {
		if p.Severity != config.Note {
			list = append(list, view.AgentProblem{Line: p.Line, Col: p.Col, Severity: p.Severity.String(), Text: view.SaidOfFile(c.Request().Context(), p.Text)})
		}
	}
	return list
}

func errorsIn(list []view.AgentProblem) []view.AgentProblem {
	var errs []view.AgentProblem
	for _, p := range list {
		if p.Severity == "error" {
			errs = append(errs, p)
		}
	}
	return errs
}

// lintAgent answers with the problems of a text, as JSON.
func (s *Server) lintAgent(c echo.Context) error {
	d, err := s.documentOf(c)
	if err != nil {
		return err
	}
	if d.note != "" {
		text := view.T(c.Request().Context(), d.note)
		return c.JSON(http.StatusOK, map[string]any{"problems": []view.AgentProblem{{Line: 1, Col: 1, Severity: "error", Text: strings.TrimSpace(text + " " + d.detail)}}})
	}
	return c.JSON(http.StatusOK, map[string]any{"problems": s.problems(c, d.yaml)})
}

// agentDocument answers with the text in which the form's fields are written.
func (s *Server) agentDocument(c echo.Context) error {
	d, err := s.documentOf(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	words := map[string]string{}
	for field, key := range d.errors {
		words[field] = view.T(ctx, key)
	}
	problem := ""
	if d.note != "" {
		problem = strings.TrimSpace(view.T(ctx, d.note) + " " + d.detail)
	}
	return c.JSON(http.StatusOK, map[string]any{"yaml": d.yaml, "problem": problem, "fields": words})
}

// agentFieldset answers with the form over a text.
func (s *Server) agentFieldset(c echo.Context) error {
	d, err := s.documentOf(c)
	if err != nil {
		return err
	}
	p := view.AgentEditor{Name: c.Param("name"), FormProblem: d.detail}
	if d.note != "" {
		p.FormProblem = strings.TrimSpace(view.T(c.Request().Context(), d.note) + " " + d.detail)
	} else if e, err := config.OpenEdit([]byte(d.yaml)); err != nil {
		p.FormProblem = view.SaidOfFile(c.Request().Context(), err.Error())
	} else {
		p.Form = agentFields(e)
	}
	return render(c, http.StatusOK, view.AgentFields(p))
}

// agentModels are the models that are installed, for the form's choice. A server
// that is not there has none: the health page says so.
func (s *Server) agentModels(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), 3*time.Second)
	defer cancel()
	names, err := s.Models(ctx)
	if err != nil {
		s.Log.Debug("installed models are not known", "stage", "model", "error", err)
	}
	return render(c, http.StatusOK, view.AgentModels(names))
}
