package web

import (
	"net/http"
	"strconv"

	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

func (s *Server) addNote(c echo.Context) error {
	id, v, err := chatForm(c)
	if err != nil {
		return err
	}
	w := form.BindNote(v)
	if len(w.Errors) > 0 {
		return s.notes(c, id, w)
	}
	if err := s.Store.AddNote(id, userOf(c).Name, w.Text); err != nil {
		return err
	}
	if err := s.audit(c, "note added", id); err != nil {
		return err
	}
	return s.notes(c, id, form.Write{})
}

func (s *Server) deleteNote(c echo.Context) error {
	id, v, err := chatForm(c)
	if err != nil {
		return err
	}
	note, err := strconv.ParseInt(v.Get("note"), 10, 64)
	if err != nil {
		return apiFault{http.StatusBadRequest, "bad_request", "note must be a number"}
	}
	if err := s.Store.DeleteNote(id, note); err != nil {
		return err
	}
	if err := s.audit(c, "note deleted", id); err != nil {
		return err
	}
	return s.notes(c, id, form.Write{})
}

// notes answers an act: the notes as they are, or the page again where there is
// no JavaScript.
func (s *Server) notes(c echo.Context, id int64, w form.Write) error {
	path := "/conversations/" + strconv.FormatInt(id, 10)
	if c.Request().Header.Get("HX-Request") == "" {
		if len(w.Errors) == 0 {
			return c.Redirect(http.StatusSeeOther, path+"#about")
		}
		open, _, err := s.openChat(c, id)
		if err != nil {
			return err
		}
		open.About.Note = w
		return s.chatPage(c, http.StatusUnprocessableEntity, path, open)
	}
	ctx := c.Request().Context()
	conv, err := s.Store.Conversation(ctx, id)
	if err != nil {
		return err
	}
	about, err := s.about(ctx, conv)
	if err != nil {
		return err
	}
	about.Note = w
	return render(c, http.StatusOK, view.ChatNotes(id, about)) // htmx shows no 422
}
