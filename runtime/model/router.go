package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// RouterConfig says how an agent's candidates are chosen between.
type RouterConfig struct {
	// Strategy is one of [Strategies]; "" means capability_match.
	Strategy string
	// FailureThreshold failures in a row take a candidate out of order; 0 = 3.
	FailureThreshold int
	// Recovery is how long it stays out before it is tried once; 0 = 60 s.
	Recovery time.Duration
	// NoFallback: the first in the strategy's order answers or nobody does.
	NoFallback bool
	// CheckEvery is for each model how often [Router.Watch] asks whether it is
	// there; 0 or missing = never. Less than a second counts as one.
	CheckEvery []time.Duration
	// Servers shares the knowledge of what is out of order, and of who is fast,
	// with other agents. Nil: the router keeps its own.
	Servers *Servers
}

// Router sends a request to the candidate that suits it, and to the next one
// when that fails.
type Router struct {
	candidates []*candidate
	strategy   string
	order      strategy
	fallback   bool
	notify     func(Notice)
	turns      atomic.Uint64
	seats      seats
}

// NewRouter makes a router over candidates in the order of the agent file. With
// an unknown strategy every Chat fails and says so.
func NewRouter(models []LLM, config RouterConfig) *Router {
	if config.Strategy == "" {
		config.Strategy = "capability_match"
	}
	if config.FailureThreshold <= 0 {
		config.FailureThreshold = 3
	}
	if config.Recovery <= 0 {
		config.Recovery = 60 * time.Second
	}
	shared, notify := newBreakers(), func(Notice) {}
	if config.Servers != nil {
		shared, notify = config.Servers.breakers, config.Servers.options.Notify
	}
	r := &Router{strategy: config.Strategy, order: strategyByName(config.Strategy), fallback: !config.NoFallback, notify: notify}
	for i, m := range models {
		c := &candidate{llm: m, breaker: shared.get(keyOf(m, config)), pace: shared.pace(m)}
		if i < len(config.CheckEvery) {
			c.checkEvery = config.CheckEvery[i]
		}
		r.candidates = append(r.candidates, c)
	}
	return r
}

// Candidates are the router's models, in the order of the agent file.
func (r *Router) Candidates() []LLM {
	var out []LLM
	for _, c := range r.candidates {
		out = append(out, c.llm)
	}
	return out
}

// Chat answers with the first suitable candidate that can. If none can be
// reached the error is [ErrUnavailable], and as an *Error says for the owner
// what is wrong with each; trying again later may help then. Any other error
// means that a model was reached and failed, or that the context ended.
func (r *Router) Chat(ctx context.Context, req Request) (Response, error) {
	if r.order == nil {
		return Response{}, &Error{Candidate: "router", Reason: fmt.Sprintf("There is no routing strategy %q.", r.strategy)}
	}
	if len(r.candidates) == 0 {
		return Response{}, &Error{Candidate: "router", Reason: "The agent has no model."}
	}
	r.revive(ctx)
	need := needsOf(req)
	need.turn = r.turn(req)
	need.seat = r.seats.of(req)
	var failures []error
	for _, group := range r.groups() {
		var later []*candidate // were asked, and lack something
		for len(group)+len(later) > 0 && ctx.Err() == nil {
			asked, rest := r.ask(ctx, req, group, &failures)
			order := r.order(slices.Concat(later, asked), need)
			later, group = nil, rest
			switch {
			case !r.fallback:
				order = order[:min(1, len(order))]
			case len(rest) > 0: // the first lacks nothing, or none was asked
				order, later = order[:1:1], order[1:]
			}
			response, err := r.try(ctx, req, order, &failures)
			if err == nil {
				return response, nil
			}
			if errors.Is(err, ErrGaveWay) {
				return Response{}, summary(ctx, failures)
			}
			if !r.fallback {
				break
			}
		}
	}
	return Response{}, summary(ctx, failures)
}

// errNobody: none of the candidates answered.
var errNobody = errors.New("nobody answered")

// try asks candidates one after the other.
func (r *Router) try(ctx context.Context, req Request, order []*candidate, failures *[]error) (Response, error) {
	for i := 0; i < len(order) && ctx.Err() == nil; i++ {
		response, err := order[i].chat(ctx, req)
		if err == nil {
			return response, nil
		}
		*failures = append(*failures, err)
		if errors.Is(err, ErrGaveWay) {
			return Response{}, err
		}
		if again := order[i].without(err); again != nil {
			order = append(order, again)
		}
	}
	return Response{}, errNobody
}

// turn numbers a request. What is computed ahead goes where the next real one
// will go, and is not counted.
func (r *Router) turn(req Request) uint64 {
	if req.Background {
		return r.turns.Load() + 1
	}
	return r.turns.Add(1)
}

// groups are the candidates whose last check went well or who are never checked,
// and behind them those that did not answer: they are tried, and asked what they
// can do, only when all others have failed.
func (r *Router) groups() [][]*candidate {
	if !r.fallback {
		return [][]*candidate{r.candidates}
	}
	var up, down []*candidate
	for _, c := range r.candidates {
		if c.breaker.isDown() {
			down = append(down, c)
		} else {
			up = append(up, c)
		}
	}
	return [][]*candidate{up, down}
}

// revive gives candidates a chance to come back early, where none is left.
func (r *Router) revive(ctx context.Context) {
	for _, c := range r.candidates {
		if !c.breaker.isOpen() {
			return
		}
	}
	for _, c := range r.candidates {
		// Only a candidate with a server of its own can be asked.
		if asked, ok := c.llm.(interface{ Alive(context.Context) error }); ok {
			c.breaker.revive(ctx, asked.Alive)
		}
	}
}

// ask finds out what the candidates can do, where the request or the strategy
// makes a difference; those that cannot be asked have failed. Where the order of the
// file decides among those who can, it stops at the first: a customer is not to wait
// for what a server says that is not needed, and may not be there. rest are the others.
func (r *Router) ask(ctx context.Context, req Request, group []*candidate, failures *[]error) (usable, rest []*candidate) {
	need := needsOf(req)
	matters := need.vision || need.tools || need.toolHistory || r.strategy == "cost_optimized"
	inOrder := r.fallback && (r.strategy == "capability_match" || r.strategy == "quality_first")
	for i, c := range group {
		copied := *c
		if matters {
			_, err := c.breaker.do(ctx, func() (Response, error) {
				caps, err := c.llm.Capabilities(ctx)
				copied.caps = caps
				if err == nil {
					err = errAsked
				}
				return Response{}, err
			})
			switch {
			case errors.Is(err, errAsked):
			case r.fallback:
				*failures = append(*failures, err)
				continue
			default:
				copied.refused = err
			}
		}
		usable = append(usable, &copied)
		if matters && inOrder && (need.lacks(&copied) == 0 || r.strategy == "quality_first") {
			return usable, group[i+1:]
		}
	}
	return usable, nil
}

// errAsked ends a successful question about capabilities: it counts as nothing,
// because a server that can describe a model may still fail to run it.
var errAsked = errors.New("asked")

// summary is the error of a request that nobody answered.
func summary(ctx context.Context, failures []error) error {
	unreachable, passing := ctx.Err() == nil, ctx.Err() == nil
	var names, reasons []string
	for _, err := range failures {
		e := &Error{Candidate: "router", Reason: err.Error()}
		errors.As(err, &e)
		unreachable, passing = unreachable && e.Unreachable, passing && (e.Unreachable || e.Passing)
		names = append(names, e.Candidate)
		if !slices.Contains(reasons, e.Reason) {
			reasons = append(reasons, e.Reason)
		}
	}
	if ctx.Err() != nil {
		failures = append(failures, context.Cause(ctx))
		reasons = append(reasons, "The turn ended before a model had answered.")
	}
	if unreachable {
		failures = append(failures, ErrUnavailable)
	}
	return &Error{
		Candidate:   strings.Join(names, ", "),
		Unreachable: unreachable,
		Passing:     passing && !unreachable,
		Reason:      strings.Join(slices.Compact(reasons), " "),
		Err:         errors.Join(failures...),
	}
}
