package app

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"astromesh/config"
	"astromesh/runtime/channel/whatsapp/emulator"
	"astromesh/runtime/model/modeltest"
	"astromesh/store"
	"astromesh/store/storetest"

	"github.com/ollama/ollama/api"
)

const movingPassphrase = "four peas in a pod"

// commandOn runs a command on a data folder, with the passphrase in the variable.
func commandOn(t *testing.T, data, passphrase string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	env := func(name string) (string, bool) {
		return passphrase, name == passphraseVariable && passphrase != ""
	}
	code = run(&command{ctx: t.Context(), stdin: strings.NewReader(""), stdout: &out, stderr: &errs, env: env}, append(args, "--data-dir", data))
	return code, out.String(), errs.String()
}

// While messages come in, a backup is made; on another machine, with nothing else
// to copy, the conversation goes on where it was, and nobody is answered twice.
func TestMovingHouseGoesOnWithTheConversation(t *testing.T) {
	r := newRig(t, rigOptions{})
	r.post(r.meta.Text(ana, "I am Ana and want two pizzas"))
	r.reads(ana, "re: I am Ana and want two pizzas")
	r.idle()
	stop, sent, begun := make(chan struct{}), make(chan int), make(chan struct{})
	one := sync.OnceFunc(func() { close(begun) })
	go func() { // others write all the while; at more than these the rate limit would have its say
		i := 0
		for ; i < 200; i++ {
			select {
			case <-stop:
				sent <- i
				return
			default:
				_ = r.meta.Deliver(r.meta.Text(emulator.User{Phone: fmt.Sprintf("3460000%04d", i%50), Name: "X"}, fmt.Sprint("m", i))).Wait(r.ctx) // counted below
				one()
			}
		}
		<-stop
		sent <- i
	}()
	<-begun
	file := filepath.Join(t.TempDir(), "house.backup")
	code, said, wrong := commandOn(t, r.data, movingPassphrase, "backup", file)
	close(stop)
	n := <-sent
	t.Logf("%d messages meanwhile", n)
	if code != 0 || wrong != "" || !strings.Contains(said, "opens with the passphrase") || n == 0 {
		t.Fatalf("backup: %d %s %s, %d messages meanwhile", code, said, wrong, n)
	}
	r.idle()
	r.stop()
	before := len(r.meta.Duplicates())

	r.data = filepath.Join(t.TempDir(), "another machine")
	if code, said, wrong := commandOn(t, r.data, movingPassphrase, "restore", file); code != 0 || !strings.Contains(said, "Restored into") || strings.Contains(said, "entered again") {
		t.Fatalf("restore: %d %s %s", code, said, wrong)
	}
	r.start()
	r.post(r.meta.Text(ana, "and what did I say?"))
	r.reads(ana, "re: and what did I say?")
	var heard bool
	for _, q := range r.ollama.Requests() { // others are answered at the same time
		question := slices.ContainsFunc(q.Messages, func(m api.Message) bool { return m.Content == "and what did I say?" })
		heard = heard || question && slices.ContainsFunc(q.Messages, func(m api.Message) bool { return m.Content == "I am Ana and want two pizzas" })
	}
	if !heard {
		t.Error("the agent has forgotten the conversation")
	}
	r.idle()
	if n := len(r.meta.Duplicates()) - before; n > 0 {
		t.Logf("%d messages were on their way at the backup and were answered by both", n)
	}
}

// Every mistake is one sentence and exit code 1, and changes nothing.
func TestBackupCommandsSayWhatIsWrong(t *testing.T) {
	data, file, notes := t.TempDir(), filepath.Join(t.TempDir(), "b.backup"), filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(notes, []byte("my notes"), 0o600); err != nil {
		t.Fatal(err)
	}
	st := storetest.Open(t, data, nil)
	if code, _, wrong := commandOn(t, data, movingPassphrase, "backup", file); code != 0 {
		t.Fatal(wrong)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(t.TempDir(), "half.backup")
	if err := os.WriteFile(half, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	full := t.TempDir()
	smallDisk(t, full, "size=64k")
	fill(t, full)
	for name, c := range map[string]struct {
		data, passphrase string
		args             []string
		says             string
	}{
		"running":              {data, movingPassphrase, []string{"restore", file}, "another Astromesh is running on this data folder"},
		"no passphrase":        {t.TempDir(), "", []string{"restore", file}, "the passphrase is needed"},
		"wrong passphrase":     {t.TempDir(), "peas", []string{"restore", file}, "not the passphrase"},
		"truncated":            {t.TempDir(), "", []string{"restore", half}, "is not whole"},
		"not a backup":         {t.TempDir(), "", []string{"restore", notes}, "not an Astromesh backup"},
		"not there":            {t.TempDir(), "", []string{"restore", file + "x"}, "no such file"},
		"nothing to back up":   {t.TempDir(), "", []string{"backup", file + "2"}, "nothing to back up"},
		"over somebody's file": {data, "", []string{"backup", notes}, "choose another name"},
		"no such folder":       {data, "", []string{"backup", filepath.Join(full, "none", "b")}, "there is no folder"},
		"in a file":            {data, "", []string{"backup", filepath.Join(notes, "b")}, "there is no folder"},
		"over a folder":        {data, "", []string{"backup", full}, "is a folder: name a file in it"},
		"no name":              {data, "", []string{"backup", ""}, "name one, for example"},
		"no room for a backup": {data, "", []string{"backup", filepath.Join(full, "b")}, "the disk is full"},
		"no room to restore":   {full, movingPassphrase, []string{"restore", file}, "the disk is full"},
	} {
		code, said, wrong := commandOn(t, c.data, c.passphrase, c.args...)
		if code != 1 || said != "" || !strings.Contains(wrong, c.says) || strings.Count(wrong, "\n") != 1 {
			t.Errorf("%s: %d %q %q", name, code, said, wrong)
		}
	}
	if b, err := os.ReadFile(notes); err != nil || string(b) != "my notes" {
		t.Errorf("somebody's file now holds %q, %v", b, err)
	}
	if err := st.Ping(); err != nil {
		t.Errorf("the running program: %v", err)
	}
	if code, _, _ := commandOn(t, data, "", "restore"); code != usageCode {
		t.Errorf("without a file: %d", code)
	}
}

// Two programs on one data folder: the second says so and leaves.
func TestASecondProgramLeaves(t *testing.T) {
	r := newRig(t, rigOptions{})
	if code, _, wrong := commandOn(t, r.data, "", "serve", "--config-dir", r.config); code != 1 || !strings.Contains(wrong, "another Astromesh is running") || strings.Count(wrong, "\n") != 1 {
		t.Errorf("%d %q", code, wrong)
	}
	r.post(r.meta.Text(ana, "still there?"))
	r.reads(ana, "re: still there?")
}

// The night's backup is made once, after half past three, and not where the owner
// wants none.
func TestTheNightsBackup(t *testing.T) {
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.Local)
	at := day
	st := storetest.Open(t, t.TempDir(), func() time.Time { return at })
	a := &App{store: st, log: slog.New(slog.DiscardHandler)}
	for _, step := range []struct {
		at   time.Time
		want int
	}{
		{day.Add(10 * time.Hour), 1}, // the first one at once
		{day.Add(20 * time.Hour), 1},
		{day.Add(24*time.Hour + 3*time.Hour), 1}, // not yet
		{day.Add(24*time.Hour + 4*time.Hour), 2},
		{day.Add(24*time.Hour + 23*time.Hour), 2},
		{day.Add(96 * time.Hour), 3},                // it was off for two nights
		{day.Add(400 * 24 * time.Hour), 4},          // the clock is a year ahead,
		{day.Add(5*24*time.Hour + 4*time.Hour), 5},  // and set right: that one is not last night's
		{day.Add(5*24*time.Hour + 20*time.Hour), 5}, // as ever
	} {
		at = step.at
		if err := a.backUpIfDue(t.Context(), at); err != nil {
			t.Fatal(err)
		}
		if list, err := st.Backups(); err != nil || len(list) != step.want {
			t.Errorf("%s: %d backups, want %d (%v)", at.Format(time.DateTime), len(list), step.want, err)
		}
	}
	if err := st.SetKeepBackups(0); err != nil {
		t.Fatal(err)
	}
	at = at.Add(48 * time.Hour)
	if err := a.backUpIfDue(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	if list, err := st.Backups(); err != nil || len(list) != 5 {
		t.Errorf("%d backups where none is wanted (%v)", len(list), err)
	}
}

// A store that was staged in the dashboard is in service after the start anew, on
// the same addresses.
func TestStartAnewWithARestoredStore(t *testing.T) {
	there := storetest.New(t)
	if _, err := there.CreateUser(store.User{Name: "Olga", Role: store.RoleOwner, PasswordHash: "none"}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "b.backup")
	if _, err := there.Backup(t.Context(), file, store.BackupOptions{}); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	log := &syncBuffer{}
	started := make(chan *App, 2)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	hook := modeltest.FreeAddress(t) // that port was named, the other one is the system's choice
	go func() {
		ended <- serveUntilDone(ctx, Options{Source: config.Embedded(), DataDir: data, WebhookAddr: hook, AdminAddr: "127.0.0.1:0",
			Log: slog.New(slog.NewTextHandler(log, nil)), Env: config.OSEnv},
			func(a *App) { started <- a })
	}()
	first := <-started
	webhook, admin := first.Addrs()
	b, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	if _, err := first.store.StageFrom(b, store.RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	first.Restart()
	first.Restart() // once is enough
	second := <-started
	if w, a := second.Addrs(); w != webhook || a != admin {
		t.Errorf("it answers at %s and %s now, and did at %s and %s", w, a, webhook, admin)
	}
	if u, err := second.store.UserByName(t.Context(), "Olga"); err != nil || u.Role != store.RoleOwner {
		t.Errorf("%+v, %v", u, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("stop: %v\n%s", err, log)
	}
}
