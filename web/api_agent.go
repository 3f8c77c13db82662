package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"astromesh/config"
	"astromesh/runtime/agent"
	"astromesh/runtime/tool"
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

func (s *Server) agentNamed(c echo.Context, param string) (*agent.Agent, error) {
	a, ok := s.Agents.Get(c.Param(param))
	if !ok {
		return nil, apiFault{http.StatusNotFound, "no_such_agent", "no agent of that name is in service"}
	}
	return a, nil
}

// getAgent gives the YAML of the version in service as it is written: what a variable
// stands for is nobody's to read here.
func (s *Server) getAgent(c echo.Context) error {
	a, err := s.agentNamed(c, "name")
	if err != nil {
		return err
	}
	v, err := s.Store.Version(c.Request().Context(), a.Name(), a.Version)
	if err != nil {
		return err
	}
	document, ok := config.AgentDocument([]byte(v.YAML))
	if !ok {
		return fmt.Errorf("version %d of agent %s is no mapping of keys", v.Version, v.Name)
	}
	return c.JSON(http.StatusOK, document)
}

// runAgent runs the same turn as WhatsApp, less the sending. Where a guardrail
// blocked it, the answer is the sentence that a customer reads then; a turn that
// failed is an error.
func (s *Server) runAgent(c echo.Context) error {
	a, err := s.agentNamed(c, "name")
	if err != nil {
		return err
	}
	var in struct {
		Query     string `json:"query"`
		SessionID string `json:"session_id"`
	}
	// Whatever the caller's program calls it: who has the token need not be asked for a Content-Type.
	body := http.MaxBytesReader(c.Response(), c.Request().Body, 1<<20)
	if err := json.NewDecoder(body).Decode(&in); err != nil || strings.Trim(in.Query, "\x00 \t\r\n") == "" {
		return apiFault{http.StatusBadRequest, "bad_request", `send {"query": "…", "session_id": "…"}`}
	}
	id, started := uuid.NewString(), time.Now()
	r, err := a.Turn(c.Request().Context(), agent.Input{TurnID: id, SessionID: in.SessionID, Said: []agent.Said{{Text: in.Query}}})
	if err != nil {
		return apiFault{http.StatusServiceUnavailable, "no_model", "no model can be reached: see that Ollama runs and that the model is downloaded"}
	}
	if err := s.Store.SaveTurn(turnOf(id, a, r, started), memoryOf(a.Name(), in.SessionID, id, r)); err != nil {
		return err
	}
	if err := s.Store.SaveKept(in.SessionID, r.KeptChanges(a.Name(), started)); err != nil {
		return err
	}
	s.foldMemory(c.Request().Context(), a, in.SessionID, &r)
	for _, n := range r.Notices {
		s.Store.Log(store.Event{Kind: store.EventModel, Level: "warn", Stage: n.Stage, Agent: a.Name(), Text: n.Text}.With(map[string]string{"turn": id}))
	}
	if r.Outcome == agent.Failed {
		return apiFault{http.StatusBadGateway, "turn_failed", r.Reason}
	}
	if r.Outcome != agent.Answered {
		r.Reply = s.Texts().Instead(r.Outcome, []string{in.Query}, "")
	}
	return c.JSON(http.StatusOK, answerOf(id, r))
}

// foldMemory folds older turns of a session into the summary, where the agent keeps
// one. Nobody knows when the next run comes, so it is done before this one is
// answered; the answer goes out whatever becomes of it.
func (s *Server) foldMemory(ctx context.Context, a *agent.Agent, session string, r *agent.Result) {
	if session == "" || r.Outcome != agent.Answered {
		return
	}
	done, err := a.Fold(ctx, session)
	if rows := done.UsageRows(); len(rows) > 0 {
		err = errors.Join(err, s.Store.AddUsage(0, a.Name(), rows))
	}
	if err != nil {
		s.Log.Warn("the memory was not brought up to date", "stage", "memory", "agent", a.Name(), "error", err)
	}
	r.Notices = append(r.Notices, done.Notices...)
}

func turnOf(id string, a *agent.Agent, r agent.Result, started time.Time) store.Turn {
	noted := ""
	if b, err := json.Marshal(r.Noted); err == nil && len(r.Noted) > 0 { // arguments came as JSON
		noted = string(b)
	}
	t := store.Turn{ID: id, Agent: a.Name(), AgentVersion: a.Version, Outcome: string(r.Outcome), Reason: r.Reason, Noted: noted, Data: string(r.Data), ReceivedAt: store.At(started), StartedAt: store.At(started), EndedAt: store.At(time.Now()), Usage: r.UsageRows()}
	for _, u := range r.Usage {
		t.TokensIn, t.TokensOut, t.Model = t.TokensIn+u.TokensIn, t.TokensOut+u.TokensOut, u.Candidate
	}
	return t
}

func memoryOf(name, session, turn string, r agent.Result) []store.MemoryEntry {
	var list []store.MemoryEntry
	for _, m := range r.Remember {
		if session != "" {
			list = append(list, store.MemoryEntry{Agent: name, SessionID: session, Role: string(m.Role), Content: m.Content, Tokens: r.Tokens(m.Content), TurnID: turn, At: store.At(time.Now())})
		}
	}
	return list
}

// clientCall is a call of a tool that is the caller's to make.
type clientCall struct {
	ID        string         `json:"id"` // the same when the run is repeated within its turn
	Name      string         `json:"name"`
	Arguments map[string]any `json:"arguments"`
}

// clientCalls are what the agent wants done by the program that asked.
func clientCalls(turn string, noted []tool.Record) []clientCall {
	list := make([]clientCall, 0, len(noted))
	for i, n := range noted {
		list = append(list, clientCall{ID: turn + "-" + strconv.Itoa(i+1), Name: n.Tool, Arguments: n.Arguments})
	}
	return list
}

func answerOf(id string, r agent.Result) map[string]any {
	in, out, by := 0, 0, ""
	for _, u := range r.Usage {
		in, out, by = in+u.TokensIn, out+u.TokensOut, u.Candidate
	}
	steps := r.Steps
	if steps == nil {
		steps = []agent.Step{}
	}
	var data any // null where there is none
	if len(r.Data) > 0 {
		data = r.Data
	}
	return map[string]any{
		"messages_before": append([]string{}, r.Also...), "hand_over": r.HandOver,
		"client_calls": clientCalls(id, r.Noted), "data": data,
		"answer": r.Reply, "steps": steps, "usage": map[string]any{"tokens_in": in, "tokens_out": out, "model": by},
		"trace": map[string]any{"outcome": r.Outcome, "reason": r.Reason, "verdicts": r.Verdicts, "prompt": r.Prompt, "calls": r.Usage},
	}
}
