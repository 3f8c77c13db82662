package agent

import (
	"fmt"
	"testing"

	"astromesh/config"
	"astromesh/runtime/model"
)

func TestPatternSwarm(t *testing.T) {
	to := func(name string) model.Response { return words(fmt.Sprintf(`{"handoff": %q}`, name)) }
	playAll(t, patterned("swarm", "member:orders", "member:returns"), []play{
		{"answers itself", nil, []model.Response{words("Hello.")}, "Hello.", 1, "member:helper"},
		{"hands over", nil, []model.Response{to("orders"), words("It left.")}, "It left.", 2, "member:helper, member:orders"},
		{"hands over twice", nil, []model.Response{to("orders"), to("returns"), words("Send it back.")}, "Send it back.", 3,
			"member:helper, member:orders, member:returns"},
		{"in a fence, with words", nil, []model.Response{words("Sure:\n```json\n{'handoff': 'orders', 'task': 'where is it'}\n```"), words("It left.")},
			"It left.", 2, "member:helper, member:orders"},
		{"to nobody, repaired", nil, []model.Response{to("nobody"), to("orders"), words("It left.")}, "It left.", 3, "member:helper, member:orders"},
		{"to nobody, for ever", nil, []model.Response{to("nobody"), to("nobody"), words("Hello.")}, "Hello.", 3, "member:helper!, member:helper"},
		{"in a circle", nil, []model.Response{to("orders"), to("helper"), to("helper"), words("It left.")}, "It left.", 4,
			"member:helper, member:orders!, member:orders"},
		{"a handover as the answer of the last", nil, []model.Response{to("orders"), to("returns"), to("orders"), words("Send it back.")}, "Send it back.", 4,
			"member:helper, member:orders, member:returns"},
		{"as others call it, by the last", iterations(3), []model.Response{to("orders"), words(`{"transfer": "returns"}`), words(`{"response": "It left."}`)}, "It left.", 3,
			"member:helper, member:orders, member:returns"},
		{"one call", iterations(1), []model.Response{words("Hello.")}, "Hello.", 1, "member:helper"},
		{"two calls", iterations(2), []model.Response{to("orders"), words("It left.")}, "It left.", 2, "member:helper, member:orders"},
		{"nobody to hand over to", patterned("swarm"), []model.Response{words("Hello.")}, "Hello.", 1, "member:helper"},
	})
}

// It hands over to another agent, whose answer is the customer's, and goes on by
// itself where that one cannot answer.
func TestPatternSwarmHandsOverToAgents(t *testing.T) {
	for _, c := range []struct {
		name   string
		first  model.Response
		stock  model.Response
		reply  string
		parts  string
		asked  string
		fronts int // calls of the first agent's model
	}{
		{"as JSON", words(`{"handoff": "stock", "task": "Is tea left?"}`), words("Three boxes."), "Three boxes.", "member:front, worker:stock", "Is tea left?", 1},
		{"without a task", words(`{"handoff": "stock"}`), words("Three boxes."), "Three boxes.", "member:front, worker:stock", "Do you have tea?", 1},
		{"as a call of its tool", calls("stock", map[string]any{"query": "Tea?"}), words("Three boxes."), "Three boxes.", "member:front, worker:stock", "Tea?", 1},
		{"who cannot answer", words(`{"handoff": "stock"}`), words(""), "I do not know.", "member:front, worker:stock!, member:front", "Do you have tea?", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			front, stock := says(c.first, words("I do not know.")), says(c.stock)
			r := staff(t, map[string]*script{"front": front, "stock": stock}, map[string]func(*config.AgentSpec){
				"front": func(s *config.AgentSpec) { asks("stock")(s); s.Orchestration.Pattern = "swarm" },
			})
			got := turnOf(t, get(t, r, "front"), said("Do you have tea?"))
			if got.Reply != c.reply || parts(got) != c.parts || len(front.sent()) != c.fronts {
				t.Errorf("%q %s, parts %s, %d calls", got.Reply, got.Reason, parts(got), len(front.sent()))
			}
			if asked := stock.sent()[0].Messages; asked[2].Content != c.asked {
				t.Errorf("the other agent was asked %+v", asked)
			}
		})
	}
}
