package model_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"
)

// What is asked in the background: a prompt computed ahead generates one token,
// what is wanted for its answer as many as it may, and a model that its agent does
// not keep loaded is not loaded for a prompt that nobody waits for.
func TestWhatIsSentInTheBackground(t *testing.T) {
	never := time.Duration(0)
	for _, c := range []struct {
		name      string
		keepAlive *time.Duration
		maxTokens int
		background,
		sent bool
		predict string
	}{
		{"ahead", nil, 0, true, true, "1"},
		{"for its answer", nil, 50, true, true, "50"},
		{"ahead, not kept loaded", &never, 0, true, false, ""},
		{"for its answer, not kept loaded", &never, 50, true, true, "50"},
		{"a turn with a bound, not kept loaded", &never, 70, false, true, "70"},
		{"a turn, not kept loaded", &never, 0, false, true, "1024"},
	} {
		fake, servers := setUp()
		fake.Set("m", modeltest.Says("hello"))
		llm := ollama(t, servers, model.OllamaConfig{Model: "m", KeepAlive: c.keepAlive})
		request := hi()
		request.Background, request.MaxTokens = c.background, c.maxTokens
		_, err := llm.Chat(t.Context(), request)
		sent := fake.Requests()
		if c.sent != (err == nil && len(sent) == 1) || !c.sent && (!errors.Is(err, model.ErrGaveWay) || len(sent) > 0) {
			t.Errorf("%s: %d requests, %v", c.name, len(sent), err)
			continue
		}
		if c.sent && fmt.Sprint(sent[0].Options["num_predict"]) != c.predict {
			t.Errorf("%s: num_predict %v, want %s", c.name, sent[0].Options["num_predict"], c.predict)
		}
	}
}

// A model that thinks does not spend the few tokens of a summary on its thoughts,
// whatever the file says for its answers.
func TestNothingIsThoughtInTheBackground(t *testing.T) {
	yes, no := true, false
	for name, c := range map[string]struct {
		think     *bool
		maxTokens int
		can       bool
		want      string
	}{
		"for its answer":              {nil, 50, true, "false"},
		"for its answer, told to":     {&yes, 50, true, "false"},
		"for its answer, not able to": {&yes, 50, false, "<nil>"},
		"told not to, nor able to":    {&no, 50, false, "false"}, // no error for any model
		"ahead":                       {nil, 0, true, "<nil>"},
		"ahead, told to":              {&yes, 0, true, "true"},
	} {
		fake, servers := setUp()
		fake.Set("m", modeltest.Says("hello"))
		if c.can {
			fake.Set("m", modeltest.Says("hello", "thinking"))
		}
		request := hi()
		request.Background, request.MaxTokens = true, c.maxTokens
		chat(t, ollama(t, servers, model.OllamaConfig{Model: "m", Think: c.think}), request)
		got := "<nil>"
		if think := fake.Requests()[0].Think; think != nil {
			got = fmt.Sprint(think.Value)
		}
		if got != c.want {
			t.Errorf("%s: think %s, want %s", name, got, c.want)
		}
	}
}
