package web

import (
	"context"
	"net/http"

	"astromesh/runtime/channel"
	"astromesh/store"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// customerOf is a contact as the runtime speaks of it.
func customerOf(k store.Contact) channel.Customer {
	c := channel.Customer{Name: k.Name, Username: k.Username}
	if k.Phone != nil {
		c.Phone = *k.Phone
	}
	if k.UserID != nil {
		c.UserID = *k.UserID
	}
	return c
}

// forgetBackups removes the copies of the store that still hold an erased
// customer. The page says what could not be done.
func (s *Server) forgetBackups(c echo.Context) view.ErasedBackups {
	gone, left, err := s.Store.ForgetBackups(context.WithoutCancel(c.Request().Context()), s.Version)
	if err != nil {
		s.Log.Error("after an erasure the backups could not be made anew", "stage", "dashboard", "error", err)
	}
	return view.ErasedBackups{Gone: gone, Left: left, Failed: err != nil}
}

// eraseCustomer removes everything that is kept of one customer, and shows that
// nothing is left. A turn that runs is ended: what it commits finds no rows.
func (s *Server) eraseCustomer(c echo.Context) error {
	id, err := chatID(c)
	if err != nil {
		return err
	}
	if s.Interrupt != nil {
		s.Interrupt(id)
	}
	proof, err := s.Store.Erase(c.Request().Context(), id)
	if err != nil {
		return err
	}
	if err := s.audit(c, "customer erased", id); err != nil {
		return err
	}
	page := view.ErasedPage{Clean: proof.Clean(), Bytes: proof.Files, Backups: s.forgetBackups(c)}
	for _, r := range proof.Rows {
		page.Rows = append(page.Rows, view.ErasedRow{Table: r.Table, Gone: r.Gone, Left: r.Left})
	}
	for _, f := range proof.Found {
		page.Found = append(page.Found, view.ErasedFound{What: f.What, Times: f.Times})
	}
	frame, err := s.frame(c, "conversations")
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, view.Erased(frame, page))
}
