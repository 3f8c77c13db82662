package view

import (
	"context"
	"slices"
	"time"
)

// WhyPart is one step of the agent's pattern.
type WhyPart struct {
	Kind         string // plan, step, branch, stage, decision, worker, member or answer
	Who          string // the stage, worker or member
	Number, Of   int    // 0 = not counted
	Agent        string // another agent that was asked; "" = the one that answers
	Task, Result string
	Problem      string // why nothing came of it
	Took         time.Duration
}

// words is the step's name for an owner.
func (p WhyPart) words(ctx context.Context) string {
	if !slices.Contains([]string{"plan", "step", "branch", "stage", "decision", "worker", "member", "answer"}, p.Kind) {
		return p.Kind // of a newer program
	}
	s := T(ctx, "why.part_"+p.Kind, p.Number, p.Of, p.Who)
	if p.Kind == "branch" && p.Who != "" {
		s += ": " + p.Who
	}
	if p.Agent != "" {
		s = p.Agent + " · " + s
	}
	return s
}
