package agent

import (
	"fmt"
	"strings"
	"testing"

	"astromesh/runtime/model"
)

const twoSteps = `{"steps": ["Look up the order", "Look up the hours"]}`

func TestPatternPlanAndExecute(t *testing.T) {
	now := map[string]any{"timezone": "UTC"}
	playAll(t, patterned("plan_and_execute"), []play{
		{"two steps", nil, []model.Response{words(twoSteps), words("It is on its way."), words("Nine to six."), words("On its way; we open at nine.")},
			"On its way; we open at nine.", 4, "plan, step 1 of 2, step 2 of 2, answer"},
		{"no steps", nil, []model.Response{words(`{"steps": []}`), words("Hello.")}, "Hello.", 2, "plan"},
		{"one step", nil, []model.Response{words(`{"steps": ["Say hello"]}`), words("Hello.")}, "Hello.", 2, "plan"},
		{"a tool in a step", nil, []model.Response{words(twoSteps), calls("datetime_now", now), words("It is noon."), words("Nine."), words("Open.")},
			"Open.", 5, "plan, step 1 of 2, step 2 of 2, answer"},
		{"nearly JSON", nil, []model.Response{words("Here is my plan:\n```json\n{steps: ['Look up the order', 'Look up the hours',],}\n```"), words("a"), words("b"), words("Done.")},
			"Done.", 4, "plan, step 1 of 2, step 2 of 2, answer"},
		{"a bare list of objects", nil, []model.Response{words(`[{"step": 1, "description": "Look"}, {"step": 2, "description": "Tell"}]`), words("a"), words("b"), words("Done.")},
			"Done.", 4, "plan, step 1 of 2, step 2 of 2, answer"},
		{"taken for a call by the server", nil, []model.Response{calls("datetime_now", map[string]any{"steps": []any{"a", "b"}}), words("a"), words("b"), words("Done.")},
			"Done.", 4, "plan, step 1 of 2, step 2 of 2, answer"},
		{"bad, then repaired", nil, []model.Response{words("I would look first."), words(twoSteps), words("a"), words("b"), words("Done.")},
			"Done.", 5, "plan, step 1 of 2, step 2 of 2, answer"},
		{"bad twice", nil, []model.Response{words("I would look first."), words("And then tell."), words("We are open.")}, "We are open.", 3, "plan!"},
		{"a step that says nothing", nil, []model.Response{words(twoSteps), words(""), words(""), words("Nine."), words("Open at nine.")},
			"Open at nine.", 5, "plan, step 1 of 2!, step 2 of 2, answer"},
		{"no step says anything", nil, []model.Response{words(twoSteps), words(""), words(""), words(""), words(""), words("Hello.")},
			"Hello.", 6, "plan, step 1 of 2!, step 2 of 2!"},
		{"as many calls as allowed", iterations(4), []model.Response{words(`{"steps": ["a", "b", "c", "d", "e"]}`), words("a"), words("b"), words("Done.")},
			"Done.", 4, "plan, step 1 of 2, step 2 of 2, answer"},
		{"a bad plan costs a step", iterations(4), []model.Response{words("no"), words(twoSteps), words("a"), words("Done.")},
			"Done.", 4, "plan, step 1 of 1, answer"},
		{"too few calls for a plan", iterations(3), []model.Response{words("Hello.")}, "Hello.", 1, ""},
		{"the tool's result where no call is left to tell it", iterations(4), []model.Response{words(twoSteps), calls("datetime_now", now), calls("get_user_context", nil), words("Noon, Ana.")},
			"Noon, Ana.", 4, "plan, step 1 of 2, step 2 of 2, answer"},
		{"the plan read back", nil, []model.Response{words(twoSteps), words("a"), words("b"), words("```json\n" + twoSteps + "\n```\nWe open at nine.")},
			"We open at nine.", 4, "plan, step 1 of 2, step 2 of 2, answer"},
		{"the plan alone as the answer", nil, []model.Response{words(twoSteps), words("a"), words("b"), words(twoSteps), words("We open at nine.")},
			"We open at nine.", 5, "plan, step 1 of 2, step 2 of 2, answer"},
		{"the instruction read back", nil, []model.Response{words(twoSteps), words("a"), words("b"),
			words("Write the answer to the customer now, in the customer's language, in plain words.\nWe open at nine.")},
			"We open at nine.", 4, "plan, step 1 of 2, step 2 of 2, answer"},
	})
}

// A later step knows what the earlier ones gave, and so does who answers; the
// planner's server is told the form, and each call which part it is for.
func TestPlanHandsOn(t *testing.T) {
	m := says(words(twoSteps), words("It left on Monday."), words("Nine to six."), words("Done."))
	r := turnOf(t, newAgent(t, helper(patterned("plan_and_execute", "worker")), m), said("Where is it?"))
	sent := m.sent()
	last := func(i int) string { return sent[i].Messages[len(sent[i].Messages)-1].Content }
	if len(sent[0].Format) == 0 || len(sent[1].Format) != 0 || !strings.HasSuffix(last(0), "Write the plan now, as JSON only.)") {
		t.Errorf("formats %s, %s, asked with %q", sent[0].Format, sent[1].Format, last(0))
	}
	if !strings.Contains(last(2), "It left on Monday.") || !strings.Contains(last(3), "It left on Monday.") || !strings.Contains(last(3), "Nine to six.") {
		t.Errorf("step 2 was told %q\nthe answer %q", last(2), last(3))
	}
	if !strings.HasPrefix(last(1), "You do worker for helper.\n\n(") || strings.Contains(last(3), "You do worker") {
		t.Errorf("the worker's template: %q", last(1))
	}
	var seen []string
	for _, s := range r.Steps {
		if s.Stage == "model" && s.Name != "prompt" {
			seen = append(seen, fmt.Sprint(s.Data["part"]))
		}
	}
	if got := strings.Join(seen, ", "); got != "plan, step 1 of 2, step 2 of 2, answer" {
		t.Errorf("the calls are for %s", got)
	}
}
