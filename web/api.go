package web

import (
	"net/http"
	"strconv"

	"astromesh/runtime/health"

	"github.com/labstack/echo/v4"
)

func (s *Server) getHealth(c echo.Context) error {
	checks := s.Health(c.Request().Context())
	return c.JSON(http.StatusOK, map[string]any{"status": health.Overall(checks), "version": s.Version, "checks": checks})
}

// number reads a query parameter within bounds.
func number(c echo.Context, name string, otherwise, low, high int) (int, error) {
	text := c.QueryParam(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low {
		return 0, apiFault{http.StatusBadRequest, "bad_request", name + " must be a whole number from " + strconv.Itoa(low) + " to " + strconv.Itoa(high)}
	}
	return min(n, high), nil
}
