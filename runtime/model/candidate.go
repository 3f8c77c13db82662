package model

import (
	"context"
	"errors"
	"time"
)

// candidate is one model as a router sees it.
type candidate struct {
	llm        LLM
	breaker    *breaker
	pace       *pace
	checkEvery time.Duration

	// Filled in for one request: candidates are copied.
	caps    Capabilities
	refused error // it could not be asked what it can do, and nobody may take its place
}

// chat asks one candidate, with a request that fits what it can do.
func (c *candidate) chat(ctx context.Context, req Request) (Response, error) {
	if c.refused != nil {
		return Response{}, c.refused
	}
	return c.breaker.do(ctx, func() (Response, error) {
		if req.Background {
			return c.llm.Chat(ctx, fitRequest(req, c.caps))
		}
		c.pace.begin()
		began := time.Now()
		response, err := c.llm.Chat(ctx, fitRequest(req, c.caps))
		// What the caller stopped is no failure, and still took that long.
		if err == nil || ctx.Err() != nil || counts(ctx, err) {
			c.pace.add(time.Since(began), response.Usage.Load, err != nil)
		}
		return response, err
	})
}

// without gives a candidate that has just refused pictures or tools once more,
// to be asked without them; nil where it has refused nothing new.
func (c *candidate) without(err error) *candidate {
	var e *Error
	if !errors.As(err, &e) || !(e.lacks.vision && c.caps.Vision || e.lacks.tools && c.caps.Tools) {
		return nil
	}
	again := *c
	again.caps.Vision = c.caps.Vision && !e.lacks.vision
	again.caps.Tools = c.caps.Tools && !e.lacks.tools
	return &again
}
