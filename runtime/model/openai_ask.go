package model

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// listing is what a server says of its models.
type listing struct {
	names []string
	found bool // the candidate's own model is among them
	ctx   int  // tokens that it can read, 0 if not told
	size  int64
}

// Capabilities are not told by the API. Pictures and tools are sent until the
// server refuses them for this model, which is remembered for an hour. How much a
// model can read some servers tell in their list, which is asked for every five
// minutes; a server without a list is taken at its word when it answers.
func (o *OpenAI) Capabilities(ctx context.Context) (Capabilities, error) {
	l, fresh := o.state.list()
	if !fresh {
		var err error
		if l, err = o.ask(ctx); err != nil {
			return Capabilities{}, err
		}
	}
	return Capabilities{
		Vision: !o.state.drops(partImages), Tools: !o.state.drops(partTools),
		ContextLength: l.ctx, Size: l.size, Remote: o.isPaid(),
	}, nil
}

// Alive asks the server, past anything remembered, whether it is there, takes the
// key and has the model. It costs nothing.
func (o *OpenAI) Alive(ctx context.Context) error {
	if wait := o.state.pause(); wait > 0 {
		return o.busy(wait, nil)
	}
	_, err := o.ask(ctx)
	return err
}

// ask fetches the list. That a server has none, or keeps it to itself, is no failure.
func (o *OpenAI) ask(ctx context.Context) (l listing, err error) {
	limited, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	l, err = o.fetchList(limited)
	status, _, _ := statusOf(err)
	switch {
	case err == nil:
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed, status == http.StatusNotImplemented,
		status == http.StatusForbidden: // a key of OpenAI may be for chats only; a wrong one is 401
		l, err = listing{found: true}, nil
	default:
		if limited.Err() != nil && ctx.Err() == nil {
			return l, o.absent()
		}
		return l, o.failure(ctx, err)
	}
	// Gateways list what they like, and llama.cpp and TGI answer to any name.
	if !l.found && (o.kind == kindOpenAI || o.kind == kindVLLM) {
		return l, &Error{Candidate: o.name, Unreachable: true, Reason: o.missing()}
	}
	o.state.mu.Lock()
	defer o.state.mu.Unlock()
	o.state.listed, o.state.askedAt = l, time.Now()
	return l, nil
}

func (o *OpenAI) absent() *Error {
	e := &Error{Candidate: o.name, Unreachable: true}
	e.Reason = fmt.Sprintf("The server does not answer at %s. See that it runs and that this computer can reach it, or correct the endpoint.", o.server.base)
	return e
}

func (s *openAIState) list() (listing, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.listed, !s.askedAt.IsZero() && time.Since(s.askedAt) < rememberFor
}

// maxList bounds the list of models: the longest known, of a gateway to all
// providers, has about half a megabyte.
const maxList = 4 << 20

// fetchList reads the list by itself: the library's form of it leaves out how
// much a model can read.
func (o *OpenAI) fetchList(ctx context.Context) (listing, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, o.server.base.JoinPath("models").String(), nil)
	if err != nil {
		return listing{}, fmt.Errorf("make request: %w", err)
	}
	if key := o.key(); key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	response, err := o.server.http.Do(request)
	if err != nil {
		return listing{}, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(io.LimitReader(response.Body, maxList))
	if err != nil {
		return listing{}, err
	}
	if response.StatusCode != http.StatusOK {
		e := openai.ErrorResponse{}
		if json.Unmarshal(data, &e) == nil && e.Error != nil {
			e.Error.HTTPStatusCode = response.StatusCode
			return listing{}, e.Error
		}
		return listing{}, &openai.RequestError{HTTPStatusCode: response.StatusCode}
	}
	return parseListing(data, o.model)
}

// parseListing reads a list of models. Beside the name, servers tell in fields of
// their own how much a model can read (vLLM max_model_len, OpenRouter
// context_length, Groq context_window, llama.cpp meta.n_ctx_train) and how large
// it is (llama.cpp meta.n_params).
func parseListing(data []byte, model string) (l listing, err error) {
	var body struct {
		Data []struct {
			ID     string  `json:"id"`
			Length float64 `json:"max_model_len"`
			Open   float64 `json:"context_length"`
			Window float64 `json:"context_window"`
			Meta   struct {
				Trained float64 `json:"n_ctx_train"`
				Size    float64 `json:"n_params"`
			} `json:"meta"`
		} `json:"data"`
	}
	if err := json.Unmarshal(data, &body); err != nil {
		return l, errors.Join(errGarbage, err)
	}
	for _, m := range body.Data {
		if m.ID == "" {
			continue
		}
		l.names = append(l.names, m.ID)
		if m.ID != model && fullName(m.ID) != fullName(model) {
			continue
		}
		l.found = true
		if n := max(m.Length, m.Open, m.Window, m.Meta.Trained); n >= 1 && n < 1<<30 {
			l.ctx = int(n)
		}
		if m.Meta.Size >= 1 && m.Meta.Size < 1e15 {
			l.size = int64(m.Meta.Size)
		}
	}
	slices.Sort(l.names)
	return l, nil
}
