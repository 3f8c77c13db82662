package model

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// OpenAI is one model on a server that speaks OpenAI's chat API: OpenAI itself,
// vLLM, llama.cpp, Hugging Face TGI, Ollama's /v1, and many others.
type OpenAI struct {
	name       string
	kind       string
	model      string
	account    string        // a hash of the key: who shares what is learnt
	key        func() string // a func, so that no verb of fmt shows it
	keyName    string
	client     *openai.Client
	server     *openAIServer
	state      *openAIState
	parameters openAIParameters
	timeout    time.Duration
	notify     func(Notice)
}

// Name is "KIND/MODEL", with "@host:port" unless OpenAI's own service answers.
func (o *OpenAI) Name() string { return o.name }

// isPaid: calls may cost money, so none is made that nobody waits for.
func (o *OpenAI) isPaid() bool { return !isNear(o.server.base) }

// Warm has nothing to do: such a server loads its model when it starts.
func (o *OpenAI) Warm(context.Context) error { return nil }

// Chat waits for its turn at the server and answers, or fails with an *Error.
// What the server refuses of a request though it is not needed (a parameter, a
// format) is left out from then on, and the owner is told. To compute a prompt
// ahead on a server that may cost money ends with ErrGaveWay at once.
func (o *OpenAI) Chat(ctx context.Context, req Request) (Response, error) {
	if len(req.Messages) == 0 {
		return Response{}, &Error{Candidate: o.name, Reason: "The request holds no message.", ownFault: true}
	}
	if req.Background && req.MaxTokens == 0 && o.isPaid() {
		return Response{}, o.failure(ctx, ErrGaveWay)
	}
	if wait := o.state.pause(); wait > 0 {
		return Response{}, o.busy(wait, nil)
	}
	ctx, place, err := enterQueue(ctx, o.server.queue, req)
	if err != nil {
		return Response{}, o.failure(ctx, fmt.Errorf("wait for the server: %w", err))
	}
	answer, err := o.insist(ctx, req)
	var failure error
	if err != nil {
		failure = o.failure(ctx, err) // before the slot is given back, which ends a background request
	}
	o.server.queue.leave(place, 0, 0)
	if failure != nil {
		return Response{}, failure
	}
	return o.response(answer, place.wait, req.Background && req.MaxTokens == 0)
}

// maxInsist is how many things a server may refuse of one request, one after the
// other.
const maxInsist = 6

// insist sends the request, without what the server refuses, until it is taken.
func (o *OpenAI) insist(ctx context.Context, req Request) (openAIAnswer, error) {
	for range maxInsist {
		body := o.body(req)
		a, err := o.post(ctx, body, req.OnToken)
		if err == nil || ctx.Err() != nil {
			return a, err
		}
		what := refusedPart(err, body)
		switch what {
		case "":
			return a, err
		case partImages, partTools:
			return a, o.refuses(what, err)
		}
		if o.state.drop(what) && what != partUsage && what != partMaxTokens {
			o.notify(Notice{Candidate: o.name, Kind: "parameter_refused", Text: fmt.Sprintf(
				"The server of %s does not take %s for this model: it is left out. Take it out of the agent's file.", o.model, what)})
		}
	}
	return openAIAnswer{}, errStubborn
}

// refuses notes that pictures or tools were refused. What was wrong with one picture
// or one conversation is forgotten with it; what the server never takes is not sent
// again for a while. The owner is told of tools, which an agent is lame without.
func (o *OpenAI) refuses(part string, err error) *refusal {
	r := &refusal{part: part, err: err}
	if neverTakes(part, err) {
		o.state.drop(part)
	}
	if part == partTools && o.state.firstOf(part) {
		o.notify(Notice{Candidate: o.name, Kind: "parameter_refused", Text: o.lacks(part)})
	}
	return r
}

var errStubborn = errors.New("the server refused one part of the request after the other")

// post sends one request and reads its answer. It ends when the server is silent
// for longer than the candidate's timeout.
func (o *OpenAI) post(ctx context.Context, body openai.ChatCompletionRequest, onToken func(string)) (a openAIAnswer, err error) {
	wait := &waitNote{}
	began := time.Now()
	err = patiently(withWaitNote(ctx, wait), o.timeout, nil, func(ctx context.Context, heard func()) error {
		stream, err := o.client.CreateChatCompletionStream(ctx, body)
		if err != nil {
			return err
		}
		defer func() { _ = stream.Close() }() // it was only read
		a, err = readOpenAI(stream.Recv, heard, onToken)
		return err
	})
	a.began, a.ended = began, time.Now()
	if d := wait.get(); err != nil && d > 0 {
		err = &waitError{after: d, err: err}
	}
	return a, err
}

// response checks the answer and hands it over. The API tells no times: reading
// the prompt is what passed until the first piece, generating what came after.
func (o *OpenAI) response(a openAIAnswer, wait time.Duration, background bool) (Response, error) {
	r := Response{Content: string(a.content), Thinking: string(a.thinking), Usage: Usage{
		Candidate: o.name, TokensIn: a.tokensIn, TokensOut: a.tokensOut, Wait: wait,
		PromptEval: max(0, a.first.Sub(a.began)), Generation: max(0, a.ended.Sub(a.first)),
		AnswerWasCut: a.finish == openai.FinishReasonLength,
	}}
	r.ToolCalls, r.Content = a.toolCalls(r.Content)
	if background || len(r.ToolCalls) > 0 || strings.TrimSpace(r.Content) != "" {
		return r, nil
	}
	e := &Error{Candidate: o.name, Reason: fmt.Sprintf("The model %s answered with nothing.", o.model), ownFault: true}
	switch {
	case a.finish == openai.FinishReasonContentFilter:
		e.Reason = fmt.Sprintf("The filter of the server stopped the answer of %s. Choose another model, or change what the agent's prompt asks for.", o.model)
	case r.Usage.AnswerWasCut:
		e.Reason = fmt.Sprintf("The model %s used all its %d tokens for reasoning and gave no answer. Raise max_tokens, or choose another model.", o.model, o.parameters.maxTokens)
	}
	return Response{}, e
}
