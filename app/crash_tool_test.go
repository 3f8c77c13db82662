package app

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"astromesh/runtime/channel/whatsapp/emulator"
	"astromesh/runtime/model/modeltest"

	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/types/model"
)

// shopServer is a service of the owner's that must take each order once, by its
// key. Its first answer does not come while hang is open.
type shopServer struct {
	mu   sync.Mutex
	keys []string
	came chan struct{} // one for each order
	hang chan struct{}
}

func (s *shopServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // only then the server sees that the caller has gone
	s.mu.Lock()
	first := len(s.keys) == 0
	s.keys = append(s.keys, r.Header.Get("Idempotency-Key"))
	s.mu.Unlock()
	s.came <- struct{}{}
	if first {
		select {
		case <-s.hang:
		case <-r.Context().Done():
		}
	}
	_, _ = w.Write([]byte(`{"taken":true}`)) // whoever asked may be gone
}

// The program is killed in mid-turn, once while a tool waits for its answer, once
// after it. The turn is repeated, joined by what came meanwhile: the outside
// world sees the same key again, and the customer reads everything once.
func TestAKilledTurnRepeatsUnderItsKey(t *testing.T) {
	for _, c := range []struct {
		name  string
		after bool // killed after the tool's answer
	}{{"while the tool waits", false}, {"after the tool", true}} {
		t.Run(c.name, func(t *testing.T) { killedWithTool(t, c.after) })
	}
}

func killedWithTool(t *testing.T, after bool) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	shop := &shopServer{came: make(chan struct{}, 10), hang: make(chan struct{})}
	if after {
		close(shop.hang)
	}
	service := httptest.NewServer(shop)
	defer service.Close()
	killed, thought := make(chan struct{}), make(chan struct{}, 10)
	ollama := ordering(t, killed, thought)
	p, meta, _ := crashRig(t)
	dir := t.TempDir()
	write(t, dir, "channels.yaml", testChannels+"    debounce: {quiet_seconds: 0, max_seconds: 5}\n    unsure_wait_seconds: 15\n")
	write(t, dir, "agents/shop.agent.yaml", testAgent+"  tools:\n    - {type: builtin, name: send_message}\n"+
		"    - {type: webhook, name: order, url: \""+service.URL+"/orders\", parameters: {item: {type: string}}}\n")
	p.env = append(p.env, "ASTROMESH_CONFIG_DIR="+dir, "FAKE_OLLAMA="+ollama.URL)
	p.start(ctx)
	if err := meta.Deliver(meta.Text(ana, "a lamp")).Wait(ctx); err != nil {
		t.Fatal(err)
	}
	wait(ctx, t, shop.came)
	if after {
		wait(ctx, t, thought)
	}
	more := meta.Deliver(meta.Text(ana, "please"))
	if err := more.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	p.kill()
	close(killed)
	p.start(ctx)
	defer p.kill()
	reads(ctx, t, meta, "Ordered.")
	shop.mu.Lock()
	defer shop.mu.Unlock()
	if keys := slices.Compact(slices.Sorted(slices.Values(shop.keys))); len(shop.keys) < 2 || !strings.HasSuffix(shop.keys[0], "-2") || len(keys) > 2 || shop.keys[1] != shop.keys[0] {
		t.Errorf("the service saw the keys %q", shop.keys)
	}
	var read []string
	for _, l := range meta.Phone(ana).Reads() {
		read = append(read, l.Text)
	}
	if len(read) < 2 || read[0] != "Ticket 7" || read[1] != "Ordered." || len(read) > 4 {
		t.Errorf("Ana read %q", read)
	}
	if t.Failed() {
		t.Log(p.log.String())
	}
}

// ordering is a model that sends a message and orders a lamp. Until the program
// was killed it thinks about the answer without end.
func ordering(t *testing.T, killed <-chan struct{}, thought chan<- struct{}) *modeltest.Fake {
	t.Helper()
	ollama := modeltest.NewFake()
	ollama.Set("seer", modeltest.FakeModel{Answer: echoLast})
	ollama.Set("talker", modeltest.FakeModel{Capabilities: []model.Capability{"completion", "tools"}, Answer: func(req api.ChatRequest) modeltest.Reply {
		if req.Messages[len(req.Messages)-1].Role != "tool" {
			return modeltest.Reply{ToolCalls: []api.ToolCall{toolCall("send_message", "text", "Ticket 7"), toolCall("order", "item", "lamp")}}
		}
		select {
		case <-killed:
			return modeltest.Text("Ordered.")
		default:
			thought <- struct{}{}
			return modeltest.Reply{Hang: true}
		}
	}})
	ollama.Listen(t)
	return ollama
}

func toolCall(name, argument, value string) api.ToolCall {
	args := api.NewToolCallFunctionArguments()
	args.Set(argument, value)
	return api.ToolCall{Function: api.ToolCallFunction{Name: name, Arguments: args}}
}

func wait(ctx context.Context, t *testing.T, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-ctx.Done():
		t.Fatal("it did not come")
	}
}

func reads(ctx context.Context, t *testing.T, meta *emulator.Emulator, text string) {
	t.Helper()
	if _, err := meta.WaitText(ctx, ana.Address(), func(s string) bool { return s == text }); err != nil {
		t.Fatalf("%q was not read: %v", text, err)
	}
}
