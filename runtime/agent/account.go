package agent

import (
	"time"

	"astromesh/runtime/model"
)

// take takes one of the model calls that are left for the turn, and says how
// many there were with it; 0 = only those that are to be kept. Once the turn has
// cost its budget of tokens one call is left, for an answer in plain words: the
// customer is not to pay for a bound that the owner drew.
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

// bound leaves one call where the budget is used up.
func (t *turn) bound() {
	if t.budget > 0 && t.left > 1 && cost(t.result.Usage) >= t.budget {
		t.left = 1
	}
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
	t.result.Usage = append(t.result.Usage, u)
}

// cost is the tokens of calls, in and out.
func cost(calls []model.Usage) (tokens int) {
	for _, u := range calls {
		tokens += u.TokensIn + u.TokensOut
	}
	return tokens
}

// sends keeps what is sent to a model, for "why this answer".
func (t *turn) sends(messages []model.Message) {
	prompt := t.described(messages)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.result.Prompt = prompt
}

// record adds a step to the trace.
func (t *turn) record(stage, name string, began time.Time, data map[string]any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := Step{Stage: stage, Name: name, Start: began, Duration: t.agent.now().Sub(began), Data: data}
	t.result.Steps = append(t.result.Steps, s)
	if t.in.OnStep != nil {
		t.in.OnStep(s)
	}
}
