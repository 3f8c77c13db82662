package app

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"astromesh/runtime/model/modeltest"
	"astromesh/runtime/tool/mcp/mcptest"
)

// remoteTools is the part of an agent's file that declares tools outside the program.
const remoteTools = `  tools:
    - {type: builtin, name: http_request, config: {allow: ["http://api.shop.example/v1"], headers: {X-Api-Key: "${SHOP_KEY}"}}}
    - type: webhook
      name: place_order
      url: "${HOOK}/orders"
      headers: {Authorization: "Bearer ${HOOK_KEY}"}
      parameters: {item: {type: string, required: true}}
    - type: mcp
      name: orders
      mcp:
        transport: stdio
        command: "${MCP}"
        env: {ASTROMESH_TEST_RUNS_MCP: "1", MCPTEST_NOTES: "${NOTES}"}
        tools: [order_status, note, die, child, env]
    - {type: mcp, name: stock, url: "${MCP_HTTP}", tools: [data], timeout: 30}
    - {type: mcp, name: gone, command: no-such-program-anywhere}
`

// service is a real HTTP service that answers every request and remembers it.
type service struct {
	*httptest.Server
	mu   sync.Mutex
	seen []string
}

func newService(t *testing.T) *service {
	t.Helper()
	s := &service{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.seen = append(s.seen, fmt.Sprintf("%s %s%s %s %s key=%s", r.Method, r.Host, r.URL, b, r.Header.Get("Authorization")+r.Header.Get("X-Api-Key"), r.Header.Get("Idempotency-Key")))
		s.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"left":7,"you":"`+r.Header.Get("X-Api-Key")+`"}`)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *service) last() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.seen) == 0 {
		return ""
	}
	return s.seen[len(s.seen)-1]
}

// remoteRig is the program on a real Ollama, with a service on this computer that
// stands for the internet, and the real MCP server as a program and at an address.
func remoteRig(t *testing.T) (*rig, *service) {
	t.Helper()
	server := modeltest.Start(t)
	server.Create(t, "seer", modeltest.Script{Default: "How can I help?"})
	call := func(name string, args map[string]any) modeltest.Call {
		return modeltest.Call{Name: name, Arguments: args}
	}
	server.Create(t, "talker", modeltest.Script{
		Default: "How can I help?", ContextLength: 16384,
		ToolCalls: map[string]modeltest.Call{
			"is-it-there?": call("http_request", map[string]any{"url": "http://api.shop.example/v1/stock", "query": map[string]any{"item": "lamp"}}),
			"router-page?": call("http_request", map[string]any{"url": "http://127.0.0.1:8080/"}),
			"one-lamp!":    call("place_order", map[string]any{"item": "lamp"}),
			"where-is-it?": call("order_status", map[string]any{"order": "7"}),
			"note-it!":     call("note", map[string]any{"text": "call back"}),
			"how-many?":    call("data", nil), "break-now!": call("die", nil), "child-now!": call("child", nil), "show-env!": call("env", nil),
		},
		AfterTool: map[string]string{
			"http_request": "There are some.", "place_order": "Ordered.", "order_status": "It is on its way.", "note": "Noted.",
			"data": "Seven are left.", "die": "I could not find out.", "child": "Started.", "env": "Nothing to see.",
		},
	})
	r, s := newRig(t, rigOptions{}), newService(t)
	var d net.Dialer
	r.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if strings.HasPrefix(address, "api.shop.example:") {
			address = s.Listener.Addr().String()
		}
		return d.DialContext(ctx, network, address)
	}
	command, env := mcptest.Command(t, filepath.Join(t.TempDir(), "notes"))
	for name, value := range map[string]string{
		"FAKE_OLLAMA": server.URL, "SHOP_KEY": "sesame-of-the-shop", "HOOK": s.URL, "HOOK_KEY": "sesame-of-the-hook", "MCP": command,
		"NOTES": env["MCPTEST_NOTES"], "MCP_HTTP": mcptest.Listen(t, false).URL,
	} {
		r.env[name] = value
	}
	r.stop()
	r.write("agents/shop.agent.yaml", testAgent+remoteTools)
	r.start()
	return r, s
}

// A customer asks; http_request, a webhook and MCP servers of both kinds find out.
func TestToolsThatReachOutOnARealOllama(t *testing.T) {
	r, s := remoteRig(t)
	if got := r.asks("is-it-there?", "There are some.", "http_request"); got != "HTTP 200 OK\n\n"+`{"left":7,"you":"***"}` {
		t.Errorf("http_request: %q", got)
	}
	if got := s.last(); got != "GET api.shop.example/v1/stock?item=lamp  sesame-of-the-shop key=" {
		t.Errorf("the service was asked %q", got)
	}
	if got := r.asks("router-page?", "There are some.", "http_request"); !strings.Contains(got, "is not allowed") {
		t.Errorf("a way into the local network: %q", got)
	}
	if got := r.asks("one-lamp!", "Ordered.", "place_order"); got != `{"left":7,"you":""}` {
		t.Errorf("webhook: %q", got)
	}
	turn, _ := lastTurn(r, conversationOf(r, ana))
	if got, want := s.last(), fmt.Sprintf(`POST %s/orders {"item":"lamp"} Bearer sesame-of-the-hook key=%s-1`, s.Listener.Addr(), turn.ID); got != want {
		t.Errorf("the service was asked %q, want %q", got, want)
	}
	if got := r.asks("where-is-it?", "It is on its way.", "order_status"); got != "Order 7 is on its way." {
		t.Errorf("mcp over stdio: %q", got)
	}
	if got := r.asks("how-many?", "Seven are left.", "data"); got != `{"stock":7}` {
		t.Errorf("mcp over http: %q", got)
	}
	r.asks("note-it!", "Noted.", "note")
	turn, _ = lastTurn(r, conversationOf(r, ana))
	if got, err := os.ReadFile(r.env["NOTES"]); err != nil || string(got) != turn.ID+"-1 call back\n" {
		t.Errorf("noted %q, %v", got, err)
	}
	// What the file's secrets are stands nowhere that people or models read.
	for _, text := range []string{r.logText.String(), turn.Trace, events(r, "model"), events(r, "system")} {
		if strings.Contains(text, "sesame") {
			t.Errorf("a secret was written: %s", text)
		}
	}
	if got := events(r, "system"); !strings.Contains(got, "there is no program no-such-program-anywhere on this computer") {
		t.Errorf("events %s", got)
	}
}

// A server that dies in the middle of a call costs that call; the keys to Meta
// are not given to it, and nothing of it outlives the program.
func TestAnMCPServerDiesInATurn(t *testing.T) {
	r, _ := remoteRig(t)
	t.Setenv("WHATSAPP_ACCESS_TOKEN", testToken)
	if got := r.asks("break-now!", "I could not find out.", "die"); !strings.Contains(got, "orders broke off while it worked") {
		t.Errorf("die: %q", got)
	}
	r.until("the event", func() bool {
		return strings.Contains(events(r, "model"), "The MCP server orders ended in the middle of a call. It is started anew for the next one.")
	})
	if got := r.asks("where-is-it?", "It is on its way.", "order_status"); got != "Order 7 is on its way." {
		t.Errorf("the next call: %q", got)
	}
	if got := r.asks("show-env!", "Nothing to see.", "env"); !strings.Contains(got, "PATH=") || strings.Contains(got, "WHATSAPP") {
		t.Errorf("environment: %q", got)
	}
	r.asks("child-now!", "Started.", "child")
	pids, err := os.ReadFile(r.env["NOTES"]) // in the trace they look like telephone numbers
	if err != nil || len(strings.Fields(string(pids))) != 2 {
		t.Fatalf("programs %q, %v", pids, err)
	}
	r.stop()
	for _, word := range strings.Fields(string(pids)) {
		r.until("the end of program "+word, func() bool {
			stat, err := os.ReadFile("/proc/" + word + "/stat")
			return err != nil || strings.Contains(string(stat), ") Z ")
		})
		if _, err := strconv.Atoi(word); err != nil {
			t.Error(err)
		}
	}
}
