package modeltest_test

import (
	"bytes"
	"strings"
	"testing"

	"astromesh/runtime/model/modeltest"

	"github.com/ollama/ollama/api"
)

func TestRandomIsTheSameEachTime(t *testing.T) {
	build := func(seed uint64) []byte {
		m, err := modeltest.Random{Blocks: 1, Width: 64, FeedForward: 64, Seed: seed}.Build()
		if err != nil {
			t.Fatal(err)
		}
		return m.Text
	}
	if !bytes.Equal(build(1), build(1)) || bytes.Equal(build(1), build(2)) {
		t.Error("the model does not follow from its values")
	}
}

// What the server computes for a prompt is what its log says, and a prompt that
// begins as the last one did costs its end alone.
func TestRandomModel(t *testing.T) {
	server := modeltest.Start(t, "OLLAMA_DEBUG=1")
	server.Create(t, "random", modeltest.Random{Blocks: 1, Width: 128, FeedForward: 128})
	ask := func(text string) (string, api.Metrics) {
		t.Helper()
		var said strings.Builder
		var last api.ChatResponse
		err := server.Client().Chat(t.Context(), &api.ChatRequest{
			Model: "random", Messages: []api.Message{{Role: "user", Content: text}},
			Options: map[string]any{"num_ctx": 4096, "num_predict": 12, "temperature": 0},
		}, func(r api.ChatResponse) error {
			said.WriteString(r.Message.Content)
			last = r
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return said.String(), last.Metrics
	}
	long := strings.Repeat("the quick brown fox ", 50)
	said, first := ask(long)
	if len(said) != 12 || strings.Trim(said, "abcdefghijklmnopqrstuvwxyz") != "" || first.PromptEvalCount < len(long) {
		t.Errorf("said %q, %d tokens read", said, first.PromptEvalCount)
	}
	_, second := ask(long + "jumps")
	reads := server.Reads(t, 2)
	if reads[0].Computed != first.PromptEvalCount || reads[1].Computed > 30 || reads[1].Kept < len(long) {
		t.Errorf("the server's log: %+v", reads)
	}
	t.Logf("%d tokens: %s; %d of %d: %s", reads[0].Computed, first.PromptEvalDuration, reads[1].Computed, second.PromptEvalCount, second.PromptEvalDuration)
}
