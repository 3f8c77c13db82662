package web

import (
	"context"
	"net/http"
	"time"

	"astromesh/runtime/health"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// setupRoutes are the cards of the first run, for owners.
func (s *Server) setupRoutes(owner *echo.Group) {
	owner.GET("/setup/next", s.setupNext)
	owner.GET("/setup/model", s.modelCard)
	owner.GET("/setup/model/state", s.modelState)
	owner.GET("/setup/model/stream", s.pullStream)
	owner.POST("/setup/model/use", s.useModel)
	owner.POST("/setup/model/pull", s.pullModel)
	owner.POST("/setup/model/cancel", s.cancelPull)
	owner.GET(metaSetup, s.metaPage)
	owner.POST(metaSetup, s.saveMeta)
	owner.GET("/setup/agent", s.agentCard)
	owner.POST("/setup/agent", s.saveAgentCard)
	owner.GET("/setup/test", s.testCard)
	owner.GET("/setup/test/state", s.testState)
	owner.GET("/setup/test/number", s.testNumber)
	owner.GET("/setup/done", s.doneCard)
	owner.GET(metaSettings, s.metaPage)
	owner.POST(metaSettings, s.saveMeta)
	owner.GET(metaSettings+"/check", s.metaCheck)
	owner.POST(metaSettings+"/subscribe", s.subscribe)
}

// setupFrame is the way through the cards, with what is done by now.
func (s *Server) setupFrame(c echo.Context, now string) view.SetupFrame {
	const patience = 400 * time.Millisecond // a page does not wait for Meta
	f := view.SetupFrame{Now: now, Saved: c.QueryParam("saved"), Demo: s.Phone != nil, Agent: s.DefaultAgent()}
	done := s.setupDone(s.healthWithin(c.Request().Context(), patience))
	for _, name := range view.SetupSteps {
		f.Steps = append(f.Steps, view.SetupStep{Name: name, Done: done[name]})
	}
	return f
}

// setupNext leads to the first card that is not done.
func (s *Server) setupNext(c echo.Context) error {
	const patience = 2 * time.Second
	done := s.setupDone(s.healthWithin(c.Request().Context(), patience))
	for _, name := range view.SetupSteps {
		if !done[name] {
			return c.Redirect(http.StatusSeeOther, "/setup/"+name)
		}
	}
	return c.Redirect(http.StatusSeeOther, "/setup/done")
}

// healthWithin gives the diagnoses, or what is known of them if they take longer.
func (s *Server) healthWithin(ctx context.Context, patience time.Duration) []health.Check {
	found := make(chan []health.Check, 1)
	go func() { found <- s.Health(context.WithoutCancel(ctx)) }()
	select {
	case checks := <-found:
		return checks
	case <-time.After(patience):
		return s.pulse.now()
	}
}

// setupDone says of each card whether what it is about is really so: nothing is
// done by having been clicked through.
func (s *Server) setupDone(checks []health.Check) map[string]bool {
	state := func(name string) health.Status {
		worst := health.Status("")
		for _, c := range checks {
			if c.Name == name && (worst == "" || c.Status == health.Fail || worst == health.OK) {
				worst = c.Status
			}
		}
		return worst
	}
	works := func(name string) bool { return state(name) == health.OK || state(name) == health.Warn }
	_, serves := s.Agents.Get(s.DefaultAgent())
	done := map[string]bool{
		"model": serves && (s.isListed(s.DefaultAgent()) || works("models")),
		"meta":  works("credentials") && works("graph") && state("subscription") != health.Fail,
		"agent": serves && !s.isUntouched(s.DefaultAgent()),
		"test":  !s.Doorman.Door().AcceptedAt.IsZero(),
	}
	done["done"] = done["model"] && done["meta"] && done["agent"] && done["test"]
	return done
}

// isUntouched says that an agent is still as the program brought it: it knows
// nothing of the business.
func (s *Server) isUntouched(name string) bool {
	live, err := s.Store.LiveAgent(s.stopping, name)
	return err == nil && isSample(live)
}

// testCard says what to do, and turns green by itself.
func (s *Server) testCard(c echo.Context) error {
	state, err := s.arrivals(c)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, view.SetupTest(s.setupFrame(c, "test"), state))
}

func (s *Server) testState(c echo.Context) error {
	state, err := s.arrivals(c)
	if err != nil {
		return err
	}
	if state.Arrived && state.Answered {
		s.lookAgain(c.Request().Context())
		c.Response().Header().Set("HX-Refresh", "true") // the cards above and the buttons below change too
	}
	return render(c, http.StatusOK, view.SetupTestState(state))
}

// testNumber is the number to write to, as Meta writes it; nothing while Meta
// cannot be asked. It loads behind the page.
func (s *Server) testNumber(c echo.Context) error {
	ch, number := s.Channel(), ""
	if ch.AccessToken != "" && ch.PhoneNumberID != "" {
		if said, err := s.Probe(ch.AccessToken.Reveal()).PhoneNumber(c.Request().Context(), ch.PhoneNumberID); err == nil {
			number = said.Display
		}
	}
	return render(c, http.StatusOK, view.SetupTestNumber(number))
}

// arrivals is how far the first message has come.
func (s *Server) arrivals(c echo.Context) (view.Arrivals, error) {
	door := s.Doorman.Door()
	answered, err := s.Store.AnyAnswerSent(c.Request().Context())
	return view.Arrivals{
		Handshake: door.HandshakeOK || !door.AcceptedAt.IsZero(), Refused: !door.HandshakeAt.IsZero() && !door.HandshakeOK,
		BadSignature: door.RefusedCount > 0, Arrived: !door.AcceptedAt.IsZero(), Answered: answered, Demo: s.Phone != nil,
	}, err
}

func (s *Server) doneCard(c echo.Context) error {
	s.lookAgain(c.Request().Context()) // the way leads to the dashboard, which is not to show yesterday's faults
	return render(c, http.StatusOK, view.SetupDone(s.setupFrame(c, "done")))
}
