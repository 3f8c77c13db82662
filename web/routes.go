package web

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"runtime/debug"
	"strings"

	"astromesh/store"

	"github.com/labstack/echo/v4"
)

const webhookPath = "/v1/channels/whatsapp/webhook"

// publicRoutes is everything that the internet sees. What is not here is a 404
// without a word.
func (s *Server) publicRoutes() http.Handler {
	e := newEcho()
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		if !c.Response().Committed {
			_ = c.NoContent(http.StatusNotFound) // the caller is gone: nobody to tell
		}
	}
	e.GET(webhookPath, s.challenge)
	e.POST(webhookPath, s.webhook)
	e.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok") })
	return e
}

// adminRoutes is everything behind the dashboard's address.
func (s *Server) adminRoutes() http.Handler {
	e := newEcho()
	e.HTTPErrorHandler = s.apiError
	e.Use(s.recovered)
	v1 := e.Group("/v1", s.bearer)
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
	if s.Phone != nil {
		e.Any("/*", echo.WrapHandler(s.Phone))
	}
	return http.NewCrossOriginProtection().Handler(e)
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

// recovered keeps a panic in one request from being shown to its caller.
func (s *Server) recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if p := recover(); p != nil {
				s.Log.Error("request panicked", "route", c.Path(), "panic", p, "stack", string(debug.Stack()))
				err = errors.New("request panicked")
			}
		}()
		return next(c)
	}
}
