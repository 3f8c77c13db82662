package web

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A backup that takes long is shown as it goes on, and can be given up.
func TestLongBackup(t *testing.T) {
	d, _ := newBackupDash(t)
	working := make(chan struct{})
	ended, ok := d.server.backups.start(t.Context(), false, func(ctx context.Context, progress func(done, total int64)) (string, func(), error) {
		progress(315e6, 1257e6)
		close(working)
		<-ctx.Done()
		return "", nil, ctx.Err()
	})
	if !ok {
		t.Fatal("it did not begin")
	}
	<-working
	page := d.owner.page("/settings/backup")
	for _, part := range []string{"A backup is being made", `sse-connect="/settings/backup/stream"`, "<progress", "105 MB of 419 MB", "Cancel"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %q", part)
		}
	}
	for _, path := range []string{"make", "moving"} {
		w := d.owner.post("/settings/backup/"+path, map[string][]string{"passphrase": {movingWords}})
		if location(w) != "/settings/backup?saved=backup_busy" {
			t.Errorf("a second one, %s: %d %s", path, w.Code, location(w))
		}
	}
	if e := d.owner.stream("/settings/backup/stream")("105 MB of 419 MB"); e.event != "backup" {
		t.Errorf("the stream says %+v", e)
	}
	if w := d.owner.post("/settings/backup/cancel", nil); location(w) != "/settings/backup" {
		t.Errorf("cancel: %d", w.Code)
	}
	<-ended
	if page := d.owner.page("/settings/backup"); !strings.Contains(page, "The backup was given up") || strings.Contains(page, "<progress") {
		t.Error("the page does not say that it was given up")
	}
	if w := d.owner.post("/settings/backup/make", nil); location(w) != "/settings/backup?saved=backup" {
		t.Errorf("the next one: %d %s", w.Code, location(w))
	}
}

// Whoever leaves while the file for another computer is made finds it waiting,
// once, and then nothing of it stays.
func TestMovingBackupWaits(t *testing.T) {
	d, _ := newBackupDash(t)
	path := filepath.Join(t.TempDir(), "shop.backup")
	removed := make(chan struct{})
	ended, ok := d.server.backups.start(t.Context(), true, func(context.Context, func(done, total int64)) (string, func(), error) {
		return path, func() { close(removed) }, os.WriteFile(path, []byte("everything"), 0o600)
	})
	if !ok {
		t.Fatal("it did not begin")
	}
	<-ended
	if page := d.owner.page("/settings/backup"); !strings.Contains(page, `href="/settings/backup/moving/file"`) {
		t.Error("the page does not offer the file")
	}
	if w := d.staff.get("/settings/backup/moving/file"); w.Code != http.StatusForbidden {
		t.Errorf("staff may fetch it: %d", w.Code)
	}
	w := d.owner.get("/settings/backup/moving/file")
	if w.Code != http.StatusOK || w.Body.String() != "everything" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("download: %d %q", w.Code, w.Body)
	}
	<-removed
	if w := d.owner.get("/settings/backup/moving/file"); w.Code != http.StatusNotFound {
		t.Errorf("a second time: %d", w.Code)
	}
	if page := d.owner.page("/settings/backup"); strings.Contains(page, "/settings/backup/moving/file") {
		t.Error("the page still offers it")
	}
	if !strings.Contains(d.audits(), "backup downloaded shop.backup with a passphrase") {
		t.Error("nobody can see that it was handed out")
	}
}
