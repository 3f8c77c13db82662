package agent

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"astromesh/config"
	"astromesh/runtime/model"
)

// lead is the short form, as the sample sales-qualifier writes it.
func lead(s *config.AgentSpec) {
	s.Tools = nil
	s.OutputSchema = map[string]any{
		"score": map[string]any{"type": "integer"}, "urgent": map[string]any{"type": "boolean"},
		"next_action": map[string]any{"type": "string", "required": false},
	}
}

func withTools(change func(*config.AgentSpec)) func(*config.AgentSpec) {
	return func(s *config.AgentSpec) {
		tools := s.Tools
		change(s)
		s.Tools = tools
	}
}

// ownField is a schema that has the customer's words itself.
func ownField(s *config.AgentSpec) {
	s.Tools = nil
	s.OutputSchema = map[string]any{"type": "object", "properties": map[string]any{
		"message": map[string]any{"type": "string"}, "mood": map[string]any{"type": "string", "enum": []any{"good", "bad"}},
	}, "required": []any{"mood"}}
}

func TestOutputSchema(t *testing.T) {
	const fits = `{"reply": "Thank you!", "data": {"score": 8, "urgent": true}}`
	for _, c := range []struct {
		name    string
		change  func(*config.AgentSpec)
		replies []model.Response
		reply   string
		data    string // "" = none
		formats string // of the calls: F = with format, - = without
		notice  string
	}{
		{"at once", lead, []model.Response{words(fits)}, "Thank you!", `{"score":8,"urgent":true}`, "F", ""},
		{"with a fence", lead, []model.Response{words("```json\n" + fits + "\n```")}, "Thank you!", `{"score":8,"urgent":true}`, "F", ""},
		{"as small models write JSON", lead, []model.Response{words("{'reply': 'Thank you!', 'data': {'score': '8', 'urgent': True,}")}, "Thank you!", `{"score":8,"urgent":true}`, "F", ""},
		{"mended when asked once more", lead, []model.Response{words(`{"reply": "Thanks", "data": {"urgent": true}}`), words(fits)}, "Thank you!", `{"score":8,"urgent":true}`, "FF", ""},
		{"never: the words go out alone", lead, []model.Response{words(`{"reply": "Thanks", "data": {}}`), words(`{"reply": "Thanks again"}`)}, "Thanks", "", "FF", "without data"},
		{"never, and no JSON at all", lead, []model.Response{words("Thank you very much."), words("You are welcome.")}, "Thank you very much.", "", "FF", "without data"},
		{"words, then the form", lead, []model.Response{words("Thank you."), words(fits)}, "Thank you!", `{"score":8,"urgent":true}`, "FF", ""},
		{"its own field", ownField, []model.Response{words(`{"message": "Fine.", "mood": "GOOD"}`)}, "Fine.", `{"message":"Fine.","mood":"good"}`, "F", ""},
		{"with tools: words cost a call more", withTools(lead), []model.Response{words("Thank you."), words(fits)}, "Thank you!", `{"score":8,"urgent":true}`, "-F", ""},
		{"with tools: the form at once", withTools(lead), []model.Response{calls("datetime_now", nil), words(fits)}, "Thank you!", `{"score":8,"urgent":true}`, "--", ""},
		{"several roles", func(s *config.AgentSpec) { lead(s); s.Orchestration.Pattern = "plan_and_execute" },
			[]model.Response{words(`{"steps": ["look"]}`), words("Looked."), words(fits)}, "Thank you!", `{"score":8,"urgent":true}`, "F--F", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := says(c.replies...)
			got := turnOf(t, newAgent(t, helper(c.change), m), said("I want to buy"))
			if got.Reply != c.reply || string(got.Data) != c.data {
				t.Errorf("%s: %q with %s: %s", got.Outcome, got.Reply, got.Data, got.Reason)
			}
			var formats strings.Builder
			for _, r := range m.sent() {
				formats.WriteString(map[bool]string{true: "F", false: "-"}[r.Format != nil])
			}
			if c.name != "several roles" && formats.String() != c.formats {
				t.Errorf("calls %s, want %s", &formats, c.formats)
			}
			if last := m.sent()[len(m.sent())-1]; c.name == "several roles" && last.Format == nil {
				t.Error("the last call has no format")
			}
			if notices := fmt.Sprint(got.Notices); c.notice == "" && len(got.Notices) > 0 || !strings.Contains(notices, c.notice) {
				t.Errorf("notices %s", notices)
			}
			if n := len(got.Remember); n != 2 || got.Remember[1].Content != c.reply {
				t.Errorf("remembered %+v", got.Remember)
			}
		})
	}
}

// TestOutputSchemaIsTold: in the first message, which is the same for everybody.
func TestOutputSchemaIsTold(t *testing.T) {
	m := says(words(`{"reply": "Hi.", "data": {"score": 1, "urgent": false}}`))
	turnOf(t, newAgent(t, helper(lead), m), said("hi"))
	first := m.sent()[0].Messages[0].Content
	if !strings.HasPrefix(first, "You are the check assistant.\n\nWrite your answer as one JSON object") || !strings.Contains(first, `"required":["reply","data"]`) {
		t.Errorf("first message %q", first)
	}
	var schema struct {
		Properties struct {
			Data struct {
				Required []string `json:"required"`
			} `json:"data"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(m.sent()[0].Format, &schema); err != nil || fmt.Sprint(schema.Properties.Data.Required) != "[score urgent]" {
		t.Errorf("format %s, %v", m.sent()[0].Format, err)
	}
}

// TestOutputSchemaDataPassesTheGuardrails: what is taken out of a reply is not kept.
func TestOutputSchemaDataPassesTheGuardrails(t *testing.T) {
	schema := func(s *config.AgentSpec) {
		s.Tools = nil
		s.OutputSchema = map[string]any{"mail": "string", "all": map[string]any{"type": "array", "items": map[string]any{"type": "string"}}}
		s.Guardrails.Output = []config.Guardrail{{Type: "pii_detection", Action: "redact"}}
	}
	reply := words(`{"reply": "I write to ana@example.org.", "data": {"mail": "ana@example.org", "all": ["bob@example.org"]}}`)
	got := turnOf(t, newAgent(t, helper(schema), says(reply)), said("hi"))
	if want := `{"all":["[REDACTED_EMAIL]"],"mail":"[REDACTED_EMAIL]"}`; string(got.Data) != want || got.Reply != "I write to [REDACTED_EMAIL]." {
		t.Errorf("%q, %s", got.Reply, got.Data)
	}
	for _, s := range got.Steps {
		if b, err := json.Marshal(s.Data); err != nil || strings.Contains(string(b), "ana@") {
			t.Errorf("step %s holds %s", s.Name, b)
		}
	}
	own := func(s *config.AgentSpec) {
		ownField(s)
		s.Guardrails.Output = []config.Guardrail{{Type: "pii_detection", Action: "redact"}}
	}
	got = turnOf(t, newAgent(t, helper(own), says(words(`{"message": "Ask ana@example.org.", "mood": "bad"}`))), said("hi"))
	if want := `{"message":"Ask [REDACTED_EMAIL].","mood":"bad"}`; string(got.Data) != want {
		t.Errorf("data %s", got.Data)
	}
}

// TestOutputSchemaDataHidesNumbersAndNames: a card is one as a number too, and an
// address as the name of a field; what is neither stays as it is.
func TestOutputSchemaDataHidesNumbersAndNames(t *testing.T) {
	schema := func(s *config.AgentSpec) {
		s.Tools = nil
		s.OutputSchema = map[string]any{"type": "object", "properties": map[string]any{"card": map[string]any{}, "price": map[string]any{"type": "number"}}}
		s.Guardrails.Output = []config.Guardrail{{Type: "pii_detection", Action: "redact"}}
	}
	reply := words(`{"reply": "Thank you.", "data": {"card": 4111111111111111, "price": 1250000.5, "of": {"ana@example.org": [1, true]}}}`)
	got := turnOf(t, newAgent(t, helper(schema), says(reply)), said("hi"))
	if want := `{"card":"[REDACTED_CC]","of":{"[REDACTED_EMAIL]":[1,true]},"price":1250000.5}`; string(got.Data) != want {
		t.Errorf("data %s, want %s", got.Data, want)
	}
}

// TestOutputSchemaThatCannotWork is refused when the agent is made.
func TestOutputSchemaThatCannotWork(t *testing.T) {
	for _, schema := range []map[string]any{
		{"type": "array"}, {"score": map[string]any{"type": "banana"}}, {"type": "object", "properties": map[string]any{"a": map[string]any{"type": 7}}},
		{"type": "object", "$ref": "https://example.com/schema"},
	} {
		cfg := helper(func(s *config.AgentSpec) { s.OutputSchema = schema })
		if _, err := New(cfg, 1, Parts{Now: noon, Model: func(config.Candidate) (model.LLM, error) { return says(words("x")), nil }}); err == nil || !strings.Contains(err.Error(), "spec.output_schema") {
			t.Errorf("%v: %v", schema, err)
		}
	}
}

// TestOutputSchemaKeepsItsDefinitions: what #/$defs refers to stays at the root.
func TestOutputSchemaKeepsItsDefinitions(t *testing.T) {
	o, err := newOutput(map[string]any{"type": "object", "properties": map[string]any{"size": map[string]any{"$ref": "#/$defs/size"}},
		"$defs": map[string]any{"size": map[string]any{"type": "integer", "maximum": 50}}, "required": []any{"size"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, data, err := o.read(`{"reply": "x", "data": {"size": 42}}`); err != nil || data["size"] != 42.0 {
		t.Errorf("%v, %v", data, err)
	}
	if _, _, err := o.read(`{"reply": "x", "data": {"size": 99}}`); err == nil {
		t.Error("99 fits a maximum of 50")
	}
}

func FuzzOutput(f *testing.F) {
	for _, s := range []string{`{"reply": "a", "data": {"score": 1, "urgent": true}}`, `{"reply": 1}`, "hello", `{'reply': 'x', 'data': {score: 3`, `[{"reply":"a"}]`} {
		f.Add(s)
	}
	cfg := helper(lead)
	o, err := newOutput(cfg.Spec.OutputSchema)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, content string) {
		words, data, err := o.read(content)
		if err == nil && (words == "" || data == nil) {
			t.Errorf("%q gives %q, %v", content, words, data)
		}
		o.saved(content)
	})
}
