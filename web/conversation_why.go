package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"astromesh/runtime/agent"
	"astromesh/runtime/model"
	"astromesh/store"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// turnTrace is a turn's trace as the dispatcher keeps it.
type turnTrace struct {
	Steps    []agent.Step            `json:"steps"`
	Verdicts []agent.DirectedVerdict `json:"verdicts"`
	Usage    []model.Usage           `json:"usage"`
	Prompt   []agent.PromptMessage   `json:"prompt"`
}

// whyThisAnswer shows how a reply came about: beside the transcript, or as a
// page of its own.
func (s *Server) whyThisAnswer(c echo.Context) error {
	id, err := chatID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	turn, err := s.Store.Turn(ctx, c.Param("turn"))
	if err != nil {
		return err
	}
	if turn.ConversationID != id {
		return store.ErrNotFound
	}
	sent, err := s.Store.TurnSent(ctx, turn)
	if err != nil {
		return err
	}
	why := whyOf(turn, sent)
	why.Agent = s.shownName(turn.Agent)
	if c.Request().Header.Get("HX-Request") != "" {
		return render(c, http.StatusOK, view.Why(why))
	}
	frame, err := s.frame(c, "conversations")
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, view.WhyPage(frame, why))
}

func whyOf(t store.Turn, sent store.Millis) view.WhyTurn {
	var trace turnTrace
	_ = json.Unmarshal([]byte(t.Trace), &trace) // an empty trace shows what the row says
	w := view.WhyTurn{
		Back: "/conversations/" + strconv.FormatInt(t.ConversationID, 10), Version: t.AgentVersion, Model: t.Model,
		Outcome: t.Outcome, Reason: t.Reason, Noted: notedWords(t.Noted), Data: indented(t.Data), TokensIn: t.TokensIn, TokensOut: t.TokensOut, Stages: stagesOf(t, trace, sent),
	}
	w.Parts = whyParts(trace.Steps)
	for _, step := range trace.Steps {
		if step.Stage != "tool" {
			continue
		}
		data, err := json.Marshal(step.Data)
		if err != nil {
			data = nil // the name and the time are shown all the same
		}
		w.Tools = append(w.Tools, view.WhyTool{Name: step.Name, Took: step.Duration, Data: string(data)})
	}
	for _, v := range trace.Verdicts {
		row := view.WhyVerdict{Direction: v.Direction, Action: string(v.Action)}
		for _, f := range v.Findings {
			row.Found = append(row.Found, view.ChatMark{Entity: f.Entity, Rule: f.Rule, Action: string(v.Action)})
		}
		w.Verdicts = append(w.Verdicts, row)
	}
	for _, m := range trace.Prompt {
		p := view.WhyPrompt{Role: m.Role, Text: m.Content, Images: len(m.Images), Tool: m.ToolName}
		for _, call := range m.ToolCalls {
			p.Calls = append(p.Calls, call.Name+" "+call.Arguments)
		}
		w.Prompt = append(w.Prompt, p)
	}
	w.Remembered = remembered(w.Prompt)
	return w
}

// remembered counts the messages of a prompt that are from earlier turns: they
// stand before what holds for the moment, the last message from the system.
func remembered(prompt []view.WhyPrompt) int {
	n, before := 0, 0
	for _, m := range prompt {
		if m.Role == "system" {
			before = n
			continue
		}
		n++
	}
	return before
}

// indented is JSON to be read by people; "" stays "".
func indented(data string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(data), "", "  ") != nil {
		return data
	}
	return b.String()
}

// stagesOf says where the time went, in the order of the way.
func stagesOf(t store.Turn, trace turnTrace, sent store.Millis) []view.WhyStage {
	took := map[string]time.Duration{}
	for _, s := range trace.Steps {
		took[s.Stage] += s.Duration
	}
	waited := t.StartedAt.Time().Sub(t.ReceivedAt.Time())
	var send time.Duration
	if sent > 0 {
		send = sent.Time().Sub(t.EndedAt.Time())
	}
	list := []view.WhyStage{
		{Name: "waited", Took: waited}, {Name: "memory", Took: took["memory"]}, {Name: "model", Took: took["model"]},
		{Name: "tool", Took: took["tool"]}, {Name: "guardrail", Took: took["guardrail"]}, {Name: "send", Took: send},
	}
	return slices.DeleteFunc(list, func(s view.WhyStage) bool { return s.Took < 0 || (s.Name == "tool" && s.Took == 0) })
}
