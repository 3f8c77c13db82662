package web

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"runtime/debug"
	"strings"

	"astromesh/store"
	"astromesh/web/static"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

const webhookPath = "/v1/channels/whatsapp/webhook"

// WebhookPath is where Meta's calls come in, behind the public address.
const WebhookPath = webhookPath

// publicRoutes is everything that the internet sees. What is not here is a 404
// without a word.
func (s *Server) publicRoutes() http.Handler {
	e := newEcho()
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		status := http.StatusNotFound
		if errors.Is(err, errPanicked) {
			status = http.StatusServiceUnavailable // Meta comes again
		}
		if !c.Response().Committed {
			c.Response().Header().Del(echo.HeaderAllow) // the router lists the methods
			_ = c.NoContent(status)                     // the caller is gone: nobody to tell
		}
	}
	e.Pre(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if c.Request().Method == http.MethodOptions {
				return echo.ErrNotFound // echo answers it by itself, and lists the methods
			}
			return next(c)
		}
	})
	e.Use(s.recovered)
	e.GET(webhookPath, s.challenge)
	e.POST(webhookPath, s.webhook)
	e.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok") })
	if s.Reach != nil {
		return s.Reach.Guard(e)
	}
	return e
}

// adminRoutes is everything behind the dashboard's address: the JSON API for
// scripts, and pages for operators.
func (s *Server) adminRoutes() http.Handler {
	e := newEcho()
	e.HTTPErrorHandler = s.adminError
	e.Use(s.recovered)
	s.apiRoutes(e.Group("/v1", s.bearer))
	e.GET(static.Prefix+"*", echo.WrapHandler(static.Handler()))
	if s.Phone != nil {
		e.Any("/phone", echo.WrapHandler(s.Phone), language, s.ownLanguage)
		e.Any("/phone/*", echo.WrapHandler(s.Phone), language, s.ownLanguage)
	}
	open := e.Group("", language, s.inWindow)
	open.GET("/login", s.loginPage)
	open.POST("/login", s.login)
	open.GET("/setup", s.setup)
	open.POST("/setup", s.claim)
	open.GET("/setup/restore", s.setupRestore)
	open.POST("/setup/restore", s.setupRestored)
	open.GET("/enter", s.enterPage)
	open.POST("/enter", s.enter)
	open.GET("/window", s.windowPage)
	open.POST("/window", s.enterWindow)
	open.POST(openPath, s.open)
	s.pageRoutes(e.Group("", language, s.inWindow, s.signedIn, s.intoFolder))
	pages := s.sessions.LoadAndSave(e)
	split := http.NewServeMux()
	split.Handle("/v1/", e) // scripts have no session
	split.Handle("/", pages)
	return secureHeaders(onlyByAddress(http.NewCrossOriginProtection().Handler(split)))
}

func (s *Server) apiRoutes(v1 *echo.Group) {
	v1.GET("/health", s.getHealth)
	v1.GET("/agents", s.listAgents)
	v1.GET("/agents/:name", s.getAgent)
	v1.POST("/agents/:name/run", s.runAgent)
	v1.GET("/memory/:agent/history/:session", s.getHistory)
	v1.DELETE("/memory/:agent/history/:session", s.deleteHistory)
	v1.GET("/events", s.getEvents)
	v1.GET("/conversations", s.listConversations)
	v1.GET("/conversations/:id", s.getConversation)
	v1.Any("/*", func(echo.Context) error { return errNoRoute })
}

// agentRoutes are the list, the editor and its telephone. Staff may look and
// write drafts; what answers customers is the owners'.
func (s *Server) agentRoutes(g *echo.Group) {
	g.GET("/agents", s.agents)
	g.GET("/agents/schema.json", s.agentSchema)
	g.GET("/agent-models", s.agentModels)
	g.GET("/new-agent", s.newAgentPage, s.ownerOnly)
	g.POST("/new-agent", s.newAgent, s.ownerOnly)
	g.GET("/agents/:name", s.agentPage)
	g.POST("/agents/:name", s.saveAgent)
	g.POST("/agents/:name/lint", s.lintAgent)
	g.POST("/agents/:name/document", s.agentDocument)
	g.POST("/agents/:name/fields", s.agentFieldset)
	g.POST("/agents/:name/changes", s.agentChanges)
	g.POST("/agents/:name/discard", s.discardDraft)
	g.POST("/agents/:name/try", s.tryAgent)
	g.POST("/agents/:name/forget", s.forgetTry)
	g.POST("/agents/:name/publish", s.publishAgent, s.ownerOnly)
	g.POST("/agents/:name/restore", s.restoreAgent, s.ownerOnly)
	g.POST("/agents/:name/retire", s.retireAgent, s.ownerOnly)
	g.POST("/agents/:name/return", s.returnAgent, s.ownerOnly)
}

// pageRoutes are the pages of who is signed in; owner marks what staff may not.
func (s *Server) pageRoutes(g *echo.Group) {
	g.GET("/", s.home)
	g.GET("/home/stream", s.homeStream)
	g.POST("/logout", s.logout)
	g.POST("/window/browse", s.browse)
	g.POST("/window/folder", s.showFolder)
	s.agentRoutes(g)
	s.chatRoutes(g)
	s.settingRoutes(g)
	g.GET("/logs", s.logs)
	g.GET("/logs/more", s.logMore)
	g.GET("/logs/stream", s.logStream)
	g.GET("/logs/download", s.logDownload)
	g.GET("/health", s.healthPage)
	g.GET("/health/stream", s.healthStream)
	g.POST("/health/check", s.healthCheck)
	g.POST("/health/reload", s.healthReload, s.ownerOnly)
	g.POST("/health/warm", s.healthWarm, s.ownerOnly)
	g.POST("/health/retry", s.healthRetry, s.ownerOnly)
	g.GET("/guardrails", s.guardrails)
	g.POST("/guardrails/try", s.tryGuardrails)
	g.POST("/guardrails/dry", s.dryRunGuardrails)
}

// bearer lets in who knows the API token. Without a configured token nobody does.
func (s *Server) bearer(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		scheme, token, _ := strings.Cut(c.Request().Header.Get(echo.HeaderAuthorization), " ")
		same := subtle.ConstantTimeCompare([]byte(strings.TrimSpace(token)), []byte(s.APIToken)) == 1
		if s.APIToken == "" || !strings.EqualFold(scheme, "Bearer") || !same {
			c.Response().Header().Set(echo.HeaderWWWAuthenticate, "Bearer")
			return apiFault{http.StatusUnauthorized, "unauthorized", "send the API token as Authorization: Bearer …; it is set by ASTROMESH_API_TOKEN"}
		}
		return next(c)
	}
}

// apiFault is an answer that is not 2xx.
type apiFault struct {
	status        int
	code, message string
}

func (f apiFault) Error() string { return f.code + ": " + f.message }

var errNoRoute = apiFault{http.StatusNotFound, "not_found", "there is nothing at this address"}

// adminError answers scripts with JSON, and people with a page.
func (s *Server) adminError(err error, c echo.Context) {
	if strings.HasPrefix(c.Request().URL.Path, "/v1/") || c.Response().Committed {
		s.apiError(err, c)
		return
	}
	var fault apiFault
	var http4 *echo.HTTPError
	status, key := http.StatusInternalServerError, "problem.internal"
	switch {
	case errors.As(err, &fault) && fault.status == http.StatusForbidden:
		status, key = fault.status, "problem.owners_only"
	case errors.As(err, &fault) && fault.status == http.StatusBadRequest:
		status, key = fault.status, "problem.bad_request"
	case errors.Is(err, store.ErrNotFound), errors.As(err, &fault) && fault.status == http.StatusNotFound,
		errors.As(err, &http4) && http4.Code < 500:
		status, key = http.StatusNotFound, "problem.not_found"
	default:
		s.Log.Error("page failed", "method", c.Request().Method, "route", c.Path(), "error", err)
	}
	_ = render(c, status, view.Problem(key)) // the reader is gone: nobody to tell
}

// apiError answers with {"error":{"code","message"}}; what is not meant for the
// caller goes to the log only.
func (s *Server) apiError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	fault := apiFault{http.StatusInternalServerError, "internal", "something went wrong here: the log says what"}
	var http4 *echo.HTTPError
	switch {
	case errors.As(err, &fault):
	case errors.Is(err, store.ErrNotFound):
		fault = apiFault{http.StatusNotFound, "not_found", "there is nothing by that name"}
	case errors.As(err, &http4) && http4.Code == http.StatusMethodNotAllowed:
		fault = apiFault{http4.Code, "method_not_allowed", "this address does not take that method"}
	case errors.As(err, &http4) && http4.Code < 500:
		fault = apiFault{http4.Code, "bad_request", strings.ToLower(http.StatusText(http4.Code))}
	default:
		s.Log.Error("request failed", "method", c.Request().Method, "route", c.Path(), "error", err)
	}
	if c.Path() == "" && fault.status == http.StatusNotFound {
		fault = errNoRoute
	}
	_ = c.JSON(fault.status, map[string]any{"error": map[string]string{"code": fault.code, "message": fault.message}}) // the caller is gone: nobody to tell
}

// errPanicked stands for a panic that was caught and logged.
var errPanicked = errors.New("request panicked")

// recovered keeps a panic in one request from being shown to its caller.
func (s *Server) recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if p := recover(); p != nil {
				s.Log.Error("request panicked", "route", c.Path(), "panic", p, "stack", string(debug.Stack()))
				err = errPanicked
			}
		}()
		return next(c)
	}
}
