package web

import (
	"net/http"
	"strconv"
	"time"

	"astromesh/config"
	"astromesh/runtime/agent"
	"astromesh/runtime/channel"
	"astromesh/runtime/health"
	"astromesh/store"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// Draft is an agent whose file has errors; its last good version, if there is
// one, goes on answering.
type Draft struct {
	Name   string
	File   string // "" where a stored version cannot be used
	YAML   string // of the file
	Errors []string
}

type agentRow struct {
	Name        string   `json:"name"`
	Version     string   `json:"version"`
	Revision    int      `json:"revision"` // of the stored YAML, counted here
	Namespace   string   `json:"namespace"`
	DisplayName string   `json:"display_name"`
	Description string   `json:"description"`
	Status      string   `json:"status"` // ready, draft
	Errors      []string `json:"errors"`
}

func (s *Server) getHealth(c echo.Context) error {
	checks := s.Health(c.Request().Context())
	return c.JSON(http.StatusOK, map[string]any{"status": health.Overall(checks), "version": s.Version, "checks": checks})
}

func (s *Server) listAgents(c echo.Context) error {
	list := []agentRow{}
	drafts := map[string]Draft{}
	for _, d := range s.Drafts() {
		drafts[d.Name] = d
	}
	for _, a := range s.Agents.List() {
		list = append(list, rowOf(a.Config(), a.Version, drafts[a.Name()]))
		delete(drafts, a.Name())
	}
	for _, d := range s.Drafts() {
		if _, left := drafts[d.Name]; left {
			list = append(list, agentRow{Name: d.Name, Status: "draft", Errors: d.Errors})
		}
	}
	return c.JSON(http.StatusOK, map[string]any{"agents": list})
}

func rowOf(cfg *config.Agent, revision int, d Draft) agentRow {
	row := agentRow{
		Name: cfg.Metadata.Name, Version: cfg.Metadata.Version, Revision: revision, Namespace: cfg.Metadata.Namespace,
		DisplayName: cfg.Spec.Identity.DisplayName, Description: cfg.Spec.Identity.Description, Status: "ready", Errors: []string{},
	}
	if len(d.Errors) > 0 {
		row.Status, row.Errors = "draft", d.Errors
	}
	return row
}

func (s *Server) agentOf(c echo.Context, param string) (*agent.Agent, error) {
	a, ok := s.Agents.Get(c.Param(param))
	if !ok {
		return nil, apiFault{http.StatusNotFound, "no_such_agent", "no agent of that name is in service"}
	}
	return a, nil
}

func (s *Server) getAgent(c echo.Context) error {
	a, err := s.agentOf(c, "name")
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, a.Config())
}

// runAgent runs the same turn as WhatsApp, less the sending.
func (s *Server) runAgent(c echo.Context) error {
	a, err := s.agentOf(c, "name")
	if err != nil {
		return err
	}
	var in struct {
		Query     string `json:"query"`
		SessionID string `json:"session_id"`
	}
	c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, 1<<20)
	if err := c.Bind(&in); err != nil || in.Query == "" {
		return apiFault{http.StatusBadRequest, "bad_request", `send {"query": "…", "session_id": "…"} as application/json`}
	}
	id, started := uuid.NewString(), time.Now()
	r, err := a.Turn(c.Request().Context(), agent.Input{TurnID: id, SessionID: in.SessionID, Said: []agent.Said{{Text: in.Query}}})
	if err != nil {
		return apiFault{http.StatusServiceUnavailable, "no_model", "no model can be reached: see that Ollama runs and that the model is downloaded"}
	}
	if err := s.Store.SaveTurn(turnOf(id, a, r, started), memoryOf(a.Name(), in.SessionID, id, r)); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, answerOf(r))
}

func turnOf(id string, a *agent.Agent, r agent.Result, started time.Time) store.Turn {
	t := store.Turn{ID: id, Agent: a.Name(), AgentVersion: a.Version, Outcome: string(r.Outcome), Reason: r.Reason, ReceivedAt: store.At(started), StartedAt: store.At(started), EndedAt: store.At(time.Now())}
	for _, u := range r.Usage {
		t.TokensIn, t.TokensOut, t.Model = t.TokensIn+u.TokensIn, t.TokensOut+u.TokensOut, u.Candidate
	}
	return t
}

func memoryOf(name, session, turn string, r agent.Result) []store.MemoryEntry {
	var list []store.MemoryEntry
	for _, m := range r.Remember {
		if session != "" {
			list = append(list, store.MemoryEntry{Agent: name, SessionID: session, Role: string(m.Role), Content: m.Content, TurnID: turn, At: store.At(time.Now())})
		}
	}
	return list
}

func answerOf(r agent.Result) map[string]any {
	in, out, by := 0, 0, ""
	for _, u := range r.Usage {
		in, out, by = in+u.TokensIn, out+u.TokensOut, u.Candidate
	}
	steps := r.Steps
	if steps == nil {
		steps = []agent.Step{}
	}
	return map[string]any{
		"answer": r.Reply, "steps": steps, "usage": map[string]any{"tokens_in": in, "tokens_out": out, "model": by},
		"trace": map[string]any{"outcome": r.Outcome, "reason": r.Reason, "verdicts": r.Verdicts, "prompt": r.Prompt, "calls": r.Usage},
	}
}

func (s *Server) getHistory(c echo.Context) error {
	limit, err := number(c, "limit", 50, 1, 1000)
	if err != nil {
		return err
	}
	ctx, name, session := c.Request().Context(), c.Param("agent"), c.Param("session")
	history := []map[string]any{}
	if fresh, err := s.fresh(c, name, session); err != nil {
		return err
	} else if fresh {
		list, err := s.Store.MemoryHistory(ctx, name, session, limit)
		if err != nil {
			return err
		}
		for _, e := range list {
			history = append(history, map[string]any{"role": e.Role, "content": e.Content, "timestamp": e.At})
		}
	}
	return c.JSON(http.StatusOK, map[string]any{"agent": name, "session_id": session, "history": history, "limit": limit})
}

// fresh says whether a session's memory has not outlived the agent's ttl.
func (s *Server) fresh(c echo.Context, name, session string) (bool, error) {
	a, ok := s.Agents.Get(name)
	if !ok || a.MemoryTTL() == 0 {
		return true, nil
	}
	_, last, err := s.Store.MemoryCount(c.Request().Context(), name, session)
	return time.Since(last) <= a.MemoryTTL(), err
}

func (s *Server) deleteHistory(c echo.Context) error {
	name, session := c.Param("agent"), c.Param("session")
	if err := s.Store.ClearMemory(c.Request().Context(), name, session); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]string{"status": "cleared", "agent": name, "session_id": session})
}

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
