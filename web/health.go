package web

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"time"

	"astromesh/runtime/health"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// healthLook is how often an open health page looks whether something changed.
const healthLook = 3 * time.Second

// healthPage shows every diagnosis, what is broken first.
func (s *Server) healthPage(c echo.Context) error {
	if _, _, at := s.pulse.known(); at.IsZero() {
		s.pulse.refresh(c.Request().Context()) // the first look: there is nothing to show before
	}
	frame, err := s.frame(c, "health")
	if err != nil {
		return err
	}
	page := s.healthOf(c)
	if page.Report, err = s.report(c.Request().Context()); err != nil {
		return err
	}
	return render(c, http.StatusOK, view.HealthPage(frame, page))
}

func (s *Server) healthOf(c echo.Context) view.HealthView {
	checks, sinceWhen, at := s.pulse.known()
	v := view.HealthView{At: at, Now: time.Now(), Owner: userOf(c).Role == "owner", Done: c.QueryParam("done")}
	for _, check := range checks {
		v.Rows = append(v.Rows, view.HealthRow{
			Name: check.Name, Status: string(check.Status), Since: sinceWhen[check.Name], Detail: check.Detail, Mend: check.Mend,
		})
	}
	slices.SortStableFunc(v.Rows, func(a, b view.HealthRow) int { return rank(health.Status(b.Status)) - rank(health.Status(a.Status)) })
	return v
}

// healthStream sends the rows anew when they changed.
func (s *Server) healthStream(c echo.Context) error {
	_, _, last := s.pulse.known()
	out := s.openLive(c)
	defer out.close()
	tick := time.NewTicker(healthLook)
	defer tick.Stop()
	for out.wait(nil, tick.C) {
		s.pulse.now() // has it asked anew when it is old
		if _, _, at := s.pulse.known(); !at.Equal(last) {
			last = at
			frame, err := s.frame(c, "health")
			if err != nil {
				return nil // the answer has begun: the stream ends, and its reader comes back
			}
			if err := out.send("health", 0, view.HealthRows(s.healthOf(c)), view.FrameUpdate(frame)); err != nil {
				return nil // the reader has gone
			}
		}
	}
	return nil
}

// healthCheck looks now.
func (s *Server) healthCheck(c echo.Context) error {
	if s.AskAnew != nil {
		s.AskAnew()
	}
	s.pulse.refresh(c.Request().Context())
	return s.healthDone(c, "check")
}

// healthReload reads the configuration again.
func (s *Server) healthReload(c echo.Context) error {
	if err := s.Reload(c.Request().Context()); err != nil {
		s.Log.Warn("the configuration could not be read again", "error", err)
		return s.healthDone(c, "reload_failed")
	}
	return s.mended(c, "configuration read again", "reload")
}

// healthWarm loads the model of the agent that answers. It may take minutes, so
// nobody waits for it.
func (s *Server) healthWarm(c echo.Context) error {
	a, ok := s.Agents.Get(s.DefaultAgent())
	if !ok {
		return s.healthDone(c, "warm_failed")
	}
	go func() {
		ctx, cancel := context.WithTimeout(s.stopping, 10*time.Minute)
		defer cancel()
		if err := a.Warm(ctx); err != nil {
			s.Log.Warn("the model could not be loaded", "stage", "model", "agent", a.Name(), "error", err)
		}
		s.pulse.refresh(ctx)
	}()
	return s.mended(c, "model loading asked for", "warm")
}

// healthRetry lets a waiting reply try the token again.
func (s *Server) healthRetry(c echo.Context) error {
	s.RetrySending()
	return s.mended(c, "sending tried again", "retry")
}

func (s *Server) mended(c echo.Context, action, done string) error {
	if err := s.Store.Audit(userOf(c).Name, action, "", ""); err != nil {
		return err
	}
	if done == "reload" {
		if s.AskAnew != nil {
			s.AskAnew()
		}
		s.pulse.refresh(c.Request().Context())
	}
	return s.healthDone(c, done)
}

func (s *Server) healthDone(c echo.Context, done string) error {
	return c.Redirect(http.StatusSeeOther, "/health?done="+done)
}

// report is the health page for a technician: plain text, without a secret or
// anything of a customer.
func (s *Server) report(ctx context.Context) (string, error) {
	checks, sinceWhen, at := s.pulse.known()
	now := time.Now()
	q, err := health.ReadQueues(ctx, s.Store, now)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("Astromesh %s on %s/%s, %s", s.Version, runtime.GOOS, runtime.GOARCH, runtime.Version())
	line("Report of %s; checked %s", now.Format(time.RFC3339), at.Format(time.RFC3339))
	line("Overall: %s\n", health.Overall(checks))
	for _, c := range checks {
		line("[%s] %s, since %s: %s", c.Status, c.Name, sinceWhen[c.Name].Format(time.RFC3339), c.Detail)
	}
	line("\nInbox waiting: %d%s", q.Inbox, oldest(now, q.OldestInbox))
	line("Outbox waiting: %d%s, unsure: %d, failed within 24 h: %d", q.Outbox.Waiting, oldest(now, q.Outbox.OldestDue.Time()), q.Outbox.Unsure, q.Outbox.Failed)
	line("Conversations that need a person: %d\n", q.NeedPerson)
	for _, a := range s.Agents.List() {
		var names []string
		for _, m := range a.Models() {
			names = append(names, m.Name())
		}
		line("Agent %s, version %d: %s", a.Name(), a.Version, strings.Join(names, ", "))
	}
	return b.String(), nil
}

func oldest(now, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return fmt.Sprintf(" (the oldest for %s)", now.Sub(at).Round(time.Second))
}
