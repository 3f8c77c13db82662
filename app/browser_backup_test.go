package app

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"

	"astromesh/config"
	"astromesh/runtime/model/modeltest"
	"astromesh/store"

	"github.com/chromedp/chromedp"
)

// An owner makes a backup, changes something, restores it by upload and signs in
// again: the change is gone.
func TestBrowserBackupAndRestore(t *testing.T) {
	started := make(chan *App, 2)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	addrs := [2]string{modeltest.FreeAddress(t), modeltest.FreeAddress(t)} // nobody takes them while it starts anew
	go func() {
		ended <- serveUntilDone(ctx, Options{Source: config.Embedded(), DataDir: t.TempDir(), WebhookAddr: addrs[0], AdminAddr: addrs[1],
			Log: slog.New(slog.DiscardHandler), Env: func(string) (string, bool) { return "", false }}, func(a *App) { started <- a })
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	a := <-started
	_, admin := a.Addrs()
	b := newBrowser(t, "http://"+admin)
	b.look(1280, "light")
	b.claim(a.web.SetupLink())
	b.open("/settings/backup")
	b.shows("There is none yet")
	b.run("make one", chromedp.Submit("form[action='/settings/backup/make'] button", chromedp.ByQuery))
	b.shows("The backup is made.")
	for _, width := range []int64{1280, 360} {
		for _, scheme := range []string{"light", "dark"} {
			b.look(width, scheme)
			b.open("/settings/backup")
			where := fmt.Sprintf("backup-%d-%s", width, scheme)
			b.fits(where)
			b.accessible(where)
			b.keep(where)
		}
	}
	file := filepath.Join(t.TempDir(), "shop.backup")
	if _, err := a.store.Backup(ctx, file, store.BackupOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := a.store.SetRetention(99, 9); err != nil {
		t.Fatal(err)
	}
	b.look(1280, "light")
	b.agree()
	b.run("restore", chromedp.SetUploadFiles("#file", []string{file}, chromedp.ByQuery), chromedp.Click("form[action='/settings/backup/restore'] button", chromedp.ByQuery))
	b.shows("Starting anew with your backup")
	b.keep("restoring")
	second := <-started
	b.until("the login", "location.pathname === '/login'")
	b.run("sign in", chromedp.SendKeys("#name", "Ana", chromedp.ByQuery), chromedp.SendKeys("#password", "a long enough one", chromedp.ByQuery), chromedp.Submit("#password", chromedp.ByQuery))
	b.shows("Signed in as Ana")
	if keep, err := second.store.Retention(ctx); err != nil || keep != store.DefaultRetention {
		t.Errorf("what was changed after the backup is still there: %+v, %v", keep, err)
	}
}
