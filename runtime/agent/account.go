package agent

import (
	"time"

	"astromesh/runtime/guardrail"
	"astromesh/runtime/model"
)

// take takes one of the model calls that are left for the turn, and says how
// many there were with it; 0 = only those that are to be kept. Once the work of a
// turn has taken its share of the cost_limit one call is left, for an answer in
// plain words: the customer is not to pay for a bound that the owner drew.
func (t *turn) take(keep int) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bound()
	if t.left <= keep {
		return 0
	}
	t.left--
	return t.left + 1
}

// bound leaves one call where the rest of the budget is the answer's.
func (t *turn) bound() {
	if t.budget > 0 && t.left > 1 && written(t.result.Usage) >= t.budget-t.answerShare() {
		t.left = 1
	}
}

// answerShare is what plans, steps and calls of tools leave of the budget.
func (t *turn) answerShare() int { return (t.budget + 3) / 4 }

// allowance is how many tokens the next call may write, 0 = as many as its model
// may. answers: its words may be the answer. Branches of a pattern that run side
// by side do not see each other's, so together they may go beyond.
func (t *turn) allowance(answers bool) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.budget == 0 {
		return 0
	}
	left := t.budget - written(t.result.Usage)
	if answers {
		return max(left, t.answerShare())
	}
	return max(left-t.answerShare(), t.answerShare(), 1)
}

// remaining is how many model calls are left.
func (t *turn) remaining() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bound()
	return t.left
}

// spend adds what a call has cost.
func (t *turn) spend(u model.Usage) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.over {
		t.result.Usage = append(t.result.Usage, u)
	}
}

// written is the tokens that calls wrote. Those that they read do not count: a
// long history would use the limit up before the first word.
func written(calls []model.Usage) (tokens int) {
	for _, u := range calls {
		tokens += u.TokensOut
	}
	return tokens
}

// understood keeps what the model counted for a text that may become the answer.
func (t *turn) understood(text string, u model.Usage) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = reading{text: text, tokens: u.TokensOut, cut: u.AnswerWasCut && t.budget > 0 && written(t.result.Usage) >= t.budget}
}

// judge keeps what guardrails decided.
func (t *turn) judge(direction string, v guardrail.Verdict) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.result.Verdicts = append(t.result.Verdicts, DirectedVerdict{Direction: direction, Verdict: v})
}

// sends keeps what is sent to a model, for "why this answer".
func (t *turn) sends(messages []model.Message) {
	prompt := t.described(messages)
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.over {
		t.result.Prompt = prompt
	}
}

// finish closes the result: an agent that was asked, and answers too late, adds
// nothing to it any more.
func (t *turn) finish() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
}

// record adds a step to the trace.
func (t *turn) record(stage, name string, began time.Time, data map[string]any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return
	}
	s := Step{Stage: stage, Name: name, Start: began, Duration: t.agent.now().Sub(began), Data: data}
	t.result.Steps = append(t.result.Steps, s)
	if t.in.OnStep != nil {
		t.in.OnStep(s)
	}
}
