package modeltest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ollama/ollama/api"
)

// startWithin bounds how long a server may take until it answers. It takes
// about four seconds on two quiet cores: it looks for graphics cards first.
const startWithin = 3 * time.Minute

// Server is a real Ollama in a process of its own, with its own models folder
// on a free loopback port. It is stopped when the test ends.
type Server struct {
	URL    string // http://127.0.0.1:PORT
	binary string
	models string
	env    []string
	client *api.Client

	mu      sync.Mutex
	process *exec.Cmd
	log     *serverLog
}

// Start starts an Ollama server, with more environment if wanted
// ("OLLAMA_NUM_PARALLEL=2"). Without a binary the test is skipped, or fails if
// ASTROMESH_TEST_REQUIRE contains "ollama".
func Start(t testing.TB, env ...string) *Server {
	t.Helper()
	binary, err := findBinary()
	if err != nil {
		if strings.Contains(os.Getenv("ASTROMESH_TEST_REQUIRE"), "ollama") {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	s := &Server{URL: "http://" + FreeAddress(t), binary: binary, models: t.TempDir(), env: env}
	base, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	s.client = api.NewClient(base, &http.Client{})
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("log of ollama:\n%s", s.lastLog())
		}
	})
	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	return s
}

func findBinary() (string, error) {
	if path := os.Getenv("ASTROMESH_OLLAMA_BIN"); path != "" {
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("ASTROMESH_OLLAMA_BIN names no file: %w", err)
		}
		return path, nil
	}
	if path, err := exec.LookPath("ollama"); err == nil {
		return path, nil
	}
	return "", fmt.Errorf("no Ollama binary: run .ci/install-ollama DIR and set ASTROMESH_OLLAMA_BIN=DIR/ollama")
}

// Restart starts the server again after [Server.Stop], on the same port and
// with the same models, and returns once it answers.
func (s *Server) Restart() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		return nil
	}
	s.log = &serverLog{}
	p := exec.Command(s.binary, "serve")
	p.Env = append(withoutOllama(os.Environ()),
		"OLLAMA_HOST="+s.URL,
		"OLLAMA_MODELS="+filepath.Join(s.models, "models"),
		// The server writes a key pair into the home folder: not the tester's.
		"HOME="+s.models,
		"OLLAMA_NOPRUNE=1",
	)
	p.Env = append(p.Env, s.env...)
	p.Stdout, p.Stderr = s.log, s.log
	if err := p.Start(); err != nil {
		return fmt.Errorf("start ollama: %w", err)
	}
	s.process = p
	return s.waitUntilReady()
}

// withoutOllama leaves out the tester's own settings of Ollama.
func withoutOllama(env []string) []string {
	return slices.DeleteFunc(env, func(entry string) bool { return strings.HasPrefix(entry, "OLLAMA_") })
}

func (s *Server) waitUntilReady() error {
	ctx, cancel := context.WithTimeout(context.Background(), startWithin)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := s.client.Heartbeat(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("ollama does not answer after %s: %w", startWithin, err)
		case <-tick.C:
		}
	}
}

// Stop ends the server and its model runners, as a shutdown of the computer
// would: SIGTERM, and SIGKILL after ten seconds.
func (s *Server) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return nil
	}
	p := s.process
	s.process = nil
	if err := p.Process.Signal(os.Interrupt); err != nil {
		return fmt.Errorf("stop ollama: %w", err)
	}
	kill := time.AfterFunc(10*time.Second, func() { _ = p.Process.Kill() })
	defer kill.Stop()
	// The exit status is that of an interrupted program: of no interest.
	_ = p.Wait()
	return nil
}

// Create builds a model, a [Script] or a [Random], and gives it to the server
// under a name.
func (s *Server) Create(t testing.TB, name string, what interface{ Build() (Model, error) }) {
	t.Helper()
	m, err := what.Build()
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	files := map[string]string{"text.gguf": s.upload(t, ctx, m.Text)}
	if m.Vision != nil {
		files["vision.gguf"] = s.upload(t, ctx, m.Vision)
	}
	request := &api.CreateRequest{
		Model: name, Files: files, Template: m.Template,
		// With more threads each token waits for all of them, spinning: on a busy
		// machine that makes a model of this size a hundred times slower.
		Parameters: map[string]any{"num_thread": 1},
	}
	if err := s.client.Create(ctx, request, func(api.ProgressResponse) error { return nil }); err != nil {
		t.Fatalf("create model %s: %v", name, err)
	}
}

func (s *Server) upload(t testing.TB, ctx context.Context, data []byte) string {
	t.Helper()
	digest := fmt.Sprintf("sha256:%x", sha256.Sum256(data))
	if err := s.client.CreateBlob(ctx, digest, bytes.NewReader(data)); err != nil {
		t.Fatalf("upload model: %v", err)
	}
	return digest
}

// Delete removes a model, as `ollama rm` does.
func (s *Server) Delete(t testing.TB, name string) {
	t.Helper()
	if err := s.client.Delete(t.Context(), &api.DeleteRequest{Model: name}); err != nil {
		t.Fatalf("delete model %s: %v", name, err)
	}
}

// Loaded lists the models in memory: what `ollama ps` shows.
func (s *Server) Loaded(t testing.TB) []api.ProcessModelResponse {
	t.Helper()
	list, err := s.client.ListRunning(t.Context())
	if err != nil {
		t.Fatalf("list loaded models: %v", err)
	}
	return list.Models
}

// Client speaks to the server directly, past the code under test.
func (s *Server) Client() *api.Client { return s.client }
