package store_test

import (
	"context"
	"errors"
	"testing"

	"astromesh/store"
	"astromesh/store/storetest"
)

func TestDraftLastSaveWins(t *testing.T) {
	s, ctx := storetest.New(t), context.Background()
	if _, before, err := s.SaveDraft(store.AgentDraft{Name: "shop", YAML: "one", Author: "Ana", Base: 2}); err != nil || before.Name != "" {
		t.Fatalf("first save: %+v, %v", before, err)
	}
	saved, before, err := s.SaveDraft(store.AgentDraft{Name: "shop", YAML: "two", Author: "Luis"})
	if err != nil || before.Author != "Ana" || before.YAML != "one" {
		t.Fatalf("second save overwrote %+v, %v", before, err)
	}
	if saved.Base != 2 {
		t.Errorf("base %d: the draft was begun from 2", saved.Base)
	}
	d, err := s.Draft(ctx, "shop")
	if err != nil || d != saved || d.YAML != "two" {
		t.Errorf("draft %+v, %v", d, err)
	}
	for range 2 { // the second finds nothing, which is no error
		if err := s.DeleteDraft("shop"); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.Draft(ctx, "shop"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after deleting: %v", err)
	}
}

func TestPublish(t *testing.T) {
	s, ctx := storetest.New(t), context.Background()
	if _, _, err := s.SaveDraft(store.AgentDraft{Name: "shop", YAML: "v1", Author: "Ana"}); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Publish("shop", "v1", "Ana", 0); n != 1 || err != nil {
		t.Fatalf("first: version %d, %v", n, err)
	}
	if _, err := s.Draft(ctx, "shop"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the draft is still there: %v", err)
	}
	// A second person saw no version and would undo the first one's.
	if n, err := s.Publish("shop", "v2", "Luis", 0); n != 1 || !errors.Is(err, store.ErrConflict) {
		t.Errorf("over another's: %d, %v", n, err)
	}
	if n, err := s.Publish("shop", "v2", "Luis", 1); n != 2 || err != nil {
		t.Errorf("second: %d, %v", n, err)
	}
	if added, err := s.ImportAgent("shop", "shop.agent.yaml", "v3"); !added || err != nil {
		t.Errorf("import: %v, %v", added, err)
	}
	versions, err := s.Versions(ctx, "shop")
	if err != nil || len(versions) != 3 || versions[0].Origin != store.OriginFile || versions[1].Author != "Luis" || !versions[0].Live || versions[1].Live {
		t.Errorf("versions %+v, %v", versions, err)
	}
	if v, err := s.Version(ctx, "shop", 1); err != nil || v.YAML != "v1" {
		t.Errorf("version 1: %+v, %v", v, err)
	}
	if v, err := s.LiveAgent(ctx, "shop"); err != nil || v.YAML != "v3" {
		t.Errorf("live: %+v, %v", v, err)
	}
	for _, n := range []int{0, 4, -1} {
		if _, err := s.Version(ctx, "shop", n); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("version %d: %v", n, err)
		}
	}
}
