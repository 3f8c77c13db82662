package mcp

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/tool/mcp/mcptest"
)

func TestMain(m *testing.M) {
	mcptest.Main()
	os.Exit(m.Run())
}

// use gives a server that ends with the test.
func use(t *testing.T, setup Setup) *Server {
	t.Helper()
	p := New(slog.New(slog.DiscardHandler), nil)
	t.Cleanup(p.Close)
	setup.Name = "orders"
	return p.Use(setup)
}

func program(t *testing.T) Setup {
	t.Helper()
	command, env := mcptest.Command(t, filepath.Join(t.TempDir(), "notes"))
	return Setup{Command: command, Env: env}
}

// call wants an answer within the test's patience.
func call(t *testing.T, s *Server, name string, arguments map[string]any) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return s.Call(ctx, name, arguments, "turn-1-1")
}

// ways are the transports.
func ways(t *testing.T) map[string]Setup {
	t.Helper()
	return map[string]Setup{
		"stdio": program(t),
		"http":  {URL: mcptest.Listen(t, false).URL, Headers: map[string]string{"X-Api-Key": "sesame"}},
		"sse":   {URL: mcptest.Listen(t, true).URL, SSE: true},
	}
}

func TestEveryTransport(t *testing.T) {
	for way, setup := range ways(t) {
		t.Run(way, func(t *testing.T) {
			s := use(t, setup)
			tools, err := s.Tools(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, tool := range tools {
				names = append(names, tool.Name)
				if !strings.Contains(string(tool.Schema), `"type":"object"`) {
					t.Errorf("%s has the schema %s", tool.Name, tool.Schema)
				}
			}
			if got := strings.Join(names, " "); got != "big child data die echo env hang more note order_status picture refuse stop" {
				t.Errorf("tools %s", got)
			}
			if got, err := call(t, s, "order_status", map[string]any{"order": "7"}); err != nil || got != "Order 7 is on its way." {
				t.Errorf("order_status: %q, %v", got, err)
			}
			if got, err := call(t, s, "data", nil); err != nil || got != `{"stock":7}` {
				t.Errorf("data: %q, %v", got, err)
			}
			want := "Here it is.\n[image: image/png, 4 bytes]\n[audio: audio/ogg, 6 bytes]\n[link: manual file:///manual.pdf]\ninside\n[file: application/zip, 4 bytes]"
			if got, err := call(t, s, "picture", nil); err != nil || got != want {
				t.Errorf("picture: %q, %v", got, err)
			}
			var fault *Fault
			if _, err := call(t, s, "refuse", nil); err == nil || err.Error() != "There is no such order." || errors.As(err, &fault) {
				t.Errorf("refuse: %v", err)
			}
			if _, err := call(t, s, "no_such", nil); err == nil || !strings.Contains(err.Error(), "orders could not do this") {
				t.Errorf("an unknown tool: %v", err)
			}
			if got, err := call(t, s, "echo", nil); way == "http" && (err != nil || got != "key sesame") {
				t.Errorf("headers: %q, %v", got, err)
			}
		})
	}
}

// A list that has changed is noticed, and read anew.
func TestToolsChange(t *testing.T) {
	for way, setup := range ways(t) {
		t.Run(way, func(t *testing.T) {
			s := use(t, setup)
			if _, err := s.Tools(t.Context()); err != nil {
				t.Fatal(err)
			}
			before := s.Changed()
			if _, err := call(t, s, "more", nil); err != nil {
				t.Fatal(err)
			}
			wait(t, "the change", func() bool { return s.Changed() > before })
			tools, err := s.Tools(t.Context())
			if err != nil || len(tools) != 14 {
				t.Errorf("%d tools, %v", len(tools), err)
			}
		})
	}
}

// wait looks until something has happened that nothing here announces.
func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	limit := time.After(time.Minute)
	for !ok() {
		select {
		case <-look.C:
		case <-limit:
			t.Fatalf("%s did not come", what)
		}
	}
}

// A server that nobody needs any more ends after a while, and is there again when
// somebody does.
func TestAServerThatNobodyNeeds(t *testing.T) {
	p := New(slog.New(slog.DiscardHandler), nil)
	t.Cleanup(p.Close)
	p.linger = time.Millisecond
	setup := program(t)
	s := p.Use(setup)
	if _, err := s.Tools(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Release()
	wait(t, "its end", func() bool { s.mu.Lock(); defer s.mu.Unlock(); return s.stopped && s.link == nil })
	again := p.Use(setup)
	if _, err := again.Tools(t.Context()); err != nil || again == s {
		t.Errorf("needed again: %v", err)
	}
}

// Nobody starts a program twice for two agents, nor leaves one behind.
func TestServersAreShared(t *testing.T) {
	p := New(slog.New(slog.DiscardHandler), nil)
	setup := program(t)
	one, two := p.Use(setup), p.Use(setup)
	other := setup
	other.Args = []string{"-x"}
	if three := p.Use(other); one != two || three == one {
		t.Error("the same setup is one server, another is another")
	}
	if got, err := call(t, one, "order_status", nil); err != nil || got == "" {
		t.Fatal(err)
	}
	one.Release()
	if _, err := call(t, two, "order_status", nil); err != nil {
		t.Errorf("released by one of two: %v", err)
	}
	two.Release()
	if again := p.Use(setup); again != one {
		t.Error("a server that was just released was not taken again")
	}
	p.Close()
	if _, err := call(t, one, "order_status", nil); err == nil || !strings.Contains(err.Error(), "not running any more") {
		t.Errorf("after the end: %v", err)
	}
	if _, err := p.Use(setup).Tools(t.Context()); err == nil {
		t.Error("a server was started after the end")
	}
	var none *Servers
	alone := none.Use(setup)
	if _, err := alone.Tools(t.Context()); err != nil {
		t.Error(err)
	}
	alone.Release()
	none.Close()
}
