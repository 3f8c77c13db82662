package agent

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"astromesh/config"
	"astromesh/runtime/model"
)

func TestPatternParallelFanOut(t *testing.T) {
	split := `{"parts": ["Where is the order?", "When are you open?"]}`
	for _, c := range []struct {
		name  string
		roles []string
		most  int
		plan  string // the planner's words; what it is asked again brings the same
		fails string // the branch with this in it fails
		reply string
		parts int // steps of the pattern
		calls int
	}{
		{"two parts", nil, 10, split, "-", "Both.", 4, 4},
		{"one thing", nil, 10, `{"parts": []}`, "-", "Plain.", 1, 2},
		{"nearly JSON", nil, 10, "Parts: ['Where is the order?', 'When are you open?']", "-", "Both.", 4, 4},
		{"bad twice", nil, 10, "I cannot split it.", "-", "Plain.", 1, 3},
		{"a branch fails", nil, 10, split, "Your part: Where", "Both.", 4, 4},
		{"every branch fails", nil, 10, split, "Your part", "Plain.", 3, 4},
		{"named workers", []string{"worker:orders", "worker:hours", "worker:taste"}, 10, "", "-", "Both.", 4, 4},
		{"fewer calls than workers", []string{"worker:orders", "worker:hours", "worker:taste"}, 3, "", "-", "Both.", 3, 3},
		{"too few calls to split", nil, 3, split, "-", "Plain.", 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := byPrompt(func(_ context.Context, last string) (model.Response, error) {
				switch {
				case strings.Contains(last, "as JSON only"):
					return words(c.plan), nil
				case strings.Contains(last, c.fails):
					return model.Response{}, &model.Error{Candidate: "test/script", Reason: "It failed inside."}
				case strings.Contains(last, "Do this part now"):
					return words("found"), nil
				case strings.Contains(last, "Write the answer"):
					return words("Both."), nil
				}
				return words("Plain."), nil
			})
			r := turnOf(t, newAgent(t, helper(patterned("parallel_fan_out", c.roles...), iterations(c.most)), m), said("Where is it, and are you open?"))
			var n int
			if p := parts(r); p != "" {
				n = len(strings.Split(p, ", "))
			}
			if r.Reply != c.reply || n != c.parts || len(m.sent()) != c.calls {
				t.Errorf("%q %s, parts %s, %d calls", r.Reply, r.Reason, parts(r), len(m.sent()))
			}
			notForCustomers(t, r.Reply)
			sameBeginning(t, m.sent())
		})
	}
}

// Other agents that are tools are asked side by side, each with the message.
func TestPatternParallelFanOutAsksAgents(t *testing.T) {
	front, stock, prices := says(words("Three boxes at two euros.")), says(words("Three boxes.")), says(words("Two euros."))
	r := staff(t, map[string]*script{"front": front, "stock": stock, "prices": prices}, map[string]func(*config.AgentSpec){
		"front": func(s *config.AgentSpec) { asks("stock", "prices")(s); s.Orchestration.Pattern = "parallel_fan_out" },
	})
	got := turnOf(t, get(t, r, "front"), said("Do you have tea, and what is it?"))
	if got.Reply != "Three boxes at two euros." || len(front.sent()) != 1 || len(stock.sent()) != 1 || len(prices.sent()) != 1 {
		t.Errorf("%q %s, parts %s", got.Reply, got.Reason, parts(got))
	}
	told := front.sent()[0].Messages
	if last := told[len(told)-1].Content; !strings.Contains(last, "1. stock\nThree boxes.\n2. prices\nTwo euros.") {
		t.Errorf("the answer is made from %q", last)
	}
}

// A service knows a call that a repeated turn makes again by its key, whichever
// branch comes first.
func TestBranchesNumberTheirCalls(t *testing.T) {
	var mu sync.Mutex
	keys := map[string]string{}
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		keys[string(body)] = r.Header.Get("Idempotency-Key")
		_, _ = io.WriteString(w, "booked")
	}))
	defer service.Close()
	cfg := helper(patterned("parallel_fan_out"), func(s *config.AgentSpec) {
		s.Tools = []config.Tool{{Type: "webhook", Name: "book", Config: map[string]any{"url": service.URL},
			Parameters: map[string]any{"what": map[string]any{"type": "string"}}}}
	})
	m := byPrompt(func(_ context.Context, last string) (model.Response, error) {
		_, what, mine := strings.Cut(last, "Your part: ")
		switch {
		case strings.Contains(last, "as JSON only"):
			return words(`{"parts": ["table", "taxi"]}`), nil
		case mine:
			return calls("book", map[string]any{"what": strings.SplitN(what, "\n", 2)[0]}), nil
		}
		return words("Booked."), nil
	})
	a := newAgent(t, cfg, m)
	for range 4 {
		turnOf(t, a, said("A table and a taxi, please."))
		if keys[`{"what":"table"}`] != "t1-b1-1" || keys[`{"what":"taxi"}`] != "t1-b2-1" || len(keys) != 2 {
			t.Fatalf("keys %v", keys)
		}
	}
}
