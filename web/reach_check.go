package web

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// isOwnCheck says whether a call of the webhook is this program's own look from
// outside: the way in is proven by it, and nothing is known of Meta.
func (s *Server) isOwnCheck(c echo.Context) bool {
	return s.Reach != nil && s.Reach.IsOwn(c.Request())
}

// ownChallenge answers as Meta is answered.
func ownChallenge(c echo.Context, answer string, ok bool) error {
	if !ok {
		return c.NoContent(http.StatusForbidden)
	}
	return c.Blob(http.StatusOK, "text/plain; charset=utf-8", []byte(answer))
}
