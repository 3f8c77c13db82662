package store_test

import (
	"errors"
	"testing"

	"astromesh/store"
	"astromesh/store/storetest"
)

// An agent is taken out of service and brought back; its versions stay, and a file
// that did not change does not bring it back.
func TestRetireAndRevive(t *testing.T) {
	st := storetest.New(t)
	ctx := t.Context()
	if _, err := st.ImportAgent("night", "night.agent.yaml", "one"); err != nil {
		t.Fatal(err)
	}
	if _, err := st.Publish("night", "two", "Olga", 1); err != nil {
		t.Fatal(err)
	}
	if err := st.Retire("night", 1); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a version that is not live any more: %v", err)
	}
	if err := st.Revive("night", 1); !errors.Is(err, store.ErrConflict) {
		t.Errorf("revived while it is live: %v", err)
	}
	if err := st.Retire("night", 2); err != nil {
		t.Fatal(err)
	}
	if added, err := st.ImportAgent("night", "night.agent.yaml", "one"); added || err != nil {
		t.Errorf("the unchanged file: %v, %v", added, err)
	}
	list, err := st.RetiredAgents(ctx)
	if err != nil || len(list) != 1 || list[0].Version != 2 || list[0].YAML != "two" {
		t.Errorf("retired: %+v, %v", list, err)
	}
	if v, err := st.RetiredAgent(ctx, "night"); err != nil || v.Version != 2 {
		t.Errorf("retired: %+v, %v", v, err)
	}
	if live, err := st.LiveAgents(ctx); err != nil || len(live) != 0 {
		t.Errorf("live: %+v, %v", live, err)
	}
	if err := st.Revive("night", 7); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a version that never was: %v", err)
	}
	if err := st.Revive("night", 2); err != nil {
		t.Fatal(err)
	}
	if v, err := st.LiveAgent(ctx, "night"); err != nil || v.Version != 2 {
		t.Errorf("live: %+v, %v", v, err)
	}
	if _, err := st.RetiredAgent(ctx, "night"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("still retired: %v", err)
	}
	if versions, err := st.Versions(ctx, "night"); err != nil || len(versions) != 2 {
		t.Errorf("versions: %+v, %v", versions, err)
	}
	if err := st.Retire("night", 2); err != nil {
		t.Fatal(err)
	}
	if added, err := st.ImportAgent("night", "night.agent.yaml", "three"); !added || err != nil {
		t.Errorf("the changed file: %v, %v", added, err)
	}
}
