package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"astromesh/store"
	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

const (
	chatRows  = 40 // conversations of one page of the list
	chatLines = 60 // lines of one page of a transcript
)

// chatRoutes are the pages about customers; owner may take all of one with them,
// or erase it.
func (s *Server) chatRoutes(g *echo.Group) {
	g.GET("/conversations", s.conversations)
	g.GET("/conversations/stream", s.conversationStream)
	g.GET("/conversations/:id", s.conversation)
	g.GET("/conversations/:id/stream", s.conversationStream)
	g.GET("/conversations/:id/earlier", s.conversationEarlier)
	g.GET("/conversations/:id/turns/:turn", s.whyThisAnswer)
	g.POST("/conversations/:id/take", s.takeOver)
	g.POST("/conversations/:id/back", s.handBack)
	g.POST("/conversations/:id/done", s.resolve)
	g.POST("/conversations/:id/write", s.write)
	g.POST("/conversations/:id/seen", s.seen)
	g.POST("/conversations/:id/notes", s.addNote)
	g.POST("/conversations/:id/notes/delete", s.deleteNote)
	g.GET("/conversations/:id/memory", s.memoryPage)
	g.POST("/conversations/:id/memory/delete", s.forgetTurn)
	g.POST("/conversations/:id/memory/summary", s.forgetSummary)
	g.POST("/conversations/:id/memory/kept", s.forgetKept)
	g.POST("/conversations/:id/memory/clear", s.forgetAll)
	owner := g.Group("", s.ownerOnly)
	owner.GET("/conversations/:id/export", s.exportCustomer)
	owner.GET("/conversations/:id/export/data", s.exportCustomerData)
	owner.POST("/conversations/:id/erase", s.eraseCustomer)
}

// conversations is the list, with none of them open.
func (s *Server) conversations(c echo.Context) error {
	return s.chats(c, "/conversations", nil)
}

// conversation is the list with one of them open. Looking at it marks it as seen.
func (s *Server) conversation(c echo.Context) error {
	id, err := chatID(c)
	if err != nil {
		return err
	}
	if listAlone(c) {
		return s.chats(c, "/conversations/"+strconv.FormatInt(id, 10), &view.Chat{ID: id})
	}
	open, newest, err := s.openChat(c, id)
	if err != nil {
		return err
	}
	if err := s.Store.MarkSeen(c.Request().Context(), id, newest); err != nil {
		return err
	}
	return s.chats(c, "/conversations/"+strconv.FormatInt(id, 10), open)
}

// listAlone says whether only the list is asked for: it was searched, or
// something happened.
func listAlone(c echo.Context) bool { return c.Request().Header.Get("HX-Target") == "chat-rows" }

func (s *Server) chats(c echo.Context, path string, open *view.Chat) error {
	return s.chatPage(c, http.StatusOK, path, open)
}

func (s *Server) chatPage(c echo.Context, status int, path string, open *view.Chat) error {
	ctx, f := c.Request().Context(), form.BindChats(c.QueryParams())
	last, err := s.Store.LastEvent(ctx) // before the look: what happens meanwhile is sent again
	if err != nil {
		return err
	}
	v := view.Chats{Form: f, Path: path, Open: open, Stream: "/conversations/stream?seen=" + strconv.FormatInt(last, 10), Now: time.Now()}
	if err := s.chatRows(ctx, &v); err != nil {
		return err
	}
	if listAlone(c) {
		if trigger := c.Request().Header.Get("HX-Trigger"); trigger != "chat-rows" {
			c.Response().Header().Set("HX-Push-Url", f.Path(path)) // somebody searched
		}
		return render(c, http.StatusOK, view.ChatList(v))
	}
	if open != nil {
		open.Back = f.Path("/conversations")
		v.Stream = path + "/stream?seen=" + strconv.FormatInt(last, 10)
		if n := len(open.Lines); n > 0 {
			v.Stream += "&after=" + strconv.FormatInt(open.Lines[n-1].ID, 10)
		}
	}
	frame, err := s.frame(c, "conversations")
	if err != nil {
		return err
	}
	return render(c, status, view.Conversations(frame, v))
}

func (s *Server) chatRows(ctx context.Context, v *view.Chats) error {
	f := v.Form
	list, err := s.Store.ConversationList(ctx, store.ListQuery{Filter: f.Filter, Search: f.Search, Before: store.Millis(f.Before), BeforeID: f.BeforeID, Limit: chatRows})
	if err != nil {
		return err
	}
	for _, r := range list {
		v.Rows = append(v.Rows, chatRow(r, v.Now))
	}
	if len(list) == chatRows && f.Search == "" {
		last := list[len(list)-1]
		v.More = f.After(v.Path, int64(last.Active), last.ID)
	}
	return nil
}

func chatRow(r store.ListRow, now time.Time) view.ChatRow {
	return view.ChatRow{
		ID: r.ID, Name: nameOf(r.Contact), Last: r.LastText, Kind: r.LastKind, Author: r.LastAuthor, At: r.Active.Time(),
		Unread: r.Unread, Many: r.Unread >= store.UnreadMost, Needs: r.NeedsPerson, Failed: r.Failed,
		Off: r.Taken(now) || r.MutedUntil > store.At(now),
	}
}

// nameOf is what a customer is called here.
func nameOf(k store.Contact) string {
	switch {
	case k.Name != "":
		return k.Name
	case k.Username != "":
		return "@" + k.Username
	case k.Phone != nil:
		return "+" + *k.Phone
	default:
		return k.SessionID()
	}
}

func chatID(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return 0, store.ErrNotFound
	}
	return id, nil
}

// openChat is one conversation as it stands, and the id of its newest line.
func (s *Server) openChat(c echo.Context, id int64) (*view.Chat, int64, error) {
	ctx := c.Request().Context()
	conv, err := s.Store.Conversation(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	lines, err := s.lines(ctx, id, 0)
	if err != nil {
		return nil, 0, err
	}
	pending, err := s.pending(ctx, conv)
	if err != nil {
		return nil, 0, err
	}
	about, err := s.about(ctx, conv)
	if err != nil {
		return nil, 0, err
	}
	open := &view.Chat{
		ID: id, Name: nameOf(conv.Contact), Session: conv.SessionID, Lines: lines, Pending: pending, State: chatState(conv, time.Now()),
		About: about, Owner: userOf(c).Role == store.RoleOwner, Earlier: earlier(id, lines),
	}
	if len(lines) == 0 {
		return open, 0, nil
	}
	return open, lines[len(lines)-1].ID, nil
}

func earlier(id int64, lines []view.ChatLine) string {
	if len(lines) < chatLines {
		return ""
	}
	return "/conversations/" + strconv.FormatInt(id, 10) + "/earlier?before=" + strconv.FormatInt(lines[0].ID, 10)
}

// conversationEarlier gives the lines before one: to a page that goes on
// upwards, or as a page of their own where there is no JavaScript.
func (s *Server) conversationEarlier(c echo.Context) error {
	id, err := chatID(c)
	if err != nil {
		return err
	}
	before, err := number(c, "before", 0, 0, 1<<62)
	if err != nil {
		return err
	}
	lines, err := s.lines(c.Request().Context(), id, int64(before))
	if err != nil {
		return err
	}
	if c.Request().Header.Get("HX-Request") != "" {
		return render(c, http.StatusOK, view.ChatEarlierLines(lines, earlier(id, lines)))
	}
	open, _, err := s.openChat(c, id)
	if err != nil {
		return err
	}
	open.Lines, open.Earlier, open.Pending = lines, earlier(id, lines), view.ChatPending{}
	return s.chats(c, "/conversations/"+strconv.FormatInt(id, 10), open)
}
