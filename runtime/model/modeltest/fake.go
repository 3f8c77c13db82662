// Package modeltest gives tests an Ollama: a real server with a model that says
// what a script says, and a fake one that fails as it is told to.
package modeltest

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/types/model"
)

// Fake speaks Ollama's wire inside the test: scripted answers, delays, faults.
// Use it through Transport (no network, so it also works in a synctest bubble),
// or through URL after Listen. What a real server does is [Server]'s business.
type Fake struct {
	URL string // "http://ollama.test" for Transport; the real address after Listen

	mu       sync.Mutex
	models   map[string]FakeModel
	requests []api.ChatRequest
	shown    int
	down     bool
	frozen   bool
	server   *http.Server
}

// FakeModel is one model of a Fake.
type FakeModel struct {
	Capabilities  []model.Capability // nil means "completion" alone
	ContextLength int                // 0 = 8192
	Size          int64              // parameters; 0 = not told
	Remote        bool               // the server hands requests on to another
	// Answer says what a request gets. Nil: "ok".
	Answer func(api.ChatRequest) Reply
}

// Reply is one answer of a Fake. The zero Reply is an empty answer.
type Reply struct {
	Pieces    []string // text, one line of the stream each
	Thinking  string
	ToolCalls []api.ToolCall
	Before    time.Duration // silence before the first line
	Between   time.Duration // silence before each further one

	Done string // done_reason, "" = "stop"
	// Metrics of the last line. PromptEvalCount 0 becomes a third of the bytes.
	Metrics api.Metrics

	// Faults.
	Status int    // other than 200, with Error as the message
	Error  string // with Status 0: an error line after the pieces
	Raw    string // written instead of everything else
	Cut    bool   // the connection breaks after the pieces
	Hang   bool   // silence after the pieces, until the caller gives up
}

// Text is a plain answer.
func Text(s string) Reply { return Reply{Pieces: []string{s}} }

// Says is a model that answers the same text to everything.
func Says(text string, capabilities ...model.Capability) FakeModel {
	return FakeModel{Capabilities: capabilities, Answer: func(api.ChatRequest) Reply { return Text(text) }}
}

// NewFake returns a fake without models.
func NewFake() *Fake {
	return &Fake{URL: "http://ollama.test", models: map[string]FakeModel{}}
}

// Set adds or replaces a model. The name is used as it stands.
func (f *Fake) Set(name string, m FakeModel) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.models[name] = m
}

// Remove makes a model missing.
func (f *Fake) Remove(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.models, name)
}

// Requests are the chat requests so far, warming included.
func (f *Fake) Requests() []api.ChatRequest {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]api.ChatRequest(nil), f.requests...)
}

// Shown is how often a model's abilities were asked for.
func (f *Fake) Shown() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.shown
}

// Down makes the fake refuse connections, or accept them again; over the network
// it hangs up on each request, as a server does that is being restarted.
func (f *Fake) Down(down bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = down
}

// Freeze makes the fake accept requests and never answer them, or answer those
// that come from now on. What came in between stays without an answer.
func (f *Fake) Freeze(frozen bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.frozen = frozen
}

// Listen serves on a free loopback port until the test ends.
func (f *Fake) Listen(t testing.TB) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.URL = "http://" + l.Addr().String()
	f.server = &http.Server{Handler: f, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = f.server.Serve(l) }()
	t.Cleanup(func() { _ = f.server.Close() })
}

// ServeHTTP is Ollama's API as far as this program uses it.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	down, frozen := f.down, f.frozen
	f.mu.Unlock()
	if frozen {
		<-r.Context().Done()
		return
	}
	if down {
		panic(http.ErrAbortHandler) // the server's way to hang up without an answer
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /api/version":
		writeJSON(w, http.StatusOK, map[string]string{"version": "0.17.4"})
	case "GET /api/tags":
		writeJSON(w, http.StatusOK, f.list())
	case "GET /api/ps":
		writeJSON(w, http.StatusOK, api.ProcessResponse{Models: []api.ProcessModelResponse{}})
	case "POST /api/show":
		f.show(w, r)
	case "POST /api/chat":
		f.chat(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (f *Fake) list() api.ListResponse {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := api.ListResponse{Models: []api.ListModelResponse{}}
	for _, name := range sortedKeys(f.models) {
		if !strings.Contains(name, ":") {
			name += ":latest"
		}
		list.Models = append(list.Models, api.ListModelResponse{Name: name, Model: name})
	}
	return list
}

func (f *Fake) find(w http.ResponseWriter, name string) (FakeModel, bool) {
	f.mu.Lock()
	m, ok := f.models[name]
	if short, latest := strings.CutSuffix(name, ":latest"); !ok && latest {
		m, ok = f.models[short]
	}
	f.mu.Unlock()
	if !ok {
		writeJSON(w, http.StatusNotFound, map[string]string{"error": fmt.Sprintf("model '%s' not found", name)})
	}
	return m, ok
}

func (f *Fake) show(w http.ResponseWriter, r *http.Request) {
	var request api.ShowRequest
	if !readJSON(w, r, &request) {
		return
	}
	f.mu.Lock()
	f.shown++
	f.mu.Unlock()
	m, ok := f.find(w, request.Model)
	if !ok {
		return
	}
	length := m.ContextLength
	if length == 0 {
		length = 8192
	}
	shown := api.ShowResponse{
		Capabilities: append([]model.Capability{model.CapabilityCompletion}, m.Capabilities...),
		ModelInfo:    map[string]any{"general.architecture": "llama", "llama.context_length": length},
	}
	if m.Size > 0 {
		shown.ModelInfo["general.parameter_count"] = m.Size
	}
	if m.Remote {
		shown.RemoteHost = "https://far.test"
	}
	writeJSON(w, http.StatusOK, shown)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func readJSON(w http.ResponseWriter, r *http.Request, v any) bool {
	if err := json.NewDecoder(r.Body).Decode(v); err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return false
	}
	return true
}
