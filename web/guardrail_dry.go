package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"astromesh/config"
	"astromesh/runtime/agent"
	"astromesh/runtime/guardrail"
	"astromesh/store"
	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

const (
	dryTexts    = 1000
	dryWithin   = 2 * time.Second
	dryExamples = 20
)

// dryRunGuardrails judges the newest texts of customers by changed rules, and
// says what would be different. Nothing is changed.
func (s *Server) dryRunGuardrails(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return apiFault{http.StatusBadRequest, "bad_request", "the form could not be read"}
	}
	f := form.BindDryRun(values, guardrail.Entities())
	a, ok := s.Agents.Get(f.Agent)
	if !ok {
		f.Errors["agent"] = "guardrail.agent_gone"
	}
	for _, pattern := range form.Lines(f.Patterns) {
		if _, err := config.CompilePattern(pattern); err != nil && f.Content {
			f.Errors["patterns"] = "guardrail.pattern_wrong"
		}
	}
	status, result := http.StatusUnprocessableEntity, (*view.DryResult)(nil)
	if len(f.Errors) == 0 {
		status = http.StatusOK
		if result, err = s.dryRun(c.Request().Context(), a, f); err != nil {
			return err
		}
	}
	if c.Request().Header.Get("HX-Request") != "" {
		return render(c, status, view.DryBox(f, guardrail.Entities(), result))
	}
	return s.guardrailPage(c, status, func(p *view.GuardrailPage) {
		for i := range p.Agents {
			if p.Agents[i].Name == f.Agent {
				p.Agents[i].Dry, p.Agents[i].Result = f, result
			}
		}
	})
}

func (s *Server) dryRun(ctx context.Context, a *agent.Agent, f form.DryRun) (*view.DryResult, error) {
	texts, err := s.Store.CustomerTexts(ctx, dryTexts)
	if err != nil {
		return nil, err
	}
	now := rulebook{rules: a.Config().Spec.Guardrails.Input}
	then := rulebook{rules: changedRules(now.rules, f)}
	result := &view.DryResult{All: len(texts)}
	end := time.Now().Add(dryWithin)
	for _, t := range texts {
		select {
		case <-ctx.Done(): // who asked has left
			return result, nil
		default:
		}
		if time.Now().After(end) {
			break
		}
		before, err := now.judge(t)
		if err != nil {
			return nil, err
		}
		after, err := then.judge(t)
		if err != nil {
			return nil, err
		}
		result.Judged++
		tally(result, t, before, after)
	}
	return result, nil
}

// tally adds one text to what the page says.
func tally(r *view.DryResult, t store.CustomerText, before, after judgement) {
	r.Before.Add(before.hit, before.blocked)
	r.After.Add(after.hit, after.blocked)
	change := ""
	switch {
	case after.blocked && !before.blocked:
		change = "blocked"
	case before.blocked && !after.blocked:
		change = "unblocked"
	case after.hit && !before.hit:
		change = "hit"
	case before.hit && !after.hit:
		change = "spared"
	case !slices.Equal(before.entities, after.entities):
		change = "other"
	default:
		return
	}
	r.Changed++
	if len(r.Examples) < dryExamples {
		r.Examples = append(r.Examples, view.DryExample{Conversation: t.ConversationID, Change: change, Parts: partsOf(t.Text, after.findings)})
	}
}

// rulebook is rules at work, for customers of each country.
type rulebook struct {
	rules  []config.Guardrail
	chains map[string]guardrail.Chain
}

// judgement is what rules make of a stored text.
type judgement struct {
	hit, blocked bool
	entities     []string // sorted
	findings     []guardrail.Finding
}

// judge runs the rules over a text that was redacted when it came. A marker in
// it proves that its entity stood there: it counts where the rules look for it.
func (b *rulebook) judge(t store.CustomerText) (judgement, error) {
	region := guardrail.RegionOf(t.Phone)
	chain, ok := b.chains[region]
	if !ok {
		var err error
		if chain, err = agent.Chain("input", b.rules, region); err != nil {
			if chain, err = agent.Chain("input", b.rules, ""); err != nil { // a country that the check does not know
				return judgement{}, err
			}
		}
		if b.chains == nil {
			b.chains = map[string]guardrail.Chain{}
		}
		b.chains[region] = chain
	}
	v := chain.Run(t.Text)
	j := judgement{blocked: v.Action == guardrail.Block, findings: v.Findings}
	for _, f := range v.Findings {
		j.entities = append(j.entities, f.Entity)
	}
	for _, entity := range guardrail.Marked(t.Text) {
		for _, r := range b.rules {
			if r.Type == guardrail.PIIRule && slices.Contains(entitiesOf(r), entity) {
				j.entities = append(j.entities, entity)
				j.blocked = j.blocked || strings.EqualFold(r.Action, "block")
			}
		}
	}
	slices.Sort(j.entities)
	j.entities = slices.Compact(j.entities)
	j.hit = len(j.entities) > 0
	return j, nil
}
