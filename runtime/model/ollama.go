package model

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"time"

	"github.com/ollama/ollama/api"
)

// Ollama is one model on one Ollama server, spoken to through /api/chat.
type Ollama struct {
	name       string
	model      string
	server     *server
	state      *modelState
	parameters parameters
	timeout    time.Duration
	keepAlive  api.Duration
	think      *bool
	notify     func(Notice)
}

// Name is "ollama/MODEL", with "@host:port" if the server is not the default one.
func (o *Ollama) Name() string { return o.name }

// Chat waits for its turn at the server and answers, or fails with an *Error.
func (o *Ollama) Chat(ctx context.Context, req Request) (Response, error) {
	if len(req.Messages) == 0 {
		return Response{}, &Error{Candidate: o.name, Reason: "The request holds no message.", ownFault: true}
	}
	if req.Background && req.MaxTokens == 0 && o.keepAlive.Duration == 0 {
		// The server would load the model, and with it drop what it has computed.
		return Response{}, o.failure(ctx, ErrGaveWay)
	}
	caps, err := o.Capabilities(ctx)
	if err != nil {
		return Response{}, err
	}
	body, err := o.body(req, caps)
	if err != nil {
		return Response{}, &Error{Candidate: o.name, Reason: "A tool has a description that Ollama cannot read.", Err: err, ownFault: true}
	}
	ctx, place, err := enterQueue(ctx, o.server.queue, req)
	if err != nil {
		return Response{}, o.failure(ctx, fmt.Errorf("wait for the server: %w", err))
	}
	x := &exchange{o: o, body: body, size: sizeOf(req), allowed: caps.ContextLength, onToken: req.OnToken}
	err = x.run(ctx)
	// The reason is worked out before the slot is given back: giving it back
	// ends the context of a background request.
	var failure error
	if err != nil {
		failure = o.failure(ctx, err)
		o.loadIfCold(err)
	}
	waited, work := serverTimes(x.answer.last.Metrics)
	o.server.queue.leave(place, waited, work)
	if failure != nil {
		return Response{}, failure
	}
	return x.response(place.wait, req.Background)
}

// body is the request without num_ctx.
func (o *Ollama) body(req Request, caps Capabilities) (*api.ChatRequest, error) {
	tools, err := toolsToWire(req.Tools)
	if err != nil {
		return nil, err
	}
	stream := true
	body := &api.ChatRequest{
		Model:     o.model,
		Messages:  toWire(req.Messages),
		Stream:    &stream,
		Format:    req.Format,
		KeepAlive: &o.keepAlive,
		Tools:     tools,
		Options:   maps.Clone(o.parameters.options),
	}
	if most := req.most(o.parameters.maxTokens); most > 0 {
		body.Options["num_predict"] = most
	}
	// To think is an error for a model that cannot; not to think is none. What is
	// written in the background has few tokens, which thoughts would use up before
	// the first word.
	switch {
	case caps.Thinking && req.Background && req.MaxTokens > 0:
		body.Think = &api.ThinkValue{Value: false}
	case o.think != nil && (caps.Thinking || !*o.think):
		body.Think = &api.ThinkValue{Value: *o.think}
	}
	return body, nil
}

// post sends one request and reads its answer. It ends when the server is
// silent for longer than patience, or gone.
func (o *Ollama) post(ctx context.Context, body *api.ChatRequest, patience time.Duration, onToken func(string)) (a answer, err error) {
	data, err := json.Marshal(body)
	if err != nil {
		return answer{}, fmt.Errorf("encode request: %w", err)
	}
	err = o.server.attend(ctx, patience, func(ctx context.Context, heard func()) (err error) {
		a, err = o.exchange(ctx, data, heard, onToken)
		return err
	})
	return a, err
}

func (o *Ollama) exchange(ctx context.Context, data []byte, heard func(), onToken func(string)) (answer, error) {
	url := o.server.base.JoinPath("/api/chat").String()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(data))
	if err != nil {
		return answer{}, fmt.Errorf("make request: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/x-ndjson")
	response, err := o.server.http.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return answer{}, readStatus(response)
	}
	a, err := readAnswer(response.Body, heard, onToken)
	if err == nil {
		// The end of the body has come with the last piece, or is about to:
		// once read, the connection can be used again.
		_, _ = io.CopyN(io.Discard, response.Body, 1)
	}
	return a, err
}
