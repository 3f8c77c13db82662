package agent

import (
	"strings"
	"testing"

	"astromesh/config"
	"astromesh/runtime/model"
)

func booking(s *config.AgentSpec) {
	s.Tools = []config.Tool{{Type: "client", Name: "book_table", Parameters: map[string]any{"type": "object",
		"properties": map[string]any{"people": map[string]any{"type": "integer"}, "day": map[string]any{"type": "string"}}, "required": []any{"people"}}}}
}

// TestToolCallsWrittenAsText: run, and never shown.
func TestToolCallsWrittenAsText(t *testing.T) {
	for _, text := range []string{
		`{"name": "book_table", "arguments": {"people": 2}}`,
		"{'name': 'book_table', 'arguments': {'people': 2",
		"<tool_call>book_table(people=2)</tool_call>",
		"I will call `book_table` with {people: 2}",
		"Tool: book_table\nInput: 2",
		"book_table(2)",
		"<book_table><people>2</people></book_table>",
	} {
		m := says(words(text), words("Your table is asked for."))
		got := turnOf(t, newAgent(t, helper(booking), m), said("a table for two"))
		if got.Reply != "Your table is asked for." || len(got.Noted) != 1 || got.Noted[0].Arguments["people"] != 2.0 {
			t.Errorf("%q: %q, noted %v", text, got.Reply, got.Noted)
		}
	}
}

// TestToolCallsWrittenAsTextAllRun: several of one text, in their order.
func TestToolCallsWrittenAsTextAllRun(t *testing.T) {
	m := says(words("[book_table(people=2), book_table(people=3)]"), words("Both are asked for."))
	got := turnOf(t, newAgent(t, helper(booking), m), said("two tables"))
	if len(got.Noted) != 2 || got.Noted[1].Arguments["people"] != 3.0 || shape(m.sent()[1].Messages) != start+" assistant→book_table→book_table tool tool" {
		t.Errorf("noted %v, prompt %s", got.Noted, shape(m.sent()[1].Messages))
	}
}

// TestToolCallThatDoesNotFit: asked once more with the error, then no tool is
// offered any more and the customer is answered.
func TestToolCallThatDoesNotFit(t *testing.T) {
	for _, c := range []struct {
		name    string
		replies []model.Response
		noted   int
		plain   bool // the last call offered no tools
	}{
		{"mended", []model.Response{calls("book_table", map[string]any{"day": "friday"}), calls("book_table", map[string]any{"people": "2"}), words("Done.")}, 1, false},
		{"not mended", []model.Response{calls("book_table", map[string]any{"people": "some"}), calls("book_table", nil), words("Done.")}, 0, true},
		{"as text", []model.Response{words("book_table(people=many)"), words("book_table(day=friday)"), words("Done.")}, 0, true},
		{"two at once", []model.Response{{ToolCalls: []model.ToolCall{{ID: "1", Name: "book_table"}, {ID: "2", Name: "book_table", Arguments: map[string]any{"day": "x"}}}},
			calls("book_table", map[string]any{"people": 4}), words("Done.")}, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := says(c.replies...)
			got := turnOf(t, newAgent(t, helper(booking), m), said("a table"))
			sent := m.sent()
			if got.Reply != "Done." || len(got.Noted) != c.noted || len(sent) != 3 || (len(sent[2].Tools) == 0) != c.plain {
				t.Errorf("%q %s, noted %v, %d calls", got.Reply, got.Reason, got.Noted, len(sent))
			}
			told := sent[1].Messages[len(sent[1].Messages)-1].Content
			if !strings.HasPrefix(told, "Error: ") || !strings.Contains(told, "people") {
				t.Errorf("the model was told %q", told)
			}
		})
	}
}
