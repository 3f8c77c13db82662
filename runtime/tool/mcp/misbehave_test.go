//go:build unix

package mcp

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"astromesh/runtime/tool/mcp/mcptest"
)

// ownerHears wants a fault whose words for model and owner hold these.
func ownerHears(t *testing.T, err error, model, owner string) {
	t.Helper()
	var fault *Fault
	if !errors.As(err, &fault) || !strings.Contains(fault.Model, model) || !strings.Contains(fault.Owner, owner) {
		t.Errorf("error %#v, want %q and %q", err, model, owner)
	}
}

func TestAServerDiesInMidCall(t *testing.T) {
	s := use(t, program(t))
	_, err := call(t, s, "die", nil)
	ownerHears(t, err, "whether it did what was asked is not known", "ended in the middle of a call")
	if got, err := call(t, s, "order_status", map[string]any{"order": "8"}); err != nil || got != "Order 8 is on its way." {
		t.Errorf("the next call: %q, %v", got, err)
	}
}

// What dies again and again is started less and less often.
func TestAServerThatDiesAgainAndAgain(t *testing.T) {
	s := use(t, program(t))
	var later atomic.Int64
	began := time.Now()
	s.now = func() time.Time { return began.Add(time.Duration(later.Load())) }
	for range 2 { // the second start comes at once
		_, err := call(t, s, "die", nil)
		ownerHears(t, err, "broke off", "ended")
		wait(t, "the end", func() bool { s.mu.Lock(); defer s.mu.Unlock(); return s.link == nil })
	}
	if _, err := call(t, s, "order_status", nil); err == nil || !strings.Contains(err.Error(), "being started anew") {
		t.Errorf("the third start came at once: %v", err)
	}
	later.Store(int64(1001 * time.Millisecond))
	if _, err := call(t, s, "order_status", nil); err != nil {
		t.Errorf("a second later: %v", err)
	}
}

func TestAServerThatSaysTooMuch(t *testing.T) {
	for way, setup := range ways(t) {
		t.Run(way, func(t *testing.T) {
			s := use(t, setup)
			if _, err := s.Tools(t.Context()); err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			size := map[string]any{"mb": 16}
			if way != "stdio" { // it is this test that says it, and -race makes that slow
				size["mb"] = 6
			}
			_, err := call(t, s, "big", size)
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Errorf("%v MB were taken", size["mb"])
			}
			if way == "stdio" { // the others are served by this test itself
				ownerHears(t, err, "too much", "more than 4 MB")
				if grown := (after.TotalAlloc - before.TotalAlloc) >> 20; grown > 24 { // as much as 4 MB take, several times copied
					t.Errorf("%d MB were read", grown)
				}
			}
			if got, err := call(t, s, "order_status", map[string]any{"order": "8"}); err != nil || got != "Order 8 is on its way." {
				t.Errorf("the next call: %q, %v", got, err)
			}
		})
	}
}

// A tool that never comes to an end costs its call, and not the server.
func TestAToolThatHangs(t *testing.T) {
	for way, setup := range ways(t) {
		t.Run(way, func(t *testing.T) {
			s := use(t, setup)
			if _, err := s.Tools(t.Context()); err != nil {
				t.Fatal(err)
			}
			changed := s.Changed()
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			_, err := s.Call(ctx, "hang", nil, "")
			ownerHears(t, err, "did not answer in time", "did not answer in time")
			if got, err := call(t, s, "order_status", map[string]any{"order": "8"}); err != nil || got != "Order 8 is on its way." || s.Changed() != changed {
				t.Errorf("the next call: %q, %v", got, err)
			}
		})
	}
}

// A server that stands still as a whole is ended and started anew.
func TestAServerThatStandsStill(t *testing.T) {
	s := use(t, program(t))
	if _, err := s.Tools(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := s.Call(ctx, "stop", nil, "")
	ownerHears(t, err, "did not answer in time", "did not answer in time")
	wait(t, "its end", func() bool { s.mu.Lock(); defer s.mu.Unlock(); return s.link == nil })
	if got, err := call(t, s, "order_status", map[string]any{"order": "8"}); err != nil || got != "Order 8 is on its way." {
		t.Errorf("the next call: %q, %v", got, err)
	}
}

func TestAServerThatCannotBeReached(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and says nothing
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<h1>hello") }))
	t.Cleanup(page.Close)
	elsewhere := httptest.NewServer(http.RedirectHandler("http://127.0.0.1:1/", http.StatusTemporaryRedirect))
	t.Cleanup(elsewhere.Close)
	for name, c := range map[string]struct {
		setup Setup
		owner string
	}{
		"no program":   {Setup{Command: "no-such-program-anywhere"}, "there is no program no-such-program-anywhere"},
		"no folder":    {Setup{Command: "sleep", Dir: filepath.Join(t.TempDir(), "none")}, "the folder of cwd is not there"},
		"not runnable": {Setup{Command: t.TempDir()}, "cannot be started"},
		"ends at once": {Setup{Command: "true"}, "does not speak the protocol"},
		"no server":    {Setup{Command: "echo", Args: []string{"hello"}}, "does not speak the protocol"},
		"nobody there": {Setup{URL: gone.URL}, "does not answer at its address"},
		"a page":       {Setup{URL: page.URL}, "does not answer at its address"},
		"leads away":   {Setup{URL: elsewhere.URL}, "does not answer at its address"},
		"sse, a page":  {Setup{URL: page.URL, SSE: true}, "does not answer at its address"},
		"silent":       {Setup{Command: "sleep", Args: []string{"600"}}, "is not ready yet"},
		"silent http":  {Setup{URL: "http://" + silent.Addr().String()}, "is not ready yet"},
	} {
		t.Run(name, func(t *testing.T) {
			s := use(t, c.setup)
			patience := time.Minute
			if strings.HasPrefix(name, "silent") { // there is nothing else to wait for
				patience = time.Second
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			_, err := s.Tools(ctx)
			ownerHears(t, err, "orders is not", c.owner)
		})
	}
}

// The program gets no key of ours, and what it starts ends with it.
func TestWhatAProgramGetsAndLeaves(t *testing.T) {
	t.Setenv("WHATSAPP_ACCESS_TOKEN", "EAAsecret")
	p := New(use(t, Setup{}).log, nil)
	setup := program(t)
	s := p.Use(setup)
	env, err := call(t, s, "env", nil)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(env) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), "=")
		if _, given := setup.Env[name]; !given && !slices.Contains(inherited(), name) {
			t.Errorf("it was given %s", name)
		}
	}
	if !strings.Contains(env, "MCPTEST_KEY=sesame-of-the-file") || !strings.Contains(env, "PATH=") {
		t.Errorf("environment %s", env)
	}
	if got := environment(map[string]string{"HOME": "/own"}, os.LookupEnv); !slices.Contains(got, "HOME=/own") || strings.Count(strings.Join(got, " "), "HOME=") != 1 {
		t.Errorf("environment %v", got)
	}
	pids, err := call(t, s, "child", nil)
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
	for _, word := range strings.Fields(pids) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		wait(t, "the end of "+word, func() bool { return !alive(pid) })
	}
}

// alive tells whether a program runs; one that nobody has waited for yet does not.
func alive(pid int) bool {
	if err := syscall.Kill(pid, 0); err != nil {
		return false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

// The key of a call goes with it.
func TestACallHasItsKey(t *testing.T) {
	noted := filepath.Join(t.TempDir(), "notes")
	command, env := mcptest.Command(t, noted)
	if _, err := call(t, use(t, Setup{Command: command, Env: env}), "note", map[string]any{"text": "two loaves"}); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(noted); err != nil || string(got) != "turn-1-1 two loaves\n" {
		t.Errorf("noted %q, %v", got, err)
	}
}
