package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"astromesh/runtime/channel/whatsapp"
	"astromesh/store"
	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// takeOver puts whoever presses the button in the agent's place.
func (s *Server) takeOver(c echo.Context) error {
	id, v, err := chatForm(c)
	if err != nil {
		return err
	}
	if err := s.take(c, id, form.TakeSpan(v)); err != nil {
		return err
	}
	return s.foot(c, id, form.Write{})
}

// take is the takeover itself; span 0 = until it is handed back.
func (s *Server) take(c echo.Context, id int64, span time.Duration) error {
	until := store.UntilHandedBack
	if span > 0 {
		until = store.At(time.Now().Add(span))
	}
	if _, err := s.Store.TakeOver(id, until, userOf(c).Name); err != nil {
		return err
	}
	if s.Interrupt != nil {
		s.Interrupt(id)
	}
	s.tellChat(id, "A person took over.")
	return s.audit(c, "conversation taken over", id)
}

func (s *Server) handBack(c echo.Context) error {
	id, err := chatID(c)
	if err != nil {
		return err
	}
	if err := s.Store.HandBack(id, userOf(c).Name); err != nil {
		return err
	}
	s.tellChat(id, "A person handed back to the agent.")
	if err := s.audit(c, "conversation handed back", id); err != nil {
		return err
	}
	return s.foot(c, id, form.Write{})
}

// resolve says that what a person was asked for is done.
func (s *Server) resolve(c echo.Context) error {
	id, err := chatID(c)
	if err != nil {
		return err
	}
	if err := s.Store.Resolve(id); err != nil {
		return err
	}
	s.tellChat(id, "A person has seen to it.")
	if err := s.audit(c, "conversation done", id); err != nil {
		return err
	}
	return s.foot(c, id, form.Write{})
}

// write sends a person's words. Who writes without having taken over does so.
func (s *Server) write(c echo.Context) error {
	id, v, err := chatForm(c)
	if err != nil {
		return err
	}
	conv, err := s.Store.Conversation(c.Request().Context(), id)
	if err != nil {
		return err
	}
	w := form.BindReply(v)
	parts := whatsapp.Format(w.Text)
	switch {
	case len(w.Errors) > 0:
	case !whatsapp.WindowOpen(conv.LastInboundAt.Time(), time.Now()):
		w.Errors["text"] = "conversations.window_over"
	case len(parts) == 0:
		w.Errors["text"] = "conversations.write_empty"
	}
	if len(w.Errors) > 0 {
		return s.foot(c, id, w)
	}
	if !conv.Taken(time.Now()) {
		if err := s.take(c, id, form.TakeSpan(nil)); err != nil {
			return err
		}
	}
	if err := s.Store.WritePerson(s.reply(conv, userOf(c).Name, w.Text, parts)); err != nil {
		return err
	}
	s.Reported() // the relay looks for what is due
	s.tellChat(id, "A person wrote to the customer.")
	if err := s.audit(c, "wrote to a customer", id); err != nil {
		return err
	}
	return s.foot(c, id, form.Write{})
}

// reply is a person's words on their way. The agent remembers them as far as its
// guardrails let through what a customer writes.
func (s *Server) reply(conv store.Conversation, by, text string, parts []string) store.Reply {
	r := store.Reply{Conversation: conv.ID, By: by, Parts: parts}
	for range parts {
		r.IDs = append(r.IDs, uuid.NewString())
	}
	name := s.answers(conv)
	if a, ok := s.Agents.Get(name); ok {
		if known := a.Guard(customerOf(conv.Contact), text, nil); known != "" {
			r.Memory = []store.MemoryEntry{{Agent: name, SessionID: conv.SessionID, Role: "assistant", Content: known}}
		}
	}
	return r
}

// seen records that the newest line was looked at: the page says so while it is
// in front.
func (s *Server) seen(c echo.Context) error {
	id, v, err := chatForm(c)
	if err != nil {
		return err
	}
	line, err := strconv.ParseInt(v.Get("line"), 10, 64)
	if err != nil {
		return apiFault{http.StatusBadRequest, "bad_request", "line must be a number"}
	}
	if err := s.Store.MarkSeen(c.Request().Context(), id, line); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// foot answers an act: the box as it is now, or the page again where there is no
// JavaScript. A refused text comes back with the reason.
func (s *Server) foot(c echo.Context, id int64, w form.Write) error {
	fragment := c.Request().Header.Get("HX-Request") != ""
	if !fragment && len(w.Errors) == 0 {
		return c.Redirect(http.StatusSeeOther, "/conversations/"+strconv.FormatInt(id, 10))
	}
	if !fragment {
		open, _, err := s.openChat(c, id)
		if err != nil {
			return err
		}
		open.State.Write = w
		return s.chatPage(c, http.StatusUnprocessableEntity, "/conversations/"+strconv.FormatInt(id, 10), open)
	}
	conv, err := s.Store.Conversation(c.Request().Context(), id)
	if err != nil {
		return err
	}
	state := chatState(conv, time.Now())
	state.Write = w
	return render(c, http.StatusOK, view.ChatFoot(state, false)) // htmx shows no 422
}

func chatForm(c echo.Context) (id int64, v url.Values, err error) {
	if id, err = chatID(c); err != nil {
		return 0, nil, err
	}
	v, err = c.FormParams()
	if err != nil {
		return 0, nil, apiFault{http.StatusBadRequest, "bad_request", "the form could not be read"}
	}
	return id, v, nil
}

// tellChat records an act in the log, and so wakes the open pages.
func (s *Server) tellChat(id int64, text string) {
	s.Store.Log(store.Event{Kind: store.EventMessage, ConversationID: id, Stage: "dispatch", Text: text})
}

func (s *Server) audit(c echo.Context, action string, id int64) error {
	return s.Store.Audit(userOf(c).Name, action, "conversation "+strconv.FormatInt(id, 10), "")
}
