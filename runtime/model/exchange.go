package model

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ollama/ollama/api"
)

// exchange is one question and its answer, with what is needed to fit the
// prompt into the model's context.
type exchange struct {
	o       *Ollama
	body    *api.ChatRequest
	size    promptSize
	allowed int // the model's context length, 0 = not known
	onToken func(string)

	answer answer
	numCtx int
	cut    bool
}

// run sends the request with truncate=false, so that the server refuses a
// prompt that is longer than num_ctx instead of silently dropping its oldest
// messages. Then num_ctx grows; only when it cannot grow any more may the
// server cut, and that is noted.
//
// Measured with Ollama 0.17.4: prompt_eval_count is the length of the whole
// prompt also when most of it comes from the cache, and after a cut it is the
// length of what was kept. The answer to a refused prompt is an error line or
// status 400 with "the input length exceeds the context length".
func (x *exchange) run(ctx context.Context) error {
	refuse, allow := false, true
	x.body.Truncate = &refuse
	for {
		tokens := x.o.state.size.tokens(x.size) + x.o.parameters.maxTokens
		x.numCtx = x.o.state.size.fit(tokens, x.o.parameters.numCtx, x.allowed)
		x.body.Options["num_ctx"] = x.numCtx
		var err error
		x.answer, err = x.o.post(ctx, x.body, x.o.timeout, x.onToken)
		switch {
		case err == nil:
			x.settle()
			return nil
		case !x.cut && tooLong(err):
			if !x.o.state.size.grow(x.o.parameters.numCtx, x.allowed) {
				x.cut = true
				x.body.Truncate = &allow
			}
		case loadFailed(err) && x.o.state.size.retreat(x.numCtx):
		default:
			return err
		}
	}
}

// settle learns from what the server counted, and tells about a cut prompt.
func (x *exchange) settle() {
	counted := x.answer.last.PromptEvalCount
	// A server too old to know truncate=false cuts without a word. The estimate
	// is rough, so only a prompt of which less than half was read counts.
	estimate := x.o.state.size.tokens(x.size)
	if counted > 0 && estimate > x.numCtx && counted < estimate/2 {
		x.cut = true
	}
	if !x.cut {
		x.o.state.size.learn(x.size, counted, x.numCtx)
		return
	}
	text := fmt.Sprintf("The conversation is longer than the %d tokens that %s can read at once, so its beginning was left out. Shorten the agent's prompt or memory", x.numCtx, x.o.model)
	if x.o.parameters.numCtx > 0 {
		text += ", or raise num_ctx"
	}
	x.o.notify(Notice{Candidate: x.o.name, Kind: "prompt_cut", Text: text + "."})
}

func tooLong(err error) bool {
	text := err.Error()
	return isServerError(err) && strings.Contains(text, "exceeds") && strings.Contains(text, "context")
}

// loadFailed: the model does not fit with this num_ctx.
func loadFailed(err error) bool {
	text := err.Error()
	return isServerError(err) && (strings.Contains(text, "memory") || strings.Contains(text, "failed to load") ||
		strings.Contains(text, "runner process has terminated") || strings.Contains(text, "allocate"))
}

func isServerError(err error) bool {
	var status api.StatusError
	var line serverError
	return errors.As(err, &status) || errors.As(err, &line)
}

// serverTimes tells how long the server made the request wait before it began,
// and how long it then worked. The total also holds the time to render and
// tokenize the prompt, which is milliseconds.
func serverTimes(m api.Metrics) (waited, work time.Duration) {
	work = m.PromptEvalDuration + m.EvalDuration
	return max(0, m.TotalDuration-m.LoadDuration-work), work
}

// response checks the answer and hands it over.
func (x *exchange) response(wait time.Duration, background bool) (Response, error) {
	a := x.answer
	r := Response{Content: string(a.content), Thinking: string(a.thinking), Usage: Usage{
		Candidate:    x.o.name,
		TokensIn:     a.last.PromptEvalCount,
		TokensOut:    a.last.EvalCount,
		Wait:         wait,
		Load:         a.last.LoadDuration,
		PromptEval:   a.last.PromptEvalDuration,
		Generation:   a.last.EvalDuration,
		NumCtx:       x.numCtx,
		PromptWasCut: x.cut,
		AnswerWasCut: a.last.DoneReason == "length",
	}}
	for i, call := range a.calls {
		r.ToolCalls = append(r.ToolCalls, callFromWire(i, call))
	}
	if !background && len(r.ToolCalls) == 0 && strings.TrimSpace(r.Content) == "" {
		e := &Error{Candidate: x.o.name, Reason: fmt.Sprintf("The model %s answered with nothing.", x.o.model), ownFault: true}
		if r.Usage.AnswerWasCut && r.Thinking != "" {
			e.Reason = fmt.Sprintf("The model %s used all its %d tokens for reasoning and gave no answer. Raise max_tokens, or set think: false.", x.o.model, x.o.parameters.maxTokens)
		}
		return Response{}, e
	}
	return r, nil
}
