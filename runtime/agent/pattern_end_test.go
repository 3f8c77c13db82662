package agent

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/config"
	"astromesh/runtime/model"
)

// A person takes over in the middle of a pattern: nothing of it is said, and no
// model is asked any more.
func TestPatternsEndWithTheirCaller(t *testing.T) {
	for _, pattern := range []string{"react", "plan_and_execute", "parallel_fan_out", "pipeline", "supervisor", "swarm"} {
		t.Run(pattern, func(t *testing.T) {
			ctx, takeOver := context.WithCancel(t.Context())
			defer takeOver()
			var late atomic.Int32
			m := byPrompt(func(ctx context.Context, last string) (model.Response, error) {
				if ctx.Err() != nil {
					late.Add(1)
				}
				switch {
				case strings.Contains(last, "Write the p"):
					return words(`{"steps": ["a", "b"]}`), nil
				case strings.Contains(last, "Decide now"):
					return words(`{"worker": "worker", "task": "look"}`), nil
				}
				takeOver()
				return model.Response{}, &model.Error{Candidate: "test/script", Reason: "It was stopped.", Err: context.Cause(ctx)}
			})
			r, err := newAgent(t, helper(patterned(pattern, "member:orders")), m).Turn(ctx, said("hello"))
			most := 1 // parts that are broken off; another branch may be about to begin
			if pattern == "parallel_fan_out" {
				most = 2
			}
			if !errors.Is(err, context.Canceled) || r.Reply != "" || int(late.Load()) >= most || strings.Count(parts(r), "!") > most {
				t.Errorf("%q, %v; asked %d times after the end, parts %s", r.Reply, err, late.Load(), parts(r))
			}
		})
	}
}

// All branches stand in the queue of a busy server for longer than the turn may
// work: that is nobody's work, and the turn goes on.
func TestWaitingBranchesDoNotWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{name: "test/script", say: func(_ context.Context, _ int, req model.Request) (model.Response, error) {
			switch last := req.Messages[len(req.Messages)-1].Content; {
			case strings.Contains(last, "as JSON only"):
				return words(`{"parts": ["a", "b"]}`), nil
			case strings.Contains(last, "Do this part now"):
				req.OnQueue(true)
				<-time.After(time.Minute)
				req.OnQueue(false)
				return words("found"), nil
			}
			return words("Both."), nil
		}}
		a, err := New(helper(patterned("parallel_fan_out")), 1, Parts{Now: noon, Model: func(config.Candidate) (model.LLM, error) { return m, nil }})
		if err != nil {
			t.Fatal(err)
		}
		if r := turnOf(t, a, forgotten("hello")); r.Reply != "Both." {
			t.Errorf("%q %s", r.Reply, r.Reason)
		}
	})
}
