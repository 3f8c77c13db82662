package web

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"astromesh/store"
	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

func (s *Server) logRowsOf(c echo.Context, list []store.Event) []view.LogLine {
	ctx := c.Request().Context()
	rows := make([]view.LogLine, 0, len(list))
	for _, e := range list {
		rows = append(rows, view.LogLine{
			ID: e.ID, At: e.At.Time(), Level: e.Level, Stage: e.Stage, Conversation: e.ConversationID, Agent: s.shownName(e.Agent),
			Text: eventWords(ctx, e), Stored: e.Text, Data: dataLines(e.Data),
		})
	}
	return rows
}

// eventWords says an everyday event in the reader's language. What it has no
// words for, and every warning, is shown as it was recorded.
func eventWords(ctx context.Context, e store.Event) string {
	var d eventData
	if e.Level != "info" || e.Data == "" || json.Unmarshal([]byte(e.Data), &d) != nil {
		return view.Said(ctx, e.Text)
	}
	outcome, isTurn := strings.CutPrefix(e.Text, "turn ")
	switch {
	case e.Stage == "send" && d.Result == "sent":
		return view.T(ctx, "log.event_sent")
	case e.Kind == store.EventGuardrail && d.Entity != "":
		return view.T(ctx, "log.hit_"+hitWord(d.Action), view.Entity(ctx, d.Entity), view.T(ctx, "guardrail.in_"+d.Direction))
	case e.Kind == store.EventModel && d.Candidate != "":
		took := d.Wait + d.Load + d.PromptEval + d.Generation
		return view.T(ctx, "log.event_model", d.Candidate, view.Span(ctx, took))
	case isTurn && d.Replies == 0:
		return view.T(ctx, "log.turn_silent")
	case isTurn && slices.Contains(shownOutcomes(), outcome):
		return view.T(ctx, "log.turn_"+outcome, view.Span(ctx, time.Duration(d.WaitedMS)*time.Millisecond))
	default:
		return view.Said(ctx, e.Text)
	}
}

// shownOutcomes are the ends of a turn that have words of their own, log.turn_….
func shownOutcomes() []string { return []string{"answered", "blocked", "too_long", "notice"} }

// hitWord is the end of a text's key for what a guardrail did.
func hitWord(action string) string {
	switch action {
	case "block", "rewrite":
		return action
	default:
		return "warn"
	}
}

// dataLines are an event's data as name and value, in the order of the names.
func dataLines(data string) [][2]string {
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(data), &fields) != nil {
		return nil
	}
	lines := make([][2]string, 0, len(fields))
	for name, raw := range fields {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			var b bytes.Buffer
			if json.Indent(&b, raw, "", "  ") != nil {
				continue
			}
			text = b.String()
		}
		lines = append(lines, [2]string{name, text})
	}
	slices.SortFunc(lines, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return lines
}

// logBars counts events for the bars above the list: a day by the hour or a
// month by the day, up to now or around what is looked at.
func (s *Server) logBars(c echo.Context, f form.Log, now time.Time) ([]view.LogBar, error) {
	edges := barEdges(f, now)
	filter := filterOf(c.Request().Context(), f)
	filter.From, filter.To = time.Time{}, time.Time{}
	hours, err := s.Store.EventHours(c.Request().Context(), filter, edges[0], edges[len(edges)-1])
	if err != nil {
		return nil, err
	}
	bars := make([]view.LogBar, len(edges)-1)
	for i := range bars {
		b := view.LogBar{From: edges[i], To: edges[i+1]}
		for hour, n := range hours {
			if at := store.HourStart(hour); !at.Before(b.From) && at.Before(b.To) {
				b.Count += n
			}
		}
		one := f
		one.Before, one.From, one.To = 0, b.From.Format(form.Moment), b.To.Format(form.Moment)
		b.Chosen = one.From == f.From && one.To == f.To
		if b.Chosen { // chosen again, it lets go
			one.From, one.To = "", ""
		}
		b.Link = "/logs?" + one.Query()
		bars[i] = b
	}
	return bars, nil
}

// barEdges are the moments between the bars, one more than bars.
func barEdges(f form.Log, now time.Time) []time.Time {
	const days, hours = 30, 24
	end := now
	if from, to := f.Between(); !to.IsZero() && to.Before(now.Add(-hours*time.Hour)) {
		end = to
		if !from.IsZero() && to.Sub(from) < 12*time.Hour {
			end = from.Add(12 * time.Hour)
		}
	}
	var edges []time.Time
	if f.Span == "month" {
		y, m, d := end.Date()
		for i := -days + 1; i <= 1; i++ {
			edges = append(edges, time.Date(y, m, d+i, 0, 0, 0, 0, end.Location()))
		}
		return edges
	}
	last := end.Truncate(time.Hour).Add(time.Hour)
	for i := -hours; i <= 0; i++ {
		edges = append(edges, last.Add(time.Duration(i)*time.Hour))
	}
	return edges
}

// whyQuiet says why a tab of the log is empty, from what is known.
func (s *Server) whyQuiet(c echo.Context) view.Quiet {
	switch form.BindLog(c.QueryParams()).Kind {
	case store.EventGuardrail:
		rules := 0
		for _, a := range s.Agents.List() {
			rules += len(a.Config().Spec.Guardrails.Input) + len(a.Config().Spec.Guardrails.Output)
		}
		return view.Quiet{Text: view.T(c.Request().Context(), "log.quiet_guardrail", rules), Link: "/guardrails", Button: "log.quiet_try"}
	case store.EventSystem:
		return view.Quiet{Text: view.T(c.Request().Context(), "log.quiet_system")}
	default:
		return s.quiet(c)
	}
}

// quiet says why no message comes, from what the doorman saw.
func (s *Server) quiet(c echo.Context) view.Quiet {
	ctx, now := c.Request().Context(), time.Now()
	ago := func(t time.Time) string { return view.Ago(ctx, t, now) }
	q := view.Quiet{Link: "/health", Button: "home.quiet_how"}
	switch d := s.Doorman.Door(); {
	case d.AcceptedAt.IsZero() && d.RefusedCount > 0:
		q.Text = view.T(ctx, "home.quiet_refused", d.RefusedCount, ago(d.RefusedAt))
	case !d.AcceptedAt.IsZero():
		q = view.Quiet{Text: view.T(ctx, "home.quiet_called", ago(d.AcceptedAt))}
	case d.HandshakeAt.IsZero():
		q.Text = view.T(ctx, "home.quiet_unknown")
	case d.HandshakeOK:
		q.Text = view.T(ctx, "home.quiet_verified", ago(d.HandshakeOKAt))
	default:
		q.Text = view.T(ctx, "home.quiet_handshake", ago(d.HandshakeAt))
	}
	return q
}
