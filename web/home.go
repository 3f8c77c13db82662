package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"astromesh/runtime/health"
	"astromesh/store"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

const (
	// homeNeeds is how many conversations that need a person the start page lists.
	homeNeeds = 8
	// homeRest is how long the open page waits after a change before it looks
	// again: a busy hour changes the figures many times a second.
	homeRest   = 2 * time.Second
	homeHours  = 24
	homeDays   = 14
	failedLook = 24 * time.Hour
)

// home is what needs a person, then today.
func (s *Server) home(c echo.Context) error {
	frame, err := s.frame(c, "home")
	if err != nil {
		return err
	}
	h, err := s.homeOf(c)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, view.Home(frame, h))
}

// homeStream sends the page's content anew when something happened.
func (s *Server) homeStream(c echo.Context) error {
	wake, end := s.Store.Listen()
	defer end()
	out := s.openLive(c)
	defer out.close()
	for {
		_, _, looked := s.pulse.known()
		h, err := s.homeOf(c)
		if err != nil {
			return nil // the answer has begun: the stream ends, and its reader comes back
		}
		frame, err := s.frame(c, "home")
		if err != nil {
			return nil
		}
		if err := out.send("home", 0, view.HomeLive(h), view.FrameUpdate(frame)); err != nil {
			return nil // the reader has gone
		}
		rest := time.NewTimer(homeRest)
		more := out.wait(nil, rest.C) && s.homeChanged(out, wake, looked)
		rest.Stop()
		if !more {
			return nil
		}
	}
}

// homeChanged waits until something has happened, or health was looked at anew:
// otherwise the banner and the line below it would say two things.
func (s *Server) homeChanged(out *live, wake <-chan struct{}, looked time.Time) bool {
	tick := time.NewTicker(healthLook)
	defer tick.Stop()
	for {
		ticked, more := out.await(wake, tick.C)
		if !more || !ticked {
			return more
		}
		s.pulse.now() // has it asked anew when it is old
		if _, _, at := s.pulse.known(); !at.Equal(looked) {
			return true
		}
	}
}

func (s *Server) homeOf(c echo.Context) (h view.HomeView, err error) {
	ctx, now := c.Request().Context(), time.Now()
	h.Now = now
	needs, err := s.Store.NeedingPerson(ctx, homeNeeds)
	if err != nil {
		return h, err
	}
	for _, conv := range needs {
		h.Needs = append(h.Needs, view.Need{ID: conv.ID, Name: conv.Contact.Name, Reason: conv.NeedsPerson, Since: conv.NeedsPersonAt.Time()})
	}
	all, err := s.Store.NeedsPerson(ctx)
	if err != nil {
		return h, err
	}
	h.NeedsAll = int(all)
	y, m, d := now.Date()
	today, err := s.Store.Figures(ctx, time.Date(y, m, d, 0, 0, 0, 0, now.Location()), now)
	if err != nil {
		return h, err
	}
	h.Today = view.Today{In: today.In, Out: today.Out, Hits: today.Hits, Failed: today.Failed, Answered: today.Answered, Median: today.Median, P95: today.P95}
	if h.Today.Waiting, h.Today.Sending, err = s.waiting(ctx, now); err != nil {
		return h, err
	}
	if err := s.homeCharts(ctx, &h); err != nil {
		return h, err
	}
	h.Health, h.Broken = s.healthLine()
	if h.Empty() {
		h.Quiet = s.quiet(c)
		h.SetupDone, h.SetupAll, err = s.setupProgress(c)
	}
	return h, err
}

// setupProgress is how many cards of the first run are done; 0 of 0 where there
// is nothing to go on with: for staff, in the demo, and once an answer has gone
// out. What breaks later is health's.
func (s *Server) setupProgress(c echo.Context) (done, all int, err error) {
	if userOf(c).Role != "owner" || s.Phone != nil {
		return 0, 0, nil
	}
	if answered, err := s.Store.AnyAnswerSent(c.Request().Context()); answered || err != nil {
		return 0, 0, err
	}
	for name, d := range s.setupDone(s.pulse.now()) {
		if d && slices.Contains(view.SetupSteps, name) {
			done++
		}
	}
	return done, len(view.SetupSteps), nil
}

// waiting is how many messages wait for an answer, and how many answers to be sent.
func (s *Server) waiting(ctx context.Context, now time.Time) (in, out int64, err error) {
	if in, _, err = s.Store.InboxWaiting(ctx); err != nil {
		return 0, 0, err
	}
	o, err := s.Store.OutboxCounts(ctx, now.Add(-failedLook))
	return in, o.Waiting + o.Unsure, err
}

// homeCharts adds up the hours of the last day and the days of the last two weeks.
func (s *Server) homeCharts(ctx context.Context, h *view.HomeView) error {
	y, m, d := h.Now.Date()
	firstDay := time.Date(y, m, d-homeDays+1, 0, 0, 0, 0, h.Now.Location())
	flows, err := s.Store.Flows(ctx, firstDay)
	if err != nil {
		return err
	}
	thisHour := h.Now.Truncate(time.Hour)
	for i := homeHours - 1; i >= 0; i-- {
		at := thisHour.Add(-time.Duration(i) * time.Hour)
		f := flows[at.Unix()/3600]
		h.Hours.Add(at.Format("15:04"), f.In, f.Out)
	}
	for i := range homeDays {
		from, to := firstDay.AddDate(0, 0, i), firstDay.AddDate(0, 0, i+1)
		var sum store.Flow
		for hour, f := range flows {
			if at := store.HourStart(hour); !at.Before(from) && at.Before(to) {
				sum.In, sum.Out = sum.In+f.In, sum.Out+f.Out
			}
		}
		h.Days.Add(from.Format("02.01."), sum.In, sum.Out)
	}
	return nil
}

// healthLine is the worst state that is known, and how many things have it; ""
// before the first look.
func (s *Server) healthLine() (state string, many int) {
	worst := health.OK
	s.pulse.now() // has it asked anew when it is old
	checks, _, at := s.pulse.known()
	if at.IsZero() {
		return "", 0
	}
	for _, check := range checks {
		if rank(check.Status) > rank(worst) {
			worst = check.Status
		}
	}
	for _, check := range checks {
		if check.Status == worst {
			many++
		}
	}
	return string(worst), many
}
