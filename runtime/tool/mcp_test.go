package tool

import (
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

// mcpEntry is an entry of a file that starts the real server.
func mcpEntry(t *testing.T, name string, more map[string]any) Declared {
	t.Helper()
	command, env := mcptest.Command(t, filepath.Join(t.TempDir(), "notes"))
	block := map[string]any{"transport": "stdio", "command": command, "env": map[string]any{}}
	for k, v := range env {
		block["env"].(map[string]any)[k] = v
	}
	for k, v := range more {
		block[k] = v
	}
	return Declared{Type: "mcp", Name: name, Description: "Everything about orders", Rest: map[string]any{"mcp": block}}
}

func opening(t *testing.T, declared ...Declared) *Registry {
	t.Helper()
	out := NewOutside(slog.New(slog.DiscardHandler), nil)
	t.Cleanup(out.Close)
	r, problems := New(declared, Sources{Outside: out})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	t.Cleanup(r.Close)
	if faults := r.Open(t.Context()); len(faults) > 0 {
		t.Fatal(faults)
	}
	return r
}

// A file's entry brings all tools of its server, sorted, after those before it.
func TestMCPTools(t *testing.T) {
	r := opening(t, Declared{Name: "datetime_now"}, mcpEntry(t, "orders", nil))
	if got := strings.Join(r.Names(), " "); got != "datetime_now big child data die echo env hang more note order_status picture refuse stop" {
		t.Errorf("names %s", got)
	}
	for _, s := range r.Specs() {
		if s.Description == "" || s.Name == "data" && s.Description != "Everything about orders" {
			t.Errorf("%s is described as %q", s.Name, s.Description)
		}
	}
	got, err := r.Call(t.Context(), "order_status", Call{Arguments: map[string]any{"order": 7.0}})
	if err != nil || got != "Order 7 is on its way." {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := r.Call(t.Context(), "env", Call{}); err != nil || strings.Contains(got, "sesame") || !strings.Contains(got, "MCPTEST_KEY=***") {
		t.Errorf("the model reads a secret of the file: %s, %v", got, err)
	}
	before := r.Names()
	a := r.Answer(t.Context(), "die", Call{})
	if a.Err == nil || !strings.Contains(a.Fault, "The MCP server orders ended in the middle of a call") {
		t.Errorf("die: %+v", a)
	}
	if strings.Join(r.Names(), " ") != strings.Join(before, " ") {
		t.Error("the prompt's beginning changed with the server's end")
	}
	if got, err := r.Call(t.Context(), "order_status", Call{Arguments: map[string]any{"order": "8"}}); err != nil || got != "Order 8 is on its way." {
		t.Errorf("after its end: %q, %v", got, err)
	}
}

// tools and include name what is offered, permissions.allowed_actions what may be
// called, by tool or by server; two of a name are told apart.
func TestMCPToolsAreChosen(t *testing.T) {
	r := opening(t, mcpEntry(t, "one", map[string]any{"tools": []any{"order_status", "echo", "none"}}),
		mcpEntry(t, "two.x", map[string]any{"include": []any{map[string]any{"name": "order_status"}, "data"}}))
	if got := strings.Join(r.Names(), " "); got != "echo order_status data two_x_order_status" {
		t.Errorf("names %s", got)
	}
	if got, err := r.Call(t.Context(), "two_x_order_status", Call{Arguments: map[string]any{"order": "7"}}); err != nil || got != "Order 7 is on its way." {
		t.Errorf("%q, %v", got, err)
	}
	if specs := r.Specs(); specs[3].Name != "two_x_order_status" {
		t.Errorf("offered as %s", specs[3].Name)
	}
	r.Keep([]string{"echo", "two.x"})
	if got := strings.Join(r.Names(), " "); got != "echo data order_status" {
		t.Errorf("allowed %s", got)
	}
}

// A list that changes is offered from the next turn on, and not in the middle of one.
func TestMCPToolsChange(t *testing.T) {
	r := opening(t, mcpEntry(t, "orders", map[string]any{"tools": []any{"more", "extra"}}))
	if _, err := r.Call(t.Context(), "more", Call{}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(r.Names(), " "); got != "more" {
		t.Errorf("within the turn: %s", got)
	}
	source := r.sources[0]
	for !source.made.Stale() {
		if t.Context().Err() != nil {
			t.Fatal("no change came")
		}
		if _, err := r.Call(t.Context(), "more", Call{}); err != nil { // something to wait for
			t.Fatal(err)
		}
	}
	r.Open(t.Context())
	if got := strings.Join(r.Names(), " "); got != "extra more" {
		t.Errorf("in the next turn: %s", got)
	}
}

func TestMCPOverHTTP(t *testing.T) {
	for way, sse := range map[string]bool{"http": false, "streamable-http": false, "streamable_http": false, "sse": true} {
		at := mcptest.Listen(t, sse)
		r := opening(t, Declared{Type: "mcp", Name: "orders", Rest: map[string]any{"url": at.URL, "transport": way, "headers": map[string]any{"X-Api-Key": "sesame-42"}}})
		if got, err := r.Call(t.Context(), "order_status", Call{Arguments: map[string]any{"order": "7"}}); err != nil || got != "Order 7 is on its way." {
			t.Errorf("%s: %q, %v", way, got, err)
		}
		if got, err := r.Call(t.Context(), "echo", Call{}); !sse && (err != nil || got != "key ***") {
			t.Errorf("%s: %q, %v", way, got, err)
		}
	}
}

// args, env and cwd reach the program.
func TestMCPProgramHasItsArgumentsAndFolder(t *testing.T) {
	folder := t.TempDir()
	entry := mcpEntry(t, "orders", nil)
	block := entry.Rest["mcp"].(map[string]any)
	block["env"].(map[string]any)["MCPTEST_NOTES"] = "noted-here" // from where it runs
	block["command"], block["args"], block["cwd"] = "sh", []any{"-c", `exec "$0"`, block["command"]}, folder
	r := opening(t, entry)
	if got, err := r.Call(t.Context(), "note", Call{TurnID: "t9", Arguments: map[string]any{"text": "bread"}}); err != nil || got != "Written down." {
		t.Fatalf("%q, %v", got, err)
	}
	if got, err := os.ReadFile(filepath.Join(folder, "noted-here")); err != nil || string(got) != "t9-1 bread\n" {
		t.Errorf("noted %q, %v", got, err)
	}
}

// timeout bounds each call, rate_limit all calls of one server together.
func TestMCPTimeoutAndRate(t *testing.T) {
	hasty := opening(t, mcpEntry(t, "orders", map[string]any{"timeout": "200ms", "tools": []any{"hang"}}))
	a := hasty.Answer(t.Context(), "hang", Call{})
	if a.Err == nil || !strings.Contains(a.Err.Error(), "did not answer in time") || a.Fault == "" {
		t.Errorf("hang: %+v", a)
	}
	seldom := mcpEntry(t, "orders", map[string]any{"tools": []any{"data", "order_status"}})
	seldom.MaxCalls, seldom.Window = 2, time.Hour
	r := opening(t, seldom)
	if got, err := r.Call(t.Context(), "data", Call{}); err != nil || got != `{"stock":7}` {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := r.Call(t.Context(), "order_status", Call{Arguments: map[string]any{"order": "7"}}); err != nil || got != "Order 7 is on its way." {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := r.Call(t.Context(), "order_status", Call{}); err == nil || !strings.Contains(err.Error(), "called too often") {
		t.Errorf("the third call: %v", err)
	}
}

// An agent whose server is not there answers without it, and the owner reads why.
func TestMCPServerIsNotThere(t *testing.T) {
	r, problems := New([]Declared{{Type: "mcp", Name: "orders", Config: map[string]any{"command": "no-such-program-anywhere"}}, {Name: "datetime_now"}}, Sources{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	t.Cleanup(r.Close)
	faults := r.Open(t.Context())
	if len(faults) != 1 || !strings.Contains(faults[0].Text, "there is no program no-such-program-anywhere on this computer") {
		t.Errorf("faults %v", faults)
	}
	if got := strings.Join(r.Names(), " "); got != "datetime_now" {
		t.Errorf("names %s", got)
	}
	for _, c := range []struct {
		rest map[string]any
		want string
	}{
		{nil, "neither a command nor a url"},
		{map[string]any{"command": "a", "url": "https://b.example"}, "both a command and a url"},
		{map[string]any{"url": "https://b.example", "transport": "stdio"}, "needs a command"},
		{map[string]any{"command": "a", "transport": "http"}, "needs a url"},
		{map[string]any{"command": "a", "transport": "pigeon"}, "needs a url"},
		{map[string]any{"url": "https://b.example", "transport": "pigeon"}, "is not a transport"},
		{map[string]any{"url": "unix:///run/x"}, "its url cannot be used"},
		{map[string]any{"command": "a", "env": []any{"A=b"}}, "env must be a map"},
		{map[string]any{"command": "a", "args": []any{[]any{}}}, "args must be a list of texts"},
	} {
		if _, problems := New([]Declared{{Type: "mcp", Name: "x", Rest: c.rest}}, Sources{}); len(problems) != 1 || !strings.Contains(problems[0], c.want) {
			t.Errorf("%v: %q, want %q", c.rest, problems, c.want)
		}
	}
}
