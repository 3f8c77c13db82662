package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"astromesh/runtime/channel"
	"astromesh/runtime/guardrail"
	"astromesh/runtime/memory"
	"astromesh/runtime/model"
	"astromesh/runtime/tool"
)

// Input is what one turn answers.
type Input struct {
	TurnID    string
	SessionID string // memory is kept under it; "" = nothing is remembered
	Customer  channel.Customer
	Said      []Said     // the burst, in order
	OnStep    func(Step) // called after each step, one after the other; may be nil
}

// Said is one message of the customer.
type Said struct {
	Text  string
	Files []Attachment
}

// Attachment is a file that came with a message.
type Attachment struct {
	channel.Media
	File   channel.File
	Failed bool // it could not be fetched
	// Unfetched: nobody was to look into it, as while a person answers.
	Unfetched bool
}

// Outcome is how a turn ended.
type Outcome string

// The outcomes of a turn.
const (
	Answered Outcome = "answered"
	Blocked  Outcome = "blocked"  // by a guardrail, of the input or of the reply
	TooLong  Outcome = "too_long" // the input's max_length
	Failed   Outcome = "failed"
)

// Result is a finished turn. What of it is stored and sent is the caller's business.
type Result struct {
	Outcome  Outcome
	Reply    string            // as it may be read; "" unless answered
	Reason   string            // one sentence for the owner, unless answered
	UserText string            // what the input guardrails let through, attachments in brackets; "" when they blocked
	Remember []model.Message   // for memory: what the customer said and the reply; none unless answered
	Steps    []Step            // the trace; holds nothing that the guardrails took out
	Verdicts []DirectedVerdict // of every guardrail that ran
	Usage    []model.Usage     // of every call to a model
	Prompt   []PromptMessage   // as sent last
	Also     []string          // what tools say to the customer before the reply; none unless answered
	HandOver string            // why a tool called for a person, who answers from here on; "" = none did
	Noted    []tool.Record     // what tools want seen by people; none unless answered
	Kept     []tool.Kept       // what tools want stored for the customer; none unless answered
	Notices  []Notice          // for the Logs page
	Overdue  bool              // turns that are in no summary yet were left out of the prompt: it is time for [Agent.Fold]
	Passing  bool              // it failed because every model did by itself: another try may go better
	Data     json.RawMessage   // an object that fits spec.output_schema, as the output guardrails left it; nil = none

	perByte float64 // tokens of the prompt for each of its bytes, see Tokens
}

// turn is one turn at work. One goroutine owns it, but for what mu guards: to
// that the branches of a pattern add while they run side by side.
type turn struct {
	agent   *Agent
	in      Input
	clock   *workTime
	input   guardrail.Chain
	output  guardrail.Chain
	text    string // the burst as the input guardrails let it through
	past    memory.Past
	history []model.Message // past, as a model reads it
	prompt  []model.Message
	answer  string
	effects *tool.Effects
	aside   *aside
	data    map[string]any // of the answer, by output_schema
	callers []string       // the agents that this one answers as a tool, outermost first; see consult

	mu     sync.Mutex
	over   bool // see finish
	result Result
	handed string // what an agent said that was asked last, without its data
	left   int    // how often a model may still be asked
	budget int    // tokens that models may write in the turn (cost_limit); 0 = no bound
	last   reading
}

// reading is what a model was last understood to say, and what it counted for it.
type reading struct {
	text   string
	tokens int
	cut    bool // cost_limit stopped it
}

// ending ends a turn early, with what became of it.
type ending struct {
	outcome Outcome
	reason  string
}

func (e *ending) Error() string { return string(e.outcome) + ": " + e.reason }

func failed(format string, args ...any) error {
	return &ending{Failed, fmt.Sprintf(format, args...)}
}

// Turn makes one reply. The error is not nil in two cases only: no model can be
// reached (it wraps model.ErrUnavailable; nothing is decided, and the caller
// asks again later), or ctx was ended by the caller.
func (a *Agent) Turn(ctx context.Context, in Input) (Result, error) {
	a.begin()
	defer a.end()
	t := &turn{agent: a, in: in, left: a.iterations}
	t.input, t.output = a.guards(in.Customer)
	if limit, only := t.output.TokenLimit(); !only {
		t.budget = limit
	}
	work, clock, stop := startWork(ctx, a.limit)
	defer stop()
	t.clock = clock
	err := t.run(work, append([]stage{
		{"guardrail", "input", t.guardInput},
		{"tool", "open", t.openTools},
		{"memory", "history", t.recall},
	}, t.answering()...))
	return t.end(ctx, work, err)
}

// answering are the stages from the prompt to what may be read, the same for an
// agent that a customer asks and for one that another agent asks.
func (t *turn) answering() []stage {
	return []stage{
		{"model", "prompt", t.compose},
		{"model", "converse", t.converse},
		{"guardrail", "output", t.guardOutput},
		{"guardrail", "gate", t.lastGate},
		{"guardrail", "data", t.guardData},
	}
}

// stage is one step of a turn; data is what it tells the trace.
type stage struct {
	stage, name string
	do          func(ctx context.Context, data map[string]any) error
}

func (t *turn) run(ctx context.Context, stages []stage) error {
	for _, s := range stages {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		data := map[string]any{}
		began := t.agent.now()
		err := s.do(ctx, data)
		seen := s.name != "converse" && s.name != "open" && (s.name != "data" || len(data) > 0)
		if seen { // the others are seen by what follows from them
			t.record(s.stage, s.name, began, data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *turn) end(ctx, work context.Context, err error) (Result, error) {
	t.finish()
	r := &t.result
	var end *ending
	var fault *model.Error
	switch {
	case err == nil:
		r.Outcome, r.Reply, r.perByte = Answered, t.answer, t.tokensPerByte()
		r.Overdue = t.agent.memory.Overdue(t.past)
		r.Remember = []model.Message{
			{Role: model.RoleUser, Content: r.UserText}, {Role: model.RoleAssistant, Content: t.answer},
		}
	case ctx.Err() != nil:
		return *r, fmt.Errorf("turn ended by its caller: %w", ctx.Err())
	case errors.Is(err, model.ErrUnavailable):
		return *r, fmt.Errorf("turn of agent %s: %w", t.agent.Name(), err)
	case errors.As(err, &end):
		r.Outcome, r.Reason = end.outcome, end.reason
	case errors.Is(context.Cause(work), errUsedUp):
		r.Outcome, r.Reason = Failed, fmt.Sprintf("agent %s worked for %s without finishing its reply: "+
			"raise orchestration.timeout_seconds, or use a smaller model", t.agent.Name(), t.agent.limit)
	case errors.As(err, &fault):
		r.Outcome, r.Reason, r.Passing = Failed, fault.Candidate+": "+fault.Reason, fault.Passing
	default:
		r.Outcome, r.Reason = Failed, err.Error()
	}
	t.takeEffects()
	return *r, nil
}

// guardInput lets the input guardrails judge the burst as one text.
func (t *turn) guardInput(_ context.Context, data map[string]any) error {
	var texts []string
	for _, s := range t.in.Said {
		if text := clean(s.Text); text != "" {
			texts = append(texts, text)
		}
	}
	for _, without := range t.agent.skippedRules() {
		t.notice("guardrail", without)
	}
	v := t.input.Run(strings.Join(texts, "\n"))
	t.verdict("input", v, data)
	if v.Action == guardrail.Block {
		if v.Rule == guardrail.MaxLengthRule || v.Rule == guardrail.CostLimitRule {
			return &ending{TooLong, "the message is longer than the agent's guardrail " + v.Rule + " allows"}
		}
		return &ending{Blocked, "the guardrail " + v.Rule + " blocked the message"}
	}
	t.text = v.Text
	t.result.UserText = joinLines(t.text, t.attachments(true))
	if t.result.UserText == "" {
		return failed("there is nothing to answer: no text and no attachment was left")
	}
	return nil
}

// recall reads the history window, before which what is too old is forgotten.
func (t *turn) recall(ctx context.Context, data map[string]any) error {
	if t.in.SessionID == "" {
		return nil
	}
	past, err := memory.Load(ctx, t.agent.store, t.agent.memory, t.agent.Name(), t.in.SessionID, t.agent.now())
	if err != nil {
		return fmt.Errorf("the conversation's memory could not be read: %w", err)
	}
	t.past, t.history = past, past.Messages()
	data["entries"] = len(t.history)
	if past.Summary != "" {
		data["summary"] = len(past.Summary)
	}
	return nil
}

// guardOutput lets the output guardrails judge the reply.
func (t *turn) guardOutput(_ context.Context, data map[string]any) error {
	chain := t.output
	if t.last.text == t.answer {
		chain = chain.Counted(t.last.tokens, t.last.cut)
	}
	v := chain.Run(t.answer)
	t.verdict("output", v, data)
	if v.Action == guardrail.Block {
		return &ending{Blocked, "the guardrail " + v.Rule + " blocked the reply"}
	}
	t.answer = v.Text
	return nil
}

// lastGate is the last look before a customer reads it: no reasoning, no tool
// call, no internal word, and not nothing.
func (t *turn) lastGate(_ context.Context, data map[string]any) error {
	text, hidden := t.gate(t.answer)
	if len(hidden) > 0 {
		data["hidden"] = hidden
	}
	t.answer = sayable(text)
	if t.answer == "" {
		return failed("nothing of the model's reply may be read by a customer")
	}
	return nil
}

func (t *turn) verdict(direction string, v guardrail.Verdict, data map[string]any) {
	t.judge(direction, v)
	data["action"], data["findings"] = string(v.Action), len(v.Findings)
	if v.Rule != "" {
		data["rule"] = v.Rule
	}
}
