package config

import (
	"context"
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

// watched starts a watch and gives a function that does something and waits
// for the call that must follow. What is done takes several steps, and on a busy
// machine the watch may look between two of them: that is a call too, and the one
// that is waited for has seen what is there at the end.
func watched(t *testing.T, dir string) (expect func(what string, do func() error)) {
	t.Helper()
	changes := make(chan [sha256.Size]byte, 100)
	var w *Watcher
	w, err := NewWatcher(dir, func() { changes <- w.content })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { w.run(ctx); close(done) }()
	t.Cleanup(func() {
		cancel()
		<-done
		_ = w.notices.Close()
		if len(changes) > 0 {
			t.Errorf("%d calls too many", len(changes))
		}
	})
	return func(what string, do func() error) {
		t.Helper()
		if err := do(); err != nil {
			t.Fatal(err)
		}
		limit := time.After(30 * time.Second)
		for now := fingerprint(w.dir); ; {
			select {
			case seen := <-changes:
				if seen == now {
					return
				}
			case <-limit:
				t.Fatalf("no call after: %s", what)
			}
		}
	}
}

func put(path, text string) func() error {
	return func() error { return os.WriteFile(path, []byte(text), 0o600) }
}

func TestWatchFiles(t *testing.T) {
	dir := folder(t)
	channels, agent := filepath.Join(dir, "channels.yaml"), filepath.Join(dir, "agents", "one.agent.yaml")
	expect := watched(t, dir)
	expect("write channels.yaml", put(channels, "a: 1"))
	expect("write an agent", put(agent, "a: 1"))
	expect("a new agent", put(filepath.Join(dir, "agents", "new.agent.yaml"), "b: 1"))
	expect("replace by rename", func() error {
		if err := os.WriteFile(channels+"~", []byte("a: 2"), 0o600); err != nil {
			return err
		}
		return os.Rename(channels+"~", channels)
	})
	expect("write after the rename", put(channels, "a: 3"))
	expect("remove an agent", func() error { return os.Remove(agent) })
	expect("several writes at once", func() error {
		for i := range 20 {
			if err := os.WriteFile(channels, make([]byte, i+5), 0o600); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestWatchFolders(t *testing.T) {
	dir := folder(t)
	agents := filepath.Join(dir, "agents")
	expect := watched(t, dir)
	expect("agents removed", func() error { return os.RemoveAll(agents) })
	expect("agents back", func() error { return os.Mkdir(agents, 0o700) })
	expect("an agent in it", put(filepath.Join(agents, "two.agent.yaml"), "a: 1"))
	expect("all moved away", func() error { return os.Rename(dir, dir+".old") })
	expect("all back", func() error { return os.Rename(dir+".old", dir) })
	expect("written after that", put(filepath.Join(agents, "two.agent.yaml"), "a: 2"))
	expect("another one in its place", func() error {
		if err := os.MkdirAll(filepath.Join(dir+".new", "agents"), 0o700); err != nil {
			return err
		}
		if err := os.Rename(dir, dir+".old"); err != nil {
			return err
		}
		return os.Rename(dir+".new", dir)
	})
	expect("a file in the new one", put(filepath.Join(agents, "three.agent.yaml"), "a: 3"))
}

func TestWatchAMissingFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "later", "config")
	expect := watched(t, dir)
	expect("it comes into being", func() error { return os.MkdirAll(filepath.Join(dir, "agents"), 0o700) })
	expect("and a file", put(filepath.Join(dir, "agents", "a.agent.yaml"), "a: 1"))
}

// TestWatchKubernetes swaps the link ..data, as a mounted ConfigMap does.
func TestWatchKubernetes(t *testing.T) {
	dir := t.TempDir()
	for _, version := range []string{"..v1", "..v2"} {
		write(t, filepath.Join(dir, version, "channels.yaml"), "version: "+version)
	}
	link := func(target, name string) {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	link("..v1", "..data")
	link("..data/channels.yaml", "channels.yaml")
	expect := watched(t, dir)
	expect("swap", func() error {
		link("..v2", "..tmp")
		return os.Rename(filepath.Join(dir, "..tmp"), filepath.Join(dir, "..data"))
	})
	expect("write behind the links", put(filepath.Join(dir, "..v2", "channels.yaml"), "x: 1"))
}

// TestWatchIgnores: what changes no content calls nothing.
func TestWatchIgnores(t *testing.T) {
	dir := folder(t)
	channels := filepath.Join(dir, "channels.yaml")
	same, err := os.ReadFile(channels)
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	w, err := NewWatcher(dir, func() { calls++ })
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.notices.Close() }()
	for i, c := range []struct {
		do    func() error
		calls int
	}{
		{put(filepath.Join(dir, "notes.txt"), "x"), 0},
		{put(filepath.Join(dir, "agents", ".one.agent.yaml.swp"), "x"), 0},
		{put(channels, string(same)), 0},
		{func() error { return os.Chmod(channels, 0o640) }, 0},
		{put(channels, "a: 1"), 1},
		{put(channels, "a: 1"), 1},
		{put(channels, string(same)), 2},
	} {
		if err := c.do(); err != nil {
			t.Fatal(err)
		}
		if w.look(); calls != c.calls {
			t.Errorf("step %d: %d calls, want %d", i, calls, c.calls)
		}
	}
	if w.concerns(fsnotify.Event{Name: filepath.Join(filepath.Dir(dir), "beside.db-wal")}) || !w.concerns(fsnotify.Event{Name: channels}) {
		t.Error("what is written beside the folder counts, or what is in it does not")
	}
}

func TestWatchEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w, err := NewWatcher(filepath.Join(t.TempDir(), "none"), func() { t.Error("called") })
	if err != nil {
		t.Fatal(err)
	}
	w.Run(ctx)
}
