package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"astromesh/config"
	"astromesh/runtime/guardrail"
	"astromesh/store"
	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// hitDays is how far back hits are shown.
const hitDays = 14

// guardrails shows the rules in force and what they found.
func (s *Server) guardrails(c echo.Context) error {
	return s.guardrailPage(c, http.StatusOK, func(*view.GuardrailPage) {})
}

// guardrailPage renders the whole page with what change adds.
func (s *Server) guardrailPage(c echo.Context, status int, change func(*view.GuardrailPage)) error {
	frame, err := s.frame(c, "guardrails")
	if err != nil {
		return err
	}
	p := view.GuardrailPage{Now: time.Now(), Entities: guardrail.Entities(), Try: form.Try{Direction: "input"}}
	for _, a := range s.Agents.List() {
		rules := a.Config().Spec.Guardrails
		p.Agents = append(p.Agents, view.GuardedAgent{
			Name: a.Name(), Shown: a.Config().Spec.Identity.DisplayName, Input: rulesOf(rules.Input), Output: rulesOf(rules.Output), Dry: dryRunOf(a),
		})
	}
	if p.Hits, err = s.hits(c.Request().Context(), p.Now); err != nil {
		return err
	}
	change(&p)
	return render(c, status, view.Guardrails(frame, p))
}

// rulesOf are rules as the page says them.
func rulesOf(rules []config.Guardrail) []view.Rule {
	var list []view.Rule
	for _, r := range rules {
		rule := view.Rule{
			Type: r.Type, Action: r.Action, MaxChars: r.MaxChars, MaxTokens: r.MaxTokensPerTurn,
			Topics: r.Topics(), Keywords: r.ForbiddenKeywords, Patterns: r.BlockedPatterns,
		}
		if r.Type == guardrail.PIIRule {
			rule.Entities = entitiesOf(r)
		}
		list = append(list, rule)
	}
	return list
}

// entitiesOf are a rule's entities by the names of findings; all of them where
// the rule names none.
func entitiesOf(r config.Guardrail) []string {
	if len(r.Entities) == 0 {
		return guardrail.Entities()
	}
	var list []string
	for _, written := range r.Entities {
		if name, ok := guardrail.EntityName(written); ok && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

// hits adds up by the day what guardrails found.
func (s *Server) hits(ctx context.Context, now time.Time) ([]view.HitRow, error) {
	y, m, d := now.Date()
	first := time.Date(y, m, d-hitDays+1, 0, 0, 0, 0, now.Location())
	found, err := s.Store.GuardrailHits(ctx, first)
	if err != nil {
		return nil, err
	}
	var rows []view.HitRow
	for _, h := range found {
		row := view.HitRow{Agent: h.Agent, Shown: s.shownName(h.Agent), Direction: h.Direction, Rule: h.Rule, Entity: h.Entity, Action: hitWord(h.Action), First: first, Days: make([]int64, hitDays)}
		for hour, n := range h.Hours {
			at := store.HourStart(hour).In(now.Location())
			for day := range row.Days {
				if from := first.AddDate(0, 0, day); !at.Before(from) && at.Before(first.AddDate(0, 0, day+1)) {
					row.Days[day] += n
					row.Sum += n
				}
			}
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b view.HitRow) int { return int(b.Sum - a.Sum) })
	return rows, nil
}

// tryGuardrails judges a text. Nothing of it is kept.
func (s *Server) tryGuardrails(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return apiFault{http.StatusBadRequest, "bad_request", "the form could not be read"}
	}
	f := form.BindTry(values)
	a, ok := s.Agents.Get(f.Agent)
	if !ok {
		f.Errors["agent"] = "guardrail.agent_gone"
	}
	status, tried := http.StatusUnprocessableEntity, (*view.Tried)(nil)
	if len(f.Errors) == 0 {
		status, tried = http.StatusOK, triedOf(f.Text, a.Guardrails(f.Direction).Run(f.Text))
	}
	if c.Request().Header.Get("HX-Request") != "" {
		return render(c, status, view.TryBox(s.agentsToTry(), f, tried))
	}
	return s.guardrailPage(c, status, func(p *view.GuardrailPage) { p.Try, p.Tried = f, tried })
}

// agentsToTry are the agents by both their names.
func (s *Server) agentsToTry() (list []view.GuardedAgent) {
	for _, a := range s.Agents.List() {
		list = append(list, view.GuardedAgent{Name: a.Name(), Shown: s.shownName(a.Name())})
	}
	return list
}

// shownName is what an owner calls an agent; its own name where it has no other,
// or is out of service.
func (s *Server) shownName(name string) string {
	if a, ok := s.Agents.Get(name); ok {
		return cmp.Or(a.Config().Spec.Identity.DisplayName, name)
	}
	return name
}

func triedOf(text string, v guardrail.Verdict) *view.Tried {
	return &view.Tried{Action: string(v.Action), Rule: v.Rule, After: v.Text, Parts: partsOf(text, v.Findings)}
}

// partsOf cuts a text where findings begin and end. Findings are in the order of
// the text; of two that overlap, the second shows from the end of the first.
func partsOf(text string, findings []guardrail.Finding) []view.TextPart {
	var parts []view.TextPart
	at := 0
	for _, f := range findings {
		start, end := max(f.Start, at), min(f.End, len(text))
		if start >= end {
			continue
		}
		if start > at {
			parts = append(parts, view.TextPart{Text: text[at:start]})
		}
		parts = append(parts, view.TextPart{Text: text[start:end], Entity: f.Entity})
		at = end
	}
	if at < len(text) {
		parts = append(parts, view.TextPart{Text: text[at:]})
	}
	return parts
}
