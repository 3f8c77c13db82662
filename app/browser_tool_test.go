package app

import (
	"fmt"
	"testing"

	"astromesh/runtime/model/modeltest"

	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/types/model"
)

// The agent keeps something and calls for a person: the conversation, what is
// remembered and the first page say so, wide and narrow, light and dark.
func TestBrowserShowsWhatToolsDid(t *testing.T) {
	r, b := newDashboard(t)
	r.ollama.Set("talker", modeltest.FakeModel{Capabilities: []model.Capability{"completion", "tools"}, Answer: func(req api.ChatRequest) modeltest.Reply {
		if req.Messages[len(req.Messages)-1].Role == "tool" {
			return modeltest.Text("I have called a colleague, who will write to you in a moment.")
		}
		keep := toolCall("cache_store", "action", "set")
		keep.Function.Arguments.Set("key", "order")
		keep.Function.Arguments.Set("value", "4471, two lamps with a green shade, to be fetched on Saturday")
		return modeltest.Reply{ToolCalls: []api.ToolCall{keep, toolCall("send_message", "text", "Your order number: *4471*"), toolCall("hand_over", "reason", "The customer wants to return an order after 30 days and asks for a person")}}
	}})
	r.write("agents/shop.agent.yaml", testAgent+everyTool)
	r.until("the tools", func() bool { a, _ := r.app.agents.Get("shop"); return a != nil && a.Version > 1 })
	r.post(r.meta.Text(ana, "I want to send the lamps back. Can I speak to somebody?"))
	r.reads(ana, "I have called a colleague, who will write to you in a moment.")
	r.idle()
	for path, text := range map[string]string{
		"/": "wants to return an order", "/conversations/1": "is silent until you hand back", "/conversations/1/memory": "What its tools keep", "/agents/shop": "call a person and fall silent",
	} {
		for _, width := range []int64{1280, 360} {
			for _, scheme := range []string{"light", "dark"} {
				b.look(width, scheme)
				b.open(path)
				b.shows(text)
				b.check(fmt.Sprintf("%s at %d px, %s", path, width, scheme))
				b.keep(fmt.Sprintf("tools-%d-%d-%s", len(path), width, scheme))
			}
		}
	}
}
