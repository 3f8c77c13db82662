package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"astromesh/store"
	"astromesh/store/storetest"
)

func TestALookWhileTheProgramRuns(t *testing.T) {
	dir := t.TempDir()
	if _, err := store.OpenReader(dir); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("an empty folder: %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Fatalf("the look made %v, %v", entries, err)
	}
	s := storetest.Open(t, dir, nil)
	if err := s.SetSecret("token", "sealed"); err != nil {
		t.Fatal(err)
	}
	accept(t, s, "m1", "m2")
	look, err := store.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	if n, _, err := look.InboxWaiting(t.Context()); err != nil || n != 2 {
		t.Errorf("waiting = %d, %v", n, err)
	}
	if v, err := look.Setting(t.Context(), "token"); err != nil || v != "sealed" {
		t.Errorf("setting = %q, %v", v, err)
	}
	accept(t, s, "m3")
	if n, _, err := look.InboxWaiting(t.Context()); err != nil || n != 3 {
		t.Errorf("waiting later = %d, %v", n, err)
	}
	if err := look.SetSetting("x", "y"); !errors.Is(err, store.ErrClosed) {
		t.Errorf("a write through a look: %v", err)
	}
	look.Log(store.Event{Text: "nothing"})
	if _, err := look.Erase(t.Context(), 1); !errors.Is(err, store.ErrClosed) {
		t.Errorf("an erasure through a look: %v", err)
	}
	for range 2 {
		if err := look.Close(); err != nil {
			t.Error(err)
		}
	}
	accept(t, s, "m4") // the look's end did not disturb the writer
}

func TestALookIntoAStoppedProgramsFolder(t *testing.T) {
	dir := t.TempDir()
	s := storetest.Open(t, dir, nil)
	if err := s.SetSecret("token", "sealed"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before := sum(t, dir)
	if err := os.Rename(filepath.Join(dir, "astromesh.key"), filepath.Join(dir, "elsewhere")); err != nil {
		t.Fatal(err)
	}
	look, err := store.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := look.Setting(t.Context(), "token"); err == nil {
		t.Error("a sealed setting was opened without the key")
	}
	if err := look.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "astromesh.key")); err == nil {
		t.Error("the look made a key")
	}
	if after := sum(t, dir); after != before {
		t.Error("the look changed the database")
	}
	storetest.SetSchemaVersion(t, dir, 99)
	if _, err := store.OpenReader(dir); !errors.Is(err, store.ErrNewerSchema) {
		t.Errorf("a newer schema: %v", err)
	}
	storetest.SetSchemaVersion(t, dir, 0)
	if _, err := store.OpenReader(dir); err == nil || !strings.Contains(err.Error(), "older program") {
		t.Errorf("an older schema: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, store.FileName), []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.OpenReader(dir); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("a damaged file: %v", err)
	}
}

func sum(t *testing.T, dir string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestCountsForTheHealthPage(t *testing.T) {
	s := storetest.New(t)
	ctx, start := t.Context(), time.Now().Add(-time.Minute)
	if c, err := s.OutboxCounts(ctx, start); err != nil || c != (store.OutboxCounts{}) {
		t.Errorf("empty: %+v, %v", c, err)
	}
	accept(t, s, "m1")
	conversation, now := claim(t, s)[0].Conversation.ID, store.At(time.Now())
	turn := store.TurnCommit{Turn: store.Turn{ID: "t1", ConversationID: conversation, Agent: "a"}}
	for i := range 4 {
		turn.Outbox = append(turn.Outbox, store.Outbox{ID: fmt.Sprint("o", i), ConversationID: conversation, Text: "x", CreatedAt: now})
	}
	if err := s.CommitTurn(turn); err != nil {
		t.Fatal(err)
	}
	c, err := s.OutboxCounts(ctx, start)
	if err != nil || c.Waiting != 4 || c.OldestDue == 0 {
		t.Errorf("four due: %+v, %v", c, err)
	}
	next := func(mark func(seq int64) error) {
		t.Helper()
		rows, err := s.ClaimOutbox(1)
		if err != nil || len(rows) != 1 {
			t.Fatalf("claimed %d, %v", len(rows), err)
		}
		if err := mark(rows[0].Seq); err != nil {
			t.Fatal(err)
		}
	}
	next(func(seq int64) error { return s.MarkFailed(seq, store.Failure{Code: 131026, Reason: "no"}) })
	next(func(seq int64) error { return s.MarkSent(seq, "wamid.1") })
	next(func(seq int64) error {
		return s.MarkDue(seq, time.Now(), false, store.Failure{Code: 190, Reason: "token"})
	})
	if c, err = s.OutboxCounts(ctx, start); err != nil || c.Waiting != 2 || c.Failed != 1 || c.TokenRefused != 1 || c.Unsure != 0 {
		t.Errorf("later: %+v, %v", c, err)
	}
	next(func(seq int64) error { return s.MarkUnsure(seq, store.Failure{}) })
	if c, err = s.OutboxCounts(ctx, time.Now().Add(time.Minute)); err != nil || c.Waiting != 1 || c.Unsure != 1 || c.Failed != 0 {
		t.Errorf("at last: %+v, %v", c, err)
	}
	if n, err := s.NeedsPerson(ctx); err != nil || n != 1 {
		t.Errorf("need a person: %d, %v", n, err)
	}
}
