package modeltest

import (
	"testing"

	"github.com/ollama/ollama/api"
)

// The same model, the same words, at any temperature and seed.
func TestScriptedModelIsDeterministicOnARealServer(t *testing.T) {
	s := Start(t)
	s.Create(t, "script", Script{Default: "I did not understand you.", Replies: map[string]string{"hours?": "Nine to six."}})
	for _, temperature := range []float64{0, 1, 2} {
		for question, want := range map[string]string{"hi": "I did not understand you.", "your hours?": "Nine to six."} {
			got := ""
			request := &api.ChatRequest{
				Model: "script", Messages: []api.Message{{Role: "user", Content: question}},
				Options: map[string]any{"temperature": temperature, "seed": 1 + 100*temperature, "num_ctx": 2048},
			}
			err := s.Client().Chat(t.Context(), request, func(r api.ChatResponse) error {
				got += r.Message.Content
				return nil
			})
			if err != nil || got != want {
				t.Errorf("%q at %v: %q, %v", question, temperature, got, err)
			}
		}
	}
	if len(s.Loaded(t)) != 1 {
		t.Errorf("loaded: %+v", s.Loaded(t))
	}
	s.Delete(t, "script")
	if _, err := s.Client().Show(t.Context(), &api.ShowRequest{Model: "script"}); err == nil {
		t.Error("the model is still there")
	}
}
