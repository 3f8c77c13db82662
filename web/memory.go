package web

import (
	"net/http"
	"strconv"

	"astromesh/store"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// memoryShown is how many of the newest entries the page shows.
const memoryShown = 400

// memoryPage is what the agent remembers of a customer, and what of it the next
// prompt holds.
func (s *Server) memoryPage(c echo.Context) error {
	id, err := chatID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	conv, err := s.Store.Conversation(ctx, id)
	if err != nil {
		return err
	}
	name := s.answers(conv)
	entries, err := s.Store.MemoryHistory(ctx, name, conv.SessionID, memoryShown)
	if err != nil {
		return err
	}
	page := view.MemoryPage{ID: id, Name: nameOf(conv.Contact), Agent: s.shownName(name)}
	next := 0
	if a, ok := s.Agents.Get(name); ok {
		page.Expires = a.MemoryTTL()
		prompt, err := a.NextPrompt(ctx, conv.SessionID, customerOf(conv.Contact))
		if err != nil {
			page.Problem = err.Error()
		}
		for _, m := range prompt {
			if m.Role == "user" || m.Role == "assistant" {
				next++
			}
			page.Next = append(page.Next, view.WhyPrompt{Role: string(m.Role), Text: m.Content})
		}
	}
	window, err := s.Store.MemoryWindow(ctx, name, conv.SessionID)
	if err != nil {
		return err
	}
	if page.Kept, err = s.keptOf(c, name, conv.SessionID); err != nil {
		return err
	}
	page.Turns = memoryTurns(entries, next)
	page.Summary = memorySummary(page.Turns, window)
	frame, err := s.frame(c, "conversations")
	if err != nil {
		return err
	}
	frame.Title = view.T(ctx, "memory.title")
	return render(c, http.StatusOK, view.Memory(frame, page))
}

// memoryTurns puts together what was remembered together. The last next entries
// are part of the next prompt.
func memoryTurns(entries []store.MemoryEntry, next int) []view.MemoryTurn {
	var turns []view.MemoryTurn
	last := ""
	for i, e := range entries {
		entry := view.MemoryEntry{Role: e.Role, Text: e.Content}
		if n := len(turns); n > 0 && e.TurnID != "" && e.TurnID == last {
			turns[n-1].Entries = append(turns[n-1].Entries, entry)
			continue
		}
		last = e.TurnID
		turns = append(turns, view.MemoryTurn{Seq: e.Seq, At: e.At.Time(), InNext: i >= len(entries)-next, Entries: []view.MemoryEntry{entry}})
	}
	return turns
}

// memorySummary marks the turns that a summary stands for, and gives it.
func memorySummary(turns []view.MemoryTurn, w store.MemoryWindow) view.MemorySummary {
	if w.Summary == "" {
		return view.MemorySummary{}
	}
	m := view.MemorySummary{Text: w.Summary, At: w.At.Time()}
	for i := range turns {
		if turns[i].Seq < w.Covered {
			turns[i].Folded = true
			m.Of++
		}
	}
	return m
}

func (s *Server) forgetSummary(c echo.Context) error {
	id, err := chatID(c)
	if err != nil {
		return err
	}
	conv, err := s.Store.Conversation(c.Request().Context(), id)
	if err != nil {
		return err
	}
	if err := s.Store.DropSummary(s.answers(conv), conv.SessionID); err != nil {
		return err
	}
	return s.forgotten(c, "summary forgotten", id)
}

func (s *Server) forgetTurn(c echo.Context) error {
	id, v, err := chatForm(c)
	if err != nil {
		return err
	}
	seq, err := strconv.ParseInt(v.Get("seq"), 10, 64)
	if err != nil {
		return apiFault{http.StatusBadRequest, "bad_request", "seq must be a number"}
	}
	conv, err := s.Store.Conversation(c.Request().Context(), id)
	if err != nil {
		return err
	}
	if _, err := s.Store.ForgetTurn(s.answers(conv), conv.SessionID, seq); err != nil {
		return err
	}
	return s.forgotten(c, "turn forgotten", id)
}

func (s *Server) forgetAll(c echo.Context) error {
	id, err := chatID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	conv, err := s.Store.Conversation(ctx, id)
	if err != nil {
		return err
	}
	if err := s.Store.ClearMemory(ctx, s.answers(conv), conv.SessionID); err != nil {
		return err
	}
	return s.forgotten(c, "memory cleared", id)
}

func (s *Server) forgotten(c echo.Context, action string, id int64) error {
	if err := s.audit(c, action, id); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/conversations/"+strconv.FormatInt(id, 10)+"/memory")
}
