package web

import (
	"net/http"
	"strconv"

	"astromesh/store"
	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// settingRoutes are the pages of Settings and of the first run, each section at
// an address of its own.
func (s *Server) settingRoutes(g *echo.Group) {
	g.GET("/settings", s.settings)
	g.GET("/settings/account", s.accountPage)
	g.POST("/settings/account/password", s.changePassword)
	g.POST("/settings/account/signout", s.signOutEverywhere)
	g.GET("/settings/appearance", s.appearancePage)
	g.POST("/settings/appearance", s.saveAppearance)
	owner := g.Group("", s.ownerOnly)
	owner.GET("/settings/channel", s.channelPage)
	owner.POST("/settings/channel", s.saveChannel)
	owner.POST("/settings/channel/agent-of-file", s.agentOfFile)
	owner.GET("/settings/operators", s.operatorsPage)
	owner.POST("/settings/operators", s.addOperator)
	owner.POST("/settings/operators/:id/password", s.resetPassword)
	owner.POST("/settings/operators/:id/remove", s.removeOperator)
	owner.GET("/settings/retention", s.retentionPage)
	owner.POST("/settings/retention", s.saveRetention)
	owner.GET("/settings/computer", s.computerPage, s.onThisComputer)
	owner.POST("/settings/computer", s.saveComputer, s.onThisComputer)
	owner.GET("/settings/about", s.aboutPage)
	s.backupRoutes(owner)
	s.reachRoutes(owner)
	s.setupRoutes(owner)
}

// settings leads to the first section that this operator may see.
func (s *Server) settings(c echo.Context) error {
	if userOf(c).Role == store.RoleOwner {
		return c.Redirect(http.StatusSeeOther, "/settings/whatsapp")
	}
	return c.Redirect(http.StatusSeeOther, "/settings/account")
}

// settingFrame is the frame of one section.
func (s *Server) settingFrame(c echo.Context, section string) (view.SettingPage, error) {
	frame, err := s.frame(c, "settings")
	return view.SettingPage{Page: frame, Section: section, Saved: c.QueryParam("saved"), Desktop: s.Desktop != nil}, err
}

// saved leads back to a section, which says what was done.
func saved(c echo.Context, section, what string) error {
	return c.Redirect(http.StatusSeeOther, "/settings/"+section+"?saved="+what)
}

func (s *Server) retentionPage(c echo.Context) error {
	keep, err := s.Store.Retention(c.Request().Context())
	if err != nil {
		return err
	}
	return s.showRetention(c, http.StatusOK, form.Retention{
		Messages: strconv.Itoa(int(keep.Messages.Hours() / 24)), Events: strconv.Itoa(int(keep.Events.Hours() / 24)),
	})
}

func (s *Server) showRetention(c echo.Context, status int, f form.Retention) error {
	p, err := s.settingFrame(c, "retention")
	if err != nil {
		return err
	}
	return render(c, status, view.SettingRetention(p, f))
}

func (s *Server) saveRetention(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return errUnreadable
	}
	f := form.BindRetention(values)
	messages, events, ok := f.Validate()
	if !ok {
		return s.showRetention(c, http.StatusUnprocessableEntity, f)
	}
	if err := s.Store.SetRetention(messages, events); err != nil {
		return err
	}
	if err := s.Store.Audit(userOf(c).Name, "retention changed", "", "messages "+f.Messages+" days, events "+f.Events+" days"); err != nil {
		return err
	}
	return saved(c, "retention", "saved")
}

func (s *Server) appearancePage(c echo.Context) error {
	u := userOf(c)
	return s.showAppearance(c, http.StatusOK, form.Appearance{Theme: u.Theme, Language: u.Language})
}

func (s *Server) showAppearance(c echo.Context, status int, f form.Appearance) error {
	p, err := s.settingFrame(c, "appearance")
	if err != nil {
		return err
	}
	return render(c, status, view.SettingAppearance(p, f))
}

func (s *Server) saveAppearance(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return errUnreadable
	}
	f := form.BindAppearance(values)
	if !f.Validate(view.Languages) {
		return s.showAppearance(c, http.StatusUnprocessableEntity, f)
	}
	if err := s.Store.SetAppearance(userOf(c).ID, f.Language, f.Theme); err != nil {
		return err
	}
	if err := s.Store.Audit(userOf(c).Name, "appearance changed", userOf(c).Name, ""); err != nil {
		return err
	}
	return saved(c, "appearance", "saved")
}

// auditShown is how many changes the page lists.
const auditShown = 100

func (s *Server) aboutPage(c echo.Context) error {
	p, err := s.settingFrame(c, "about")
	if err != nil {
		return err
	}
	list, err := s.Store.Audits(c.Request().Context(), 0, auditShown)
	if err != nil {
		return err
	}
	about := view.About{Version: s.Version, DataDir: s.DataDir}
	for _, a := range list {
		about.Changes = append(about.Changes, view.Change{At: a.At.Time(), User: a.User, Action: a.Action, Target: a.Target, Detail: a.Detail})
	}
	return render(c, http.StatusOK, view.SettingAbout(p, about))
}
