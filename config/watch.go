package config

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// quiet is how long a change is left to settle: an editor writes a file in
	// several steps, and each alone would be a broken file.
	quiet = 200 * time.Millisecond
	// longest bounds the waiting while something writes without a pause.
	longest = 2 * time.Second
	// patrol is how often is looked where no notice can be had: a folder that
	// does not exist yet, or a system that has run out of watches.
	patrol = 3 * time.Second
)

// Watcher sees when the files of a configuration folder change.
type Watcher struct {
	dir      string
	notices  *fsnotify.Watcher
	onChange func()
	content  [sha256.Size]byte
	folders  map[string]bool
	complete bool // every folder that matters is watched
}

// NewWatcher sees every change from its return on: make it before the files are
// loaded, so that a change in between is not missed. Run reports them.
//
// onChange is called after the content of the files in dir has changed, at most
// every 200 ms, from Run's goroutine. The folder may be missing, be removed and
// come back; files may be replaced by renaming, and be links that are swapped,
// as Kubernetes does it. What does not change a file's content calls nothing.
func NewWatcher(dir string, onChange func()) (*Watcher, error) {
	notices, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch the configuration folder: %w", err)
	}
	w := &Watcher{dir: filepath.Clean(dir), notices: notices, onChange: onChange}
	w.arm()
	w.content = fingerprint(w.dir)
	return w, nil
}

// Close ends a watcher that Run does not end.
func (w *Watcher) Close() { _ = w.notices.Close() } // nothing was written through it

// Run reports changes until ctx ends, and closes the watcher.
func (w *Watcher) Run(ctx context.Context) {
	defer w.Close()
	w.run(ctx)
}

func (w *Watcher) run(ctx context.Context) {
	patrols := time.NewTicker(patrol)
	defer patrols.Stop()
	settled := time.NewTimer(quiet)
	settled.Stop()
	defer settled.Stop()
	var since time.Time // when the change that is settling began
	touch := func() {
		if since.IsZero() {
			since = time.Now()
		}
		settled.Reset(max(min(quiet, longest-time.Since(since)), 0))
	}
	for {
		select {
		case <-ctx.Done():
			return
		case event, open := <-w.notices.Events:
			if !open {
				return
			}
			if w.concerns(event) {
				touch()
			}
		case err, open := <-w.notices.Errors:
			if !open {
				return
			}
			// Notices that were lost say nothing about what changed: look.
			if errors.Is(err, fsnotify.ErrEventOverflow) {
				touch()
			}
		case <-patrols.C:
			if !w.complete {
				touch()
			}
		case <-settled.C:
			since = time.Time{}
			w.look()
		}
	}
}

// concerns leaves out what happens beside the folder: a database there is
// written to all the time.
func (w *Watcher) concerns(event fsnotify.Event) bool {
	return w.folders[filepath.Dir(event.Name)] || filepath.Base(event.Name) == filepath.Base(w.dir)
}

// look watches what has come into being, and calls back if a content differs.
func (w *Watcher) look() {
	w.arm()
	now := fingerprint(w.dir)
	if now != w.content {
		w.content = now
		w.onChange()
	}
}

// arm watches the folders that the files are in. Folders rather than files: a
// file that an editor replaces takes its watch with it. A second watch of the
// same folder changes nothing, and a removed folder loses its watch by itself.
func (w *Watcher) arm() {
	w.complete, w.folders = true, folders(w.dir)
	for folder := range w.folders {
		if err := w.notices.Add(folder); err != nil {
			w.complete = false
		}
	}
}

// folders are the configuration folder, agents in it, and the one around it, in
// which it may be removed, renamed or, if it is a link, be swapped; where files
// are links, also the folders they lead to. False stands at the one around it:
// there only the folder itself matters.
func folders(dir string) map[string]bool {
	set := map[string]bool{filepath.Dir(dir): false, dir: true, filepath.Join(dir, agentsFolder): true}
	files, err := Dir(dir).agents()
	if err != nil {
		files = nil // a missing folder is in the set, and so is looked for
	}
	for _, name := range append(files, channelsFile, providersFile, runtimeFile) {
		real, err := filepath.EvalSymlinks(filepath.Join(dir, filepath.FromSlash(name)))
		if err == nil {
			set[filepath.Dir(real)] = true
		}
	}
	return set
}

// fingerprint sums up the content of every file that Load would read.
func fingerprint(dir string) [sha256.Size]byte {
	src, sum := Dir(dir), sha256.New()
	names, err := src.agents()
	if err != nil {
		names = nil
		_, _ = fmt.Fprintf(sum, "agents: %v\n", err) // a hash takes everything
	}
	for _, name := range append([]string{channelsFile, providersFile, runtimeFile}, names...) {
		data, err := src.read(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		_, _ = fmt.Fprintf(sum, "%q %v %d\n", name, err, len(data))
		_, _ = sum.Write(data)
	}
	return [sha256.Size]byte(sum.Sum(nil))
}
