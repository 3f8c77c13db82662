package modeltest

import (
	"crypto/sha256"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// Registry stands in for the registry that Ollama downloads models from: a TLS
// listener on loopback for the manifests, which sends on to a second host for
// the files, as the real one does (Ollama 0.17.4 fails without that redirect:
// server/download.go takes the file's address from the answer's Location).
type Registry struct {
	// Host is the beginning of the names of its models: "127.0.0.1:PORT".
	Host string
	// Env is for [Start]: it lets Ollama trust the registry's certificate.
	Env string

	files     *httptest.Server
	mu        sync.Mutex
	manifests map[string][]byte // by "library/NAME/TAG"
	blobs     map[string]blob   // by digest
	hold      *hold             // nil: everything flows
	breakAt   int64             // the next download is cut there; 0: none is
	began     []int64           // where each download of a model's own file began
}

// hold lets only the first bytes of each file through until it is opened.
type hold struct {
	at   int64
	open chan struct{}
}

// NewRegistry starts an empty registry; it is stopped when the test ends. Start
// Ollama after it.
func NewRegistry(t testing.TB) *Registry {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("left out: only Linux lets one process trust a certificate of its own (SSL_CERT_FILE)")
	}
	r := &Registry{manifests: map[string][]byte{}, blobs: map[string]blob{}}
	r.files = httptest.NewServer(http.HandlerFunc(r.file))
	t.Cleanup(r.files.Close)
	front := httptest.NewTLSServer(http.HandlerFunc(r.front))
	t.Cleanup(front.Close)
	r.Host = front.Listener.Addr().String()
	cert := filepath.Join(t.TempDir(), "registry.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw})
	if err := os.WriteFile(cert, block, 0o600); err != nil {
		t.Fatal(err)
	}
	r.Env = "SSL_CERT_FILE=" + cert
	return r
}

// Publish builds the script, offers it as NAME:latest and gives the full name to
// pull it by, with the size of its own file in bytes.
func (r *Registry) Publish(t testing.TB, name string, script Script) (full string, size int64) {
	t.Helper()
	m, err := script.Build()
	if err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	layers := []layer{r.keep("model", m.Text)}
	if m.Vision != nil {
		layers = append(layers, r.keep("projector", m.Vision))
	}
	layers = append(layers, r.keep("template", []byte(m.Template)), r.keep("params", []byte(`{"num_thread":1}`)))
	config := r.keep("", []byte(`{"model_format":"gguf","model_family":"llama","model_families":["llama"],"model_type":"small","file_type":"F32"}`))
	config.MediaType = "application/vnd.docker.container.image.v1+json"
	manifest, err := json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
		"config": config, "layers": layers,
	})
	if err != nil {
		t.Fatal(err)
	}
	r.manifests["library/"+name+"/latest"] = manifest
	return r.Host + "/library/" + name + ":latest", int64(len(m.Text))
}

type blob struct {
	kind string
	data []byte
}

type layer struct {
	MediaType string `json:"mediaType"`
	Digest    string `json:"digest"`
	Size      int    `json:"size"`
}

// keep stores a file; the caller holds mu.
func (r *Registry) keep(kind string, data []byte) layer {
	digest := fmt.Sprintf("sha256:%x", sha256.Sum256(data))
	r.blobs[digest] = blob{kind, data}
	return layer{MediaType: "application/vnd.ollama.image." + kind, Digest: digest, Size: len(data)}
}

// Hold keeps back what comes after the first bytes of each file until release is
// called, or the test ends.
func (r *Registry) Hold(t testing.TB, bytes int64) (release func()) {
	h := &hold{at: bytes, open: make(chan struct{})}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hold = h
	release = sync.OnceFunc(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.hold = nil
		close(h.open)
	})
	t.Cleanup(release)
	return release
}

// BreakAt cuts the connection of the next download that comes to this byte, once.
func (r *Registry) BreakAt(bytes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.breakAt = bytes
}

// Began says at which byte each download of a model's own file began.
func (r *Registry) Began() []int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]int64(nil), r.began...)
}

// front is the registry: /v2/library/NAME/manifests/TAG and …/blobs/DIGEST.
func (r *Registry) front(w http.ResponseWriter, q *http.Request) {
	parts := strings.Split(strings.TrimPrefix(q.URL.Path, "/v2/"), "/")
	if len(parts) != 4 {
		http.NotFound(w, q)
		return
	}
	if parts[2] == "blobs" {
		// Another name of this machine: to Ollama, another host.
		http.Redirect(w, q, strings.Replace(r.files.URL, "127.0.0.1", "localhost", 1)+"/"+parts[3], http.StatusTemporaryRedirect)
		return
	}
	r.mu.Lock()
	manifest, ok := r.manifests[parts[0]+"/"+parts[1]+"/"+parts[3]]
	r.mu.Unlock()
	if !ok {
		writeJSON(w, http.StatusNotFound, map[string]any{"errors": []map[string]string{{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}}})
		return
	}
	w.Header().Set("Content-Type", "application/vnd.docker.distribution.manifest.v2+json")
	_, _ = w.Write(manifest)
}
