package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"astromesh/store"
	"astromesh/store/storetest"
)

func TestAMessageIDIsTakenOnce(t *testing.T) {
	s := storetest.New(t)
	if n := accept(t, s, "m1", "m2", "m1"); n != 2 {
		t.Fatalf("fresh = %d, want 2", n)
	}
	if n := accept(t, s, "m2", "m3"); n != 1 {
		t.Fatalf("fresh again = %d, want 1", n)
	}
	rows := claim(t, s)
	answer(t, s, "t1", rows, "hello")
	if n := accept(t, s, "m1"); n != 0 {
		t.Fatal("a message that is done was taken again")
	}
}

func TestManyWritersShareCommitsAndLoseNothing(t *testing.T) {
	s := storetest.New(t)
	var wg sync.WaitGroup
	for g := range 50 {
		wg.Go(func() {
			for i := range 20 {
				accept(t, s, fmt.Sprintf("m%d-%d", g, i))
			}
		})
	}
	wg.Wait()
	n, _, err := s.InboxWaiting(context.Background())
	if err != nil || n != 1000 {
		t.Fatalf("waiting = %d, %v; want 1000", n, err)
	}
}

func TestAFailingJobCostsOnlyItself(t *testing.T) {
	s := storetest.New(t)
	accept(t, s, "m1")
	rows := claim(t, s)
	answer(t, s, "t1", rows, "hello")
	var wg sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() {
			if i%2 == 0 { // closes rows that are done already: a conflict
				errs[i] = s.Record([]int64{rows[0].ID}, nil)
				return
			}
			_, errs[i] = s.Accept([]store.Inbox{{MessageID: fmt.Sprint("n", i), Kind: "text", Treatment: "answer", Payload: from("1", "")}}, nil)
		})
	}
	wg.Wait()
	for i, err := range errs {
		if i%2 == 0 && !errors.Is(err, store.ErrConflict) {
			t.Errorf("job %d: %v, want a conflict", i, err)
		}
		if i%2 == 1 && err != nil {
			t.Errorf("job %d failed with its neighbour: %v", i, err)
		}
	}
	if n, _, _ := s.InboxWaiting(context.Background()); n != 10 {
		t.Errorf("waiting = %d, want the 10 good ones", n)
	}
}

func TestRawTextLeavesTheDisk(t *testing.T) {
	dir := t.TempDir()
	s := storetest.Open(t, dir, nil)
	secret := "ana@example.org and 600 111 222"
	payload, _ := json.Marshal(map[string]string{"Phone": "34600111222", "text": secret})
	if _, err := s.Accept([]store.Inbox{{MessageID: "m1", Kind: "text", Treatment: "answer", Payload: payload}}, nil); err != nil {
		t.Fatal(err)
	}
	if !onDisk(t, dir, "ana@example.org") {
		t.Fatal("the message is not on disk before its turn: a crash would lose it")
	}
	answer(t, s, "t1", claim(t, s), "ok")
	if err := s.Checkpoint(); err != nil {
		t.Fatal(err)
	}
	if onDisk(t, dir, "ana@example.org") {
		t.Fatal("the raw text is still on disk after the turn")
	}
}

func onDisk(t *testing.T, dir, text string) (found bool) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		found = found || strings.Contains(string(b), text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestACrashBeforeTheCommitRepeatsTheTurn(t *testing.T) {
	dir := t.TempDir()
	s := storetest.Open(t, dir, nil)
	accept(t, s, "m1")
	claim(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = storetest.Open(t, dir, nil)
	if n, err := s.RecoverInbox(); err != nil || n != 1 {
		t.Fatalf("recovered %d, %v", n, err)
	}
	if rows := claim(t, s); len(rows) != 1 {
		t.Fatalf("claimed %d rows after recovery", len(rows))
	}
}

func TestANewerSchemaIsRefusedInWords(t *testing.T) {
	dir := t.TempDir()
	s := storetest.Open(t, dir, nil)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	storetest.SetSchemaVersion(t, dir, 99)
	_, err := store.Open(dir, store.Options{})
	if !errors.Is(err, store.ErrNewerSchema) || !strings.Contains(err.Error(), "newer program") {
		t.Fatalf("open = %v", err)
	}
}

func TestTwoProgramsOnOneFolder(t *testing.T) {
	dir := t.TempDir()
	storetest.Open(t, dir, nil)
	if _, err := store.Open(dir, store.Options{}); !errors.Is(err, store.ErrInUse) {
		t.Fatalf("second open = %v", err)
	}
}

func TestSecretsAreSealedAtRest(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	s := storetest.Open(t, dir, nil)
	if err := s.SetSecret("access_token", "EAAsecret"); err != nil {
		t.Fatal(err)
	}
	if v, err := s.Setting(ctx, "access_token"); err != nil || v != "EAAsecret" {
		t.Fatalf("setting = %q, %v", v, err)
	}
	if onDisk(t, dir, "EAAsecret") {
		t.Error("the secret lies in the open")
	}
	info, err := os.Stat(filepath.Join(dir, "astromesh.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v %v", info.Mode(), err)
	}
	if _, err := s.Setting(ctx, "none"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("missing setting: %v", err)
	}
}

func TestAFileThatNobodyTouchedMakesNoVersion(t *testing.T) {
	s, ctx := storetest.New(t), context.Background()
	for i, step := range []struct {
		yaml  string
		added bool
	}{{"one", true}, {"one", false}, {"two", true}, {"one", true}} {
		added, err := s.ImportAgent("a", "a.agent.yaml", step.yaml)
		if err != nil || added != step.added {
			t.Fatalf("import %d: added %v, %v", i, added, err)
		}
	}
	live, err := s.LiveAgents(ctx)
	if err != nil || len(live) != 1 || live[0].Version != 3 || live[0].YAML != "one" {
		t.Fatalf("live = %+v, %v", live, err)
	}
}

func TestExpiredMemoryIsGoneFromDisk(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	now := time.UnixMilli(10_000)
	s := storetest.Open(t, dir, func() time.Time { return now })
	accept(t, s, "m1")
	answer(t, s, "t1", claim(t, s))
	if n, err := s.ExpireMemory(ctx, "a", time.UnixMilli(1500)); err != nil || n != 0 {
		t.Fatalf("young memory expired: %d %v", n, err)
	}
	if n, err := s.ExpireMemory(ctx, "a", time.UnixMilli(2500)); err != nil || n != 2 {
		t.Fatalf("expired %d, %v; want 2", n, err)
	}
	if h, err := s.MemoryHistory(ctx, "a", "wa_34600111222", 10); err != nil || len(h) != 0 {
		t.Fatalf("history = %v, %v", h, err)
	}
}

func TestEventsAreReadInOrderAndWake(t *testing.T) {
	s, ctx := storetest.New(t), context.Background()
	wake, end := s.Listen()
	defer end()
	s.Log(store.Event{Kind: store.EventSystem, Text: "one"}.With(map[string]int{"n": 1}))
	<-wake
	list, err := s.Events(ctx, store.EventSystem, 0, 10)
	if err != nil || len(list) != 1 || list[0].Text != "one" {
		t.Fatalf("events = %+v, %v", list, err)
	}
	b, err := json.Marshal(list[0])
	if err != nil || !strings.Contains(string(b), `"data":{"n":1}`) || !strings.Contains(string(b), `"time":"`) {
		t.Errorf("json = %s, %v", b, err)
	}
	if list, _ := s.Events(ctx, store.EventModel, 0, 10); len(list) != 0 {
		t.Error("another kind is not filtered out")
	}
}
