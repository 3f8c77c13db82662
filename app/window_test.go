//go:build linux

package app

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"astromesh/config"
	"astromesh/store"
	"astromesh/web"

	"github.com/alexedwards/argon2id"
	"github.com/chromedp/chromedp"
)

// The window on a screen: what is seen, clicked and closed there.
func TestWindow(t *testing.T) {
	s := newScreen(t)
	program := buildWindow(t)
	t.Run("first run", func(t *testing.T) { windowFirstRun(t, s, program) })
	t.Run("at work", func(t *testing.T) { windowAtWork(t, s, program) })
	t.Run("closing", func(t *testing.T) { windowCloses(t, s, program) })
	t.Run("no screen", func(t *testing.T) { windowNeedsAScreen(t, s, program) })
	t.Run("cannot start", func(t *testing.T) { windowSaysWhy(t, s, program) })
	t.Run("no GTK", func(t *testing.T) { windowNeedsGTK(t, program) })
}

// A newcomer chooses a language and a password in the window; a link to
// elsewhere opens in the system's browser.
func windowFirstRun(t *testing.T, s *screen, program string) {
	mirror, err := New(t.Context(), Options{Source: config.Embedded(), DataDir: t.TempDir(), WebhookAddr: "127.0.0.1:0", AdminAddr: "127.0.0.1:0",
		OllamaHost: "127.0.0.1:9", Log: slog.New(slog.DiscardHandler), Env: config.OSEnv})
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = mirror.Run(t.Context()) }()
	_, admin := mirror.Addrs()
	w := newTwin(t, s, program, "http://"+admin)
	w.b.run("setup", chromedp.Navigate(mirror.web.SetupLink()))
	w.start() // with nothing else said: from a menu
	w.same("language")
	w.follow(".setup-languages a[lang=en]", "/setup")
	w.fill("#name", "Olga")
	w.follow("[data-reveal=password]", "/setup") // dots are drawn too differently to be compared
	w.fill("#password", "a long enough one")
	w.follow("button[type=submit]", "/setup/model")
	w.b.shows("ollama.com/download")
	w.same("setup")
	w.press(`a[href="https://ollama.com/download"]`)
	if got := w.seat.links(1, w.log); got[0] != "https://ollama.com/download" {
		t.Errorf("the browser was told to open %q", got)
	}
	w.same("setup") // the window itself went nowhere
	w.stopBySignal()
}

func (w *twin) stopBySignal() {
	w.t.Helper()
	if err := w.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		w.t.Fatal(err)
	}
	w.end(0)
}

// owned makes the data folder's owner.
func owned(t *testing.T, dir string) {
	t.Helper()
	hash, err := argon2id.CreateHash("a long enough one", &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(dir, store.Options{})
	if err == nil {
		_, err = st.FirstOwner(store.User{Name: "Olga", PasswordHash: hash, Language: "en"})
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}

// newWorkingTwin is a program with an owner, behind Meta, beside one that
// Chromium is signed in to.
func newWorkingTwin(t *testing.T, s *screen, program string) (*rig, *twin) {
	t.Helper()
	r := newRig(t, rigOptions{})
	r.stop()
	r.data = t.TempDir()
	owned(t, r.data)
	r.start()
	_, admin := r.app.Addrs()
	w := newTwin(t, s, program, "http://"+admin)
	owned(t, w.seat.data)
	w.seat.env = append(w.seat.env, "ASTROMESH_CONFIG_DIR="+r.config, "ASTROMESH_GRAPH_URL="+r.meta.URL())
	for name, value := range r.env {
		w.seat.env = append(w.seat.env, name+"="+value)
	}
	link, err := r.app.web.OwnerLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.b.run("sign in", chromedp.Navigate(link), chromedp.WaitVisible(".rail-user", chromedp.ByQuery))
	return r, w
}

// The window shows the signed-in dashboard, what arrives appears by itself, and
// a download says where it went.
func windowAtWork(t *testing.T, s *screen, program string) {
	r, w := newWorkingTwin(t, s, program)
	w.start("desktop")
	w.same("dashboard")
	w.follow(`.rail a[href="/conversations"]`, "/conversations")
	w.same("no-conversations")
	mirrorHook, _ := r.app.Addrs()
	for i, hook := range []string{mirrorHook, w.address("webhook")} {
		r.meta.SetCallback("http://" + hook + "/v1/channels/whatsapp/webhook")
		r.post(r.meta.Text(ana, "hello, are you open today?"))
		r.until("the answer", func() bool { return len(r.read(ana)) == 1+i })
		if i == 0 { // its reports come to where they belong
			r.until("the read tick", r.reported)
		}
	}
	w.b.shows("hello, are you open today?")
	w.same("conversations") // nobody touched the window
	w.follow(`.rail a[href="/logs"]`, "/logs")
	w.same("logs")
	page := w.picture(w.id)
	w.press(`a[href^="/logs/download"]`)
	folder := valueOf(w.seat.env, "XDG_DOWNLOAD_DIR")
	var files []os.DirEntry
	eventually(t, "the download", w.log, func() bool {
		files, _ = os.ReadDir(folder)
		return len(files) == 1
	})
	eventually(t, "the page that says where it is", w.log, func() bool { return likeness(page, w.picture(w.id)) < 0.3 })
	w.keep("window-saved", w.id)
	if b, err := os.ReadFile(filepath.Join(folder, files[0].Name())); err != nil || !strings.HasPrefix(string(b), "{") {
		t.Errorf("%.100s, %v", b, err)
	}
	w.stopBySignal()
}

// valueOf is the last value of a variable: that one counts.
func valueOf(env []string, name string) (value string) {
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			value = v
		}
	}
	return value
}

// Closing asks once; the program goes on behind the closed window, another start
// brings it forward, and the setting changes what closing means.
func windowCloses(t *testing.T, s *screen, program string) {
	_, w := newWorkingTwin(t, s, program)
	w.start("desktop")
	w.same("before-closing")
	w.must("wmctrl", "-i", "-c", w.id)
	question := w.waitWindow("Close Astromesh", true, w.log)
	w.keep("window-question", question)
	// A question that has just come may not have the keyboard yet.
	eventually(t, "the answer to the question", w.log, func() bool {
		if w.window("Close Astromesh") != "" {
			_ = w.try("xdotool", "windowactivate", "--sync", question, "key", "alt+y") // it may have gone meanwhile
		}
		return w.window("Astromesh") == ""
	})
	if !w.answers() {
		t.Error("nobody answers behind the closed window")
	}
	doorplate, err := os.ReadFile(filepath.Join(w.seat.data, doorplateName))
	if err != nil {
		t.Fatal(err)
	}
	second, out := w.begin("desktop")
	if err := second.Wait(); err != nil || out.String() != "" {
		t.Errorf("the second start: %v: %s", err, out)
	}
	w.id = w.waitWindow("Astromesh", true, w.log)
	eventually(t, "the window in front", w.log, func() bool {
		out, _ := s.output("xdotool", "getactivewindow")
		return strings.TrimSpace(string(out)) == w.id
	})
	if now, err := os.ReadFile(filepath.Join(w.seat.data, doorplateName)); err != nil || !slices.Equal(now, doorplate) {
		t.Errorf("the second start runs a server of its own: %s, %v", now, err)
	}
	w.same("again")
	if choice := settingOf(t, w.seat.data, web.CloseSetting); choice != web.CloseBackground {
		t.Errorf("the answer was kept as %q", choice)
	}
	w.must("wmctrl", "-i", "-c", w.id)
	w.waitWindow("Astromesh", false, w.log)
	if w.window("Close Astromesh") != "" {
		t.Error("it asks again")
	}
	w.stopBySignal()
	setSetting(t, w.seat.data, web.CloseSetting, web.CloseStop)
	w.start("desktop")
	w.same("to-stop")
	w.must("wmctrl", "-i", "-c", w.id)
	w.end(0)
}

func settingOf(t *testing.T, dir, name string) string {
	t.Helper()
	st, err := store.OpenBeside(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	value, err := st.Setting(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func setSetting(t *testing.T, dir, name, value string) {
	t.Helper()
	st, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.SetSetting(name, value); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}
