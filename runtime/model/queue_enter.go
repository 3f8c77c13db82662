package model

import "context"

// enterQueue waits for a request's slot, and tells the caller that it waits.
func enterQueue(ctx context.Context, q *queue, req Request) (context.Context, *slot, error) {
	if req.Background {
		held, place, err := q.enterBackground(ctx, req.Session, req.MaxTokens == 0)
		if err != nil {
			return ctx, nil, err
		}
		return held, place, nil
	}
	if req.OnQueue != nil {
		req.OnQueue(true)
		defer req.OnQueue(false)
	}
	place, err := q.enter(ctx, req.Session)
	return ctx, place, err
}
