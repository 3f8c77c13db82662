package app

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"astromesh/config"
	"astromesh/runtime/channel/whatsapp/emulator"
	"astromesh/store"
)

// smallDisk mounts a disk of a few MB on a folder. It takes root.
func smallDisk(t *testing.T, dir, options string) {
	t.Helper()
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		if strings.Contains(os.Getenv("ASTROMESH_TEST_REQUIRE"), "disk") {
			t.Fatal("this test needs root on Linux, to mount a small disk")
		}
		t.Skip("left out: mounting a small disk needs root on Linux")
	}
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", options, "tmpfs", dir).CombinedOutput(); err != nil {
		t.Fatalf("mount: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
}

// fill takes all that is left of a disk.
func fill(t *testing.T, dir string) (path string) {
	t.Helper()
	path = filepath.Join(dir, "filler")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for block := make([]byte, 64<<10); ; {
		if _, err := f.Write(block); err != nil {
			if len(block) == 1 {
				return path
			}
			block = block[:len(block)/2]
		}
	}
}

// While the disk is full, Meta hears 503 and nothing is half stored; with room
// again, what Meta repeats is answered once.
func TestTheDiskIsFull(t *testing.T) {
	r := newRig(t, rigOptions{})
	r.stop()
	r.data = t.TempDir()
	smallDisk(t, r.data, "size=4m")
	r.start()
	t.Cleanup(r.stop) // before the disk goes
	r.post(r.meta.Text(ana, "before"))
	r.reads(ana, "re: before")
	r.idle()
	filler := fill(t, r.data)
	var words []string // an echo of one word over and over would be taken for a model that loops
	for i := range 200 {
		words = append(words, fmt.Sprint("word", i*i))
	}
	text := strings.Join(words, " ")
	refused := func(it emulator.Item) bool {
		status, err := r.meta.Post(r.ctx, it)
		if err != nil || status != http.StatusServiceUnavailable && status != http.StatusOK {
			t.Fatalf("full disk: %d, %v; want 503", status, err)
		}
		return status == http.StatusServiceUnavailable
	}
	var it emulator.Item
	r.until("the refusal", func() bool {
		// A little room may be left inside the database, and the program makes some now
		// and then, when it cuts its log: fill that too.
		if !refused(r.meta.Text(emulator.User{Phone: "34600999888"}, strings.Repeat("more ", 300))) {
			return false
		}
		text += "."
		it = r.meta.Text(ana, text)
		return refused(it)
	})
	delivery := r.meta.Deliver(it)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if err := delivery.Wait(r.ctx); err != nil {
		t.Fatal(err)
	}
	r.reads(ana, "re: "+text)
	r.idle()
	if got := count(r.read(ana), "re: "+text); got != 1 {
		t.Errorf("%d replies, want one", got)
	}
}

// What keeps the program from starting is said in one sentence.
func TestItCannotStart(t *testing.T) {
	full, readOnly := t.TempDir(), t.TempDir()
	smallDisk(t, full, "size=64k")
	fill(t, full)
	smallDisk(t, readOnly, "size=1m,ro")
	grown := t.TempDir()
	smallDisk(t, grown, "size=2m")
	if st, err := store.Open(grown, store.Options{}); err != nil || st.Close() != nil {
		t.Fatal(err)
	}
	fill(t, grown)
	good := t.TempDir()
	write(t, good, "channels.yaml", testChannels)
	write(t, good, "agents/shop.agent.yaml", testAgent)
	broken, empty, file := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "file")
	write(t, broken, "channels.yaml", "channels:\n  whatsapp: [\n")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ config, data, says string }{
		"full disk":             {good, full, "disk is full"},
		"disk full since":       {good, grown, "disk is full"},
		"read-only disk":        {good, readOnly, "cannot be written"},
		"empty config folder":   {empty, t.TempDir(), "channels.yaml:1:1: this file is missing"},
		"no config folder":      {filepath.Join(empty, "none"), t.TempDir(), "channels.yaml"},
		"half-written channel":  {broken, t.TempDir(), "channels.yaml:"},
		"data folder is a file": {good, file, "data folder"},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := New(t.Context(), Options{Source: config.Dir(c.config), DataDir: c.data, WebhookAddr: "127.0.0.1:0", AdminAddr: "127.0.0.1:0",
				Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Env: config.OSEnv})
			if err == nil {
				_ = a.Close()
				t.Fatal("it started")
			}
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("%q does not say %q", err, c.says)
			}
			t.Log(err)
		})
	}
}
