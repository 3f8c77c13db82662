package modeltest

import (
	"testing"

	"github.com/ollama/ollama/api"
)

func TestScriptedModelOnRealServer(t *testing.T) {
	s := Start(t)
	s.Create(t, "script", Script{
		Default:   "I did not understand you.",
		Replies:   map[string]string{"opening-hours?": "We open at nine and close at six, all days of the week."},
		ToolCalls: map[string]Call{"time?": {Name: "datetime_now", Arguments: map[string]any{"zone": "UTC"}}},
		AfterTool: map[string]string{"datetime_now": "It is time now."},
		Image:     "A picture of a cat.",
	})
	show, err := s.Client().Show(t.Context(), &api.ShowRequest{Model: "script"})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(show.Capabilities, show.ModelInfo)
	for _, q := range []string{"hi", "opening-hours?", "tell me opening-hours?", "time?"} {
		err := s.Client().Chat(t.Context(), &api.ChatRequest{Model: "script", Messages: []api.Message{{Role: "user", Content: q}}, Tools: api.Tools{{Type: "function", Function: api.ToolFunction{Name: "datetime_now"}}}}, func(r api.ChatResponse) error {
			t.Logf("%q %v %v %+v", r.Message.Content, r.Message.ToolCalls, r.Done, r.Metrics)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
