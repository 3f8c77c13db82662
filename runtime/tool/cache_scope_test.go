package tool

import (
	"context"
	"testing"
)

// With scope: agent what one customer's turn keeps is there for all of them.
func TestCacheStoreOfTheAgent(t *testing.T) {
	asked := ""
	r := alone(t, Declared{Name: "cache_store", Config: map[string]any{"scope": "agent"}}, Sources{
		Recall: func(_ context.Context, scope, _, key string) (string, bool, error) {
			asked = scope
			return "closed on Monday", key == "holiday", nil
		},
	})
	e := NewEffects(func(s string) (string, error) { return s, nil })
	got, err := r.Call(t.Context(), "cache_store", Call{Arguments: map[string]any{"action": "get", "key": "holiday"}, SessionID: "wa_2", Effects: e})
	if err != nil || got != "closed on Monday" || asked != "agent" {
		t.Errorf("%q, %v, asked for what is kept of the %s", got, err, asked)
	}
	if _, err := r.Call(t.Context(), "cache_store", Call{Arguments: map[string]any{"action": "set", "key": "soup", "value": "leek"}, SessionID: "wa_1", Effects: e}); err != nil {
		t.Fatal(err)
	}
	if kept := e.Kept(); len(kept) != 1 || kept[0].Scope != "agent" || kept[0].Key != "soup" {
		t.Errorf("kept %v", kept)
	}
}
