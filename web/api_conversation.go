package web

import (
	"net/http"
	"strconv"

	"astromesh/runtime/channel"
	"astromesh/store"

	"github.com/labstack/echo/v4"
)

func (s *Server) listConversations(c echo.Context) error {
	limit, err := number(c, "limit", 50, 1, 500)
	if err != nil {
		return err
	}
	list, err := s.Store.Conversations(c.Request().Context(), 0, limit)
	if err != nil {
		return err
	}
	rows := []map[string]any{}
	for _, conv := range list {
		rows = append(rows, conversationRow(conv))
	}
	return c.JSON(http.StatusOK, map[string]any{"conversations": rows})
}

func conversationRow(conv store.Conversation) map[string]any {
	return map[string]any{
		"id": conv.ID, "session_id": conv.SessionID, "name": conv.Contact.Name, "agent": conv.Agent,
		"last_inbound": conv.LastInboundAt, "last_outbound": conv.LastOutboundAt, "messages": conv.InboundCount,
		"needs_person": conv.NeedsPerson != "", "reason": conv.NeedsPerson, "muted_until": conv.MutedUntil,
	}
}

func (s *Server) getConversation(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return store.ErrNotFound
	}
	limit, err := number(c, "limit", 200, 1, 1000)
	if err != nil {
		return err
	}
	conv, err := s.Store.Conversation(c.Request().Context(), id)
	if err != nil {
		return err
	}
	lines, err := s.Store.Transcript(c.Request().Context(), id, 0, limit)
	if err != nil {
		return err
	}
	row := conversationRow(conv)
	messages := []map[string]any{}
	for _, l := range lines {
		messages = append(messages, lineRow(l))
	}
	row["messages"] = messages
	return c.JSON(http.StatusOK, row)
}

func lineRow(l store.Line) map[string]any {
	row := map[string]any{"id": l.ID, "time": l.At, "author": l.Author, "kind": l.Kind, "text": l.Text, "turn": l.TurnID}
	if l.OutboxID != "" {
		delivery := channel.Delivery(l.Delivery)
		row["state"], row["delivery"], row["delivered_at"], row["sent_at"] = l.State, delivery, l.DeliveryAt, l.SentAt
		row["error_code"], row["error"] = l.ErrorCode, l.Error
	}
	return row
}
