package web

import (
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// keptOf is what an agent's tools keep of a customer.
func (s *Server) keptOf(c echo.Context, agent, session string) ([]view.MemoryKept, error) {
	rows, err := s.Store.KeptOf(c.Request().Context(), agent, session)
	if err != nil {
		return nil, err
	}
	var list []view.MemoryKept
	for _, r := range rows {
		k := view.MemoryKept{Name: r.Name, Value: r.Value, Shared: r.Owner == ""}
		if r.ExpiresAt > 0 {
			k.Until = r.ExpiresAt.Time()
		}
		list = append(list, k)
	}
	return list, nil
}

func (s *Server) forgetKept(c echo.Context) error {
	id, v, err := chatForm(c)
	if err != nil {
		return err
	}
	conv, err := s.Store.Conversation(c.Request().Context(), id)
	if err != nil {
		return err
	}
	if err := s.Store.ForgetKept(s.answers(conv), conv.SessionID, v.Get("name")); err != nil {
		return err
	}
	return s.forgotten(c, "kept value forgotten", id)
}
