package app

import (
	"fmt"
	"testing"
	"time"

	"astromesh/store"
)

// Below the agents stands what each model did; on a telephone too.
func TestBrowserShowsWhatModelsDid(t *testing.T) {
	r, b := newDashboard(t)
	for i, at := range []time.Time{time.Now(), time.Now().AddDate(0, 0, -3)} {
		err := r.app.store.SaveTurn(store.Turn{ID: fmt.Sprint("t", i), Agent: "shop", StartedAt: store.At(at), EndedAt: store.At(at), Usage: []store.Usage{
			{Candidate: "ollama/llama3.1:8b", Calls: 42, TokensIn: 61_234, TokensOut: 5_100, WaitMS: 900, LoadMS: 42_000, PromptMS: 51_000, WriteMS: 301_000},
			{Candidate: "openai_compat/meta-llama/Llama-4-Scout-17B-16E-Instruct@models.example.com", Role: "planner", Calls: 3, TokensIn: 900, TokensOut: 80, PromptMS: 900, WriteMS: 2_400},
		}}, nil)
		if err != nil {
			t.Fatal(err)
		}
	}
	b.open("/agents")
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{1280, 360} {
			b.look(width, scheme)
			b.keep(fmt.Sprintf("usage-%d-%s", width, scheme))
			b.fits("the models")
		}
		b.accessible("the models, " + scheme)
	}
	for _, text := range []string{"What the models did", "ollama/llama3.1:8b", "122468", "7.2 s"} {
		b.shows(text)
	}
	b.clean("the models")
}
