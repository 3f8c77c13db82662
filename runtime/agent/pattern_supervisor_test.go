package agent

import (
	"fmt"
	"strings"
	"testing"

	"astromesh/config"
	"astromesh/runtime/model"
)

func TestPatternSupervisor(t *testing.T) {
	ask := func(worker, task string) model.Response {
		return words(fmt.Sprintf(`{"worker": %q, "task": %q}`, worker, task))
	}
	answer := words(`{"answer": "On its way."}`)
	playAll(t, patterned("supervisor"), []play{
		{"at once", nil, []model.Response{answer}, "On its way.", 1, "decision"},
		{"one worker", nil, []model.Response{ask("worker", "look"), words("It left."), answer}, "On its way.", 3, "decision, worker:worker, decision"},
		{"two workers", patterned("supervisor", "worker:orders", "worker:hours"), []model.Response{ask("orders", "look"), words("It left."), ask("Hours", "when"), words("Nine."), answer},
			"On its way.", 5, "decision, worker:orders, decision, worker:hours, decision"},
		{"the words of other files", nil, []model.Response{words(`{"delegate": "worker", "task": "look"}`), words("It left."), words(`{"final_answer": "On its way."}`)},
			"On its way.", 3, "decision, worker:worker, decision"},
		{"nobody of that name, repaired", nil, []model.Response{ask("nobody", "look"), answer}, "On its way.", 2, "decision"},
		{"nobody of that name, twice", nil, []model.Response{ask("nobody", "look"), ask("nobody", "look"), words("Hello.")}, "Hello.", 3, "decision!"},
		{"no task", nil, []model.Response{words(`{"worker": "worker"}`), answer}, "On its way.", 2, "decision"},
		{"plain words twice", nil, []model.Response{words("Let me see."), words("Let me see."), words("Hello.")}, "Hello.", 3, "decision!"},
		{"bad after a worker", nil, []model.Response{ask("worker", "look"), words("It left."), words("Hm."), words("Hm."), words("It left.")},
			"It left.", 5, "decision, worker:worker, decision!, answer"},
		{"the same task again", nil, []model.Response{ask("worker", "look"), words("It left."), ask("worker", "look"), words("It left.")},
			"It left.", 4, "decision, worker:worker, decision, answer"},
		{"tasks without end", iterations(5), []model.Response{ask("worker", "1"), words("a"), ask("worker", "2"), words("b"), words("a and b.")},
			"a and b.", 5, "decision, worker:worker, decision, worker:worker, answer"},
		{"one call", iterations(1), []model.Response{words("Hello.")}, "Hello.", 1, ""},
		{"a decision as the answer", iterations(4), []model.Response{ask("worker", "look"), words("It left."), ask("worker", "look"), answer},
			"On its way.", 4, "decision, worker:worker, decision, answer"},
	})
}

// Its workers are other agents, whose words it reads; what it decides is answered.
func TestPatternSupervisorLeadsAgents(t *testing.T) {
	front := says(words(`{"worker": "stock", "task": "Is tea left?"}`), words(`{"answer": "Yes, three boxes."}`))
	stock := says(words("Three boxes."))
	r := staff(t, map[string]*script{"front": front, "stock": stock}, map[string]func(*config.AgentSpec){
		"front": func(s *config.AgentSpec) { asks("stock")(s); s.Orchestration.Pattern = "supervisor" },
	})
	got := turnOf(t, get(t, r, "front"), said("Do you have tea?"))
	if got.Reply != "Yes, three boxes." || parts(got) != "decision, worker:stock, decision" {
		t.Errorf("%q %s, parts %s", got.Reply, got.Reason, parts(got))
	}
	told := front.sent()[1].Messages
	if last := told[len(told)-1].Content; !strings.Contains(last, "stock: Is tea left?\nThree boxes.") || !strings.Contains(last, "Knows about stock.\n") {
		t.Errorf("the supervisor was told %q", last)
	}
	if asked := stock.sent()[0].Messages; asked[len(asked)-1].Content != "Is tea left?" {
		t.Errorf("the worker was asked %+v", asked)
	}
}
