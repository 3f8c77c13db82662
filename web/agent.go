package web

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"astromesh/config"
	"astromesh/store"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// agents lists every agent: in service, being written, or with a broken file.
func (s *Server) agents(c echo.Context) error {
	frame, err := s.frame(c, "agents")
	if err != nil {
		return err
	}
	rows, err := s.agentRows(c.Request().Context())
	if err != nil {
		return err
	}
	use, err := s.modelUse(c.Request().Context())
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, view.Agents(frame, rows, use, time.Now()))
}

func (s *Server) agentRows(ctx context.Context) ([]view.AgentRow, error) {
	live, err := s.Store.LiveAgents(ctx)
	if err != nil {
		return nil, err
	}
	retired, err := s.Store.RetiredAgents(ctx)
	if err != nil {
		return nil, err
	}
	drafts, err := s.Store.Drafts(ctx)
	if err != nil {
		return nil, err
	}
	rows := map[string]*view.AgentRow{}
	row := func(name string) *view.AgentRow {
		if rows[name] == nil {
			rows[name] = &view.AgentRow{Name: name, Title: name, Status: "draft"}
		}
		return rows[name]
	}
	for _, v := range live {
		r := row(v.Name)
		r.Status, r.Version, r.At, r.By, r.File = "off", v.Version, v.CreatedAt.Time(), v.Author, v.File
	}
	for _, v := range retired {
		r := row(v.Name)
		r.Status, r.Retired, r.At, r.By, r.File = "off", true, v.CreatedAt.Time(), v.Author, v.File
	}
	for _, a := range s.Agents.List() {
		r, id := row(a.Name()), a.Config().Spec.Identity
		r.Status, r.Title, r.About = "live", cmp.Or(id.DisplayName, a.Name()), id.Description
		meta := a.Config().Metadata
		r.Avatar, r.Labels = id.Avatar, meta.Labels
		r.Own = strings.Join(slices.DeleteFunc([]string{meta.Version, meta.Namespace}, func(s string) bool { return s == "" }), " · ")
		for _, m := range a.Config().Spec.Model.Ordered() {
			r.Models = append(r.Models, cmp.Or(m.Model, m.ProviderRef, m.Kind()))
		}
	}
	for _, d := range s.Drafts() {
		r := row(d.Name)
		r.Status, r.Errors = "error", d.Errors
		r.File = cmp.Or(d.File, r.File)
	}
	for _, d := range drafts {
		r := row(d.Name)
		r.Draft = true
		if at := d.UpdatedAt.Time(); at.After(r.At) {
			r.At, r.By = at, d.Author
		}
	}
	var list []view.AgentRow
	for _, r := range rows {
		r.Default = r.Name == s.DefaultAgent()
		list = append(list, *r)
	}
	slices.SortFunc(list, func(a, b view.AgentRow) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// written is an agent's text as an operator finds it: the draft, else the live
// version, else the broken file, else the newest version of one that was retired.
type written struct {
	yaml    string
	live    store.AgentVersion
	retired store.AgentVersion // the newest, where none is live
	draft   store.AgentDraft
	file    Draft // of the name, if the file has errors
}

// read finds an agent's text, or store.ErrNotFound.
func (s *Server) read(ctx context.Context, name string) (w written, err error) {
	if w.live, err = s.Store.LiveAgent(ctx, name); err != nil && !errors.Is(err, store.ErrNotFound) {
		return w, err
	}
	if w.retired, err = s.Store.RetiredAgent(ctx, name); err != nil && !errors.Is(err, store.ErrNotFound) {
		return w, err
	}
	if w.draft, err = s.Store.Draft(ctx, name); err != nil && !errors.Is(err, store.ErrNotFound) {
		return w, err
	}
	for _, d := range s.Drafts() {
		if d.Name == name && d.File != "" {
			w.file = d
		}
	}
	w.yaml = cmp.Or(w.draft.YAML, w.live.YAML, w.file.YAML, w.retired.YAML)
	if w.yaml == "" && w.live.ID == 0 && w.retired.ID == 0 && w.draft.Name == "" && w.file.Name == "" {
		return w, store.ErrNotFound
	}
	return w, nil
}

// agentPage is the editor.
func (s *Server) agentPage(c echo.Context) error {
	w, err := s.read(c.Request().Context(), c.Param("name"))
	if err != nil {
		return err
	}
	return s.showAgent(c, http.StatusOK, w, func(*view.AgentEditor) {})
}

// showAgent renders the editor over a text; change sets what a request added.
func (s *Server) showAgent(c echo.Context, status int, w written, change func(*view.AgentEditor)) error {
	frame, err := s.frame(c, "agents")
	if err != nil {
		return err
	}
	ctx, name := c.Request().Context(), c.Param("name")
	p := view.AgentEditor{
		Name: name, Title: name, Tab: tabOf(c), YAML: w.yaml, Base: w.live.Version, Default: name == s.DefaultAgent(),
		Status: statusOf(w), FileErrors: w.file.Errors, Owner: frame.Owner, Now: time.Now(), Nonce: rand.Text(),
		Service: s.service(name, w),
	}
	if a, ok := s.Agents.Get(name); ok {
		p.Title = cmp.Or(a.Config().Spec.Identity.DisplayName, name)
	}
	if p.Versions, err = s.versionRows(ctx, name); err != nil {
		return err
	}
	if p.Tab == "versions" {
		if err := s.compare(c, &p); err != nil {
			return err
		}
	}
	if e, err := config.OpenEdit([]byte(w.yaml)); err != nil {
		p.FormProblem = view.SaidOfFile(ctx, err.Error())
	} else {
		p.Form = agentFields(e)
	}
	if p.Try, err = s.tryBox(c); err != nil {
		return err
	}
	change(&p)
	p.Problems = s.problems(c, p.YAML)
	frame.Title = p.Title
	c.Response().Header().Set("Content-Security-Policy", strings.Replace(contentPolicy, "style-src 'self'", "style-src 'self' 'nonce-"+p.Nonce+"'", 1))
	return render(c, status, view.AgentPage(frame, p))
}

func tabOf(c echo.Context) string {
	tab := cmp.Or(c.QueryParam("tab"), c.FormValue("from"))
	if tab != "yaml" && tab != "versions" {
		return "form"
	}
	return tab
}

func statusOf(w written) view.AgentStatus {
	return view.AgentStatus{
		Name: w.draft.Name, Live: w.live.Version, Draft: w.draft.Name != "", By: w.draft.Author,
		At: w.draft.UpdatedAt.Time(), Stamp: stampOf(w.draft), Base: w.draft.Base, Now: time.Now(),
	}
}

func stampOf(d store.AgentDraft) string {
	if d.Name == "" {
		return ""
	}
	return strconv.FormatInt(int64(d.UpdatedAt), 10)
}

func (s *Server) versionRows(ctx context.Context, name string) ([]view.AgentVersionRow, error) {
	versions, err := s.Store.Versions(ctx, name)
	if err != nil {
		return nil, err
	}
	var rows []view.AgentVersionRow
	for _, v := range versions {
		rows = append(rows, view.AgentVersionRow{Version: v.Version, Live: v.Live, File: v.File, By: v.Author, At: v.CreatedAt.Time()})
	}
	return rows, nil
}

// compare fills in the difference between the two versions in the address; the
// newest and the one before it where none is named.
func (s *Server) compare(c echo.Context, p *view.AgentEditor) error {
	if len(p.Versions) < 2 {
		return nil
	}
	p.From, p.To = p.Versions[1].Version, p.Versions[0].Version
	if n, err := strconv.Atoi(c.QueryParam("a")); err == nil {
		p.From = n
	}
	if n, err := strconv.Atoi(c.QueryParam("b")); err == nil {
		p.To = n
	}
	a, err := s.Store.Version(c.Request().Context(), p.Name, p.From)
	if err != nil {
		return err
	}
	b, err := s.Store.Version(c.Request().Context(), p.Name, p.To)
	p.Diff = diffOf(a.YAML, b.YAML)
	return err
}
