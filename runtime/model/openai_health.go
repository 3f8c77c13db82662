package model

import (
	"context"
	"errors"
	"slices"
	"time"
)

// openAIHealth asks the servers of the candidates that speak OpenAI's API what
// stands there: one list for each server and key, which costs nothing.
func openAIHealth(ctx context.Context, candidates []LLM) []ServerHealth {
	ctx, cancel := context.WithTimeout(ctx, healthWithin)
	defer cancel()
	var out []ServerHealth
	for _, c := range candidates {
		o, ok := c.(*OpenAI)
		if !ok {
			continue
		}
		endpoint := o.server.base.String()
		at := slices.IndexFunc(out, func(h ServerHealth) bool { return h.Endpoint == endpoint })
		if at < 0 {
			at = len(out)
			out = append(out, ServerHealth{Endpoint: endpoint, OpenAI: true, Installed: []string{}, Queue: o.server.queue.state()})
		}
		h := &out[at]
		if slices.ContainsFunc(h.Models, func(m ModelHealth) bool { return m.Name == o.model }) {
			continue
		}
		h.Models = append(h.Models, o.diagnose(ctx, h))
	}
	return out
}

func (o *OpenAI) diagnose(ctx context.Context, h *ServerHealth) ModelHealth {
	m := ModelHealth{Name: o.model}
	began := time.Now()
	err := o.Alive(ctx)
	h.Latency = max(h.Latency, time.Since(began))
	var e *Error
	switch {
	case err == nil:
		h.Reachable, m.Present, m.Loaded = true, true, true
		m.Capabilities, _ = o.Capabilities(ctx) // was just asked
		if l, _ := o.state.list(); len(l.names) > 0 {
			h.Installed = l.names
		}
	case errors.As(err, &e):
		m.Detail = e.Reason
	default:
		m.Detail = err.Error()
	}
	return m
}
