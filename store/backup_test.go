package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"astromesh/store"
	"astromesh/store/storetest"
)

// backedUp is a store with one talk and a secret, and a backup of it.
func backedUp(t *testing.T, o store.BackupOptions) (dir, file string) {
	t.Helper()
	dir, file = t.TempDir(), filepath.Join(t.TempDir(), "b.backup")
	s := storetest.Open(t, dir, nil)
	talk(t, s, store.Identity{Phone: "34600111222", Name: "Ana"}, 1, "xylograph")
	if err := s.PutSettings(map[string]string{"a.plain": "1"}, map[string]string{"a.token": "EAAsecret"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Backup(t.Context(), file, o); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, file
}

const passphrase = "four peas in a pod"

// A sealed backup is all that another machine needs.
func TestMovingHouse(t *testing.T) {
	_, file := backedUp(t, store.BackupOptions{Passphrase: passphrase, Program: "1.2.3"})
	for _, private := range []string{"xylograph", "EAAsecret", "34600111222", "AGE-SECRET-KEY"} {
		if b, err := os.ReadFile(file); err != nil || strings.Contains(string(b), private) {
			t.Errorf("%q stands in the file (%v)", private, err)
		}
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	there := filepath.Join(t.TempDir(), "new", "house")
	for given, want := range map[string]error{"": store.ErrNeedsPassphrase, "four peas": store.ErrWrongPassphrase} {
		if _, err := store.Restore(there, file, store.RestoreOptions{Passphrase: given}); !errors.Is(err, want) {
			t.Errorf("passphrase %q: %v", given, err)
		}
		if left, err := filepath.Glob(filepath.Join(there, "*.db*")); err != nil || len(left) > 0 {
			t.Errorf("left behind: %q", left)
		}
	}
	r, err := store.Restore(there, file, store.RestoreOptions{Passphrase: passphrase})
	if err != nil || r.KeyLost || r.Replaced || r.Manifest.Program != "1.2.3" {
		t.Fatalf("%+v, %v", r, err)
	}
	s := storetest.Open(t, there, nil)
	if token, err := s.Setting(t.Context(), "a.token"); err != nil || token != "EAAsecret" {
		t.Errorf("token %q, %v", token, err)
	}
	if list, err := s.Conversations(t.Context(), 0, 5); err != nil || len(list) != 1 || list[0].Contact.Name != "Ana" {
		t.Errorf("%+v, %v", list, err)
	}
	if n := accept(t, s, wamid("34600111222", 1)); n != 0 {
		t.Error("a message that was answered before the move is taken again")
	}
}

// Without the key, everything comes back but the sealed credentials.
func TestRestoreWithoutTheKey(t *testing.T) {
	dir, file := backedUp(t, store.BackupOptions{})
	there := t.TempDir()
	if r, err := store.Restore(there, file, store.RestoreOptions{}); err != nil || !r.KeyLost {
		t.Fatalf("%+v, %v", r, err)
	}
	s := storetest.Open(t, there, nil)
	if got, err := s.Settings(t.Context(), "a."); err != nil || len(got) != 1 {
		t.Errorf("settings %v, %v", got, err)
	}
	if r, err := store.Restore(dir, file, store.RestoreOptions{}); err != nil || r.KeyLost || !r.Replaced {
		t.Fatalf("where the key is: %+v, %v", r, err)
	}
	back := storetest.Open(t, dir, nil)
	if token, err := back.Setting(t.Context(), "a.token"); err != nil || token != "EAAsecret" {
		t.Errorf("token %q, %v", token, err)
	}
	if _, err := os.Stat(filepath.Join(dir, store.ReplacedFolder, store.FileName)); err != nil {
		t.Errorf("the store from before is not kept: %v", err)
	}
}

// crowd hands in messages from four sides.
type crowd struct {
	stop                  atomic.Bool
	acknowledged, slowest atomic.Int64
	accepted              chan struct{}
	writers               sync.WaitGroup
}

func (c *crowd) begin(t *testing.T, s *store.Store) {
	c.accepted = make(chan struct{}, 1)
	for g := range 4 {
		c.writers.Go(func() {
			for i := 0; !c.stop.Load(); i++ {
				began := time.Now()
				if _, err := s.Accept([]store.Inbox{{MessageID: fmt.Sprintf("load-%d-%d", g, i), Kind: "text", Treatment: "answer", Payload: from("34600111222", ""), At: 1000}}, nil); err != nil {
					t.Errorf("accept: %v", err)
					return
				}
				c.slowest.Store(max(c.slowest.Load(), int64(time.Since(began))))
				c.acknowledged.Add(1)
				select {
				case c.accepted <- struct{}{}:
				default: // nobody waits for it
				}
			}
		})
	}
}

// wait returns when about n more were acknowledged.
func (c *crowd) wait(t *testing.T, n int) {
	t.Helper()
	limit := time.After(30 * time.Second)
	for range n {
		select {
		case <-c.accepted:
		case <-limit:
			t.Error("nothing is accepted")
			return
		}
	}
}

// A backup holds every message that was acknowledged before it began, while
// others keep coming, and nobody waits for it.
func TestBackupUnderLoad(t *testing.T) {
	dir := t.TempDir()
	s := storetest.Make(t, dir, storetest.Fill{Conversations: 500, Messages: 20_000, Newest: time.Now()})
	var load crowd
	load.begin(t, s)
	load.wait(t, 50)
	before := load.acknowledged.Load()
	file := filepath.Join(t.TempDir(), "b.backup")
	var once sync.Once
	_, err := s.Backup(t.Context(), file, store.BackupOptions{Progress: func(done, total int64) {
		if done >= total/3 { // about all of it is copied: it stands still until more were accepted
			once.Do(func() { load.wait(t, 20) })
		}
	}})
	during := load.acknowledged.Load() - before
	load.stop.Store(true)
	load.writers.Wait()
	if err != nil {
		t.Fatal(err)
	}
	there := t.TempDir()
	if _, err := store.Restore(there, file, store.RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	back := storetest.Open(t, there, nil)
	waiting, _, err := back.InboxWaiting(t.Context())
	if err != nil || waiting < before || waiting > before+during+4 { // each side may have one that is in, and not counted yet
		t.Errorf("%d messages in the backup, %d were acknowledged before it and %d meanwhile (%v)", waiting, before, during, err)
	}
	t.Logf("%d before, %d during, %d in the backup; the slowest waited %s", before, during, waiting, time.Duration(load.slowest.Load()))
}
