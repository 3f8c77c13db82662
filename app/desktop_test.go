//go:build !windows

package app

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"astromesh/store"
)

// seatRig is the program as "desktop" starts it, on a data folder of its own and
// with a browser that only notes what it was told to open.
type seatRig struct {
	t      *testing.T
	env    []string
	data   string
	opened string // what the browser was told, a line each
}

func newSeatRig(t *testing.T) *seatRig {
	t.Helper()
	r := &seatRig{t: t, data: t.TempDir(), opened: filepath.Join(t.TempDir(), "opened")}
	bin := t.TempDir()
	script := "#!/bin/sh\necho \"$1\" >>" + r.opened + "\n"
	if err := os.WriteFile(filepath.Join(bin, "xdg-open"), []byte(script), 0o700); err != nil { // it is to be run
		t.Fatal(err)
	}
	r.env = []string{runMain + "=1", "PATH=" + bin, "HOME=" + t.TempDir(), "ASTROMESH_DATA_DIR=" + r.data,
		"ASTROMESH_WEBHOOK_ADDR=127.0.0.1:0", "ASTROMESH_ADMIN_ADDR=127.0.0.1:0", "OLLAMA_HOST=127.0.0.1:9"}
	return r
}

// start runs a command line; it is ended with the test.
func (r *seatRig) start(args ...string) (cmd *exec.Cmd, stdout, stderr *syncBuffer) {
	r.t.Helper()
	cmd = exec.CommandContext(r.t.Context(), os.Args[0], args...)
	stdout, stderr = &syncBuffer{}, &syncBuffer{}
	cmd.Env, cmd.Stdout, cmd.Stderr, cmd.Dir = r.env, stdout, stderr, r.t.TempDir()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = patience
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = cmd.Wait() }) // its folders are taken away after this; who waited before sees an error here
	return cmd, stdout, stderr
}

// links waits until the browser was told to open n addresses.
func (r *seatRig) links(n int, log *syncBuffer) []string {
	r.t.Helper()
	var lines []string
	eventually(r.t, "link "+r.opened, log, func() bool {
		b, _ := os.ReadFile(r.opened)
		lines = strings.Fields(string(b))
		return len(lines) >= n
	})
	return lines
}

// eventually waits for what another process does.
func eventually(t *testing.T, what string, log *syncBuffer, ok func() bool) {
	t.Helper()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	limit := time.After(patience)
	for !ok() {
		select {
		case <-look.C:
		case <-limit:
			t.Fatalf("%s did not come: %s", what, log)
		}
	}
}

func TestDesktopOpensTheBrowserSignedIn(t *testing.T) {
	r := newSeatRig(t)
	st, err := store.Open(r.data, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = st.FirstOwner(store.User{Name: "Olga", PasswordHash: "none"}); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	first, _, log := r.start("desktop")
	link, err := url.Parse(r.links(1, log)[0])
	if err != nil || link.Path != "/enter" {
		t.Fatalf("%s: %v", link, err)
	}
	second, _, out := r.start("desktop")
	if err := second.Wait(); err != nil {
		t.Fatalf("the second start: %v: %s", err, out)
	}
	again, err := url.Parse(r.links(2, log)[1])
	if err != nil || again.Host != link.Host || again.Path != "/enter" {
		t.Errorf("the second start opened %s, the first %s (%v)", again, link, err)
	}
	for _, l := range []*url.URL{link, again} {
		if status := enter(t, l); status != http.StatusOK {
			t.Errorf("%s does not sign in: %d", l, status)
		}
	}
	if err := first.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := first.Wait(); err != nil {
		t.Errorf("the end: %v: %s", err, log)
	}
	if _, err := os.Stat(filepath.Join(r.data, doorplateName)); err == nil {
		t.Error("the file that says where it runs outlives it")
	}
}

// enter uses a one-time link as its page does.
func enter(t *testing.T, link *url.URL) int {
	t.Helper()
	res, err := http.PostForm("http://"+link.Host+"/enter", link.Query())
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

func TestDesktopSaysTheLinkWithoutABrowser(t *testing.T) {
	r := newSeatRig(t)
	r.env = append(r.env, "PATH="+t.TempDir())
	_, stdout, log := r.start("desktop")
	eventually(t, "the link", log, func() bool { return strings.Contains(stdout.String(), "\n") })
	if !strings.Contains(stdout.String(), "No browser could be opened") || !strings.Contains(stdout.String(), "/setup?token=") {
		t.Errorf("it says %q", stdout)
	}
}

// Started with the computer it shows nothing, and a second such start is content.
func TestDesktopHidden(t *testing.T) {
	r := newSeatRig(t)
	_, stdout, log := r.start("desktop", "--hidden")
	eventually(t, "the start", log, func() bool { return strings.Contains(log.String(), "msg=started") })
	second, out, _ := r.start("desktop", "--hidden")
	if err := second.Wait(); err != nil || out.String() != "" {
		t.Errorf("the second start: %v, %q", err, out)
	}
	if b, err := os.ReadFile(r.opened); err == nil || stdout.String() != "" {
		t.Errorf("it opened %q and said %q", b, stdout)
	}
}

// A file that a crash left behind leads nowhere: the program starts.
func TestDesktopAfterACrash(t *testing.T) {
	r := newSeatRig(t)
	for name, plate := range map[string]string{
		"nobody": `{"url":"http://127.0.0.1:9/open","secret":"x"}`, "half": `{"url":`, "odd": `{"url":"\u0000"}`, "empty": "",
	} {
		if err := os.WriteFile(filepath.Join(r.data, doorplateName), []byte(plate), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := knock(t.Context(), r.data); err == nil {
			t.Errorf("%s: somebody answers", name)
		}
	}
	_, _, log := r.start("desktop")
	if link := r.links(1, log)[0]; !strings.Contains(link, "/setup?token=") {
		t.Errorf("it opened %s", link)
	}
}

// A folder that cannot be used is one sentence, window or not.
func TestDesktopCannotStart(t *testing.T) {
	r := newSeatRig(t)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "desktop", "--data-dir", file)
	cmd.Env, cmd.Stderr = r.env, &out
	if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != 1 || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("%v: %q", err, out.String())
	}
}
