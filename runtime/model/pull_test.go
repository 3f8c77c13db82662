package model_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"astromesh/runtime/model"
)

// What Ollama and what lies on the way says, and what an owner can do about it.
func TestPullFaults(t *testing.T) {
	const manifest = "pull model manifest: "
	for said, want := range map[string]model.PullFault{
		manifest + "file does not exist":                                                                 model.PullNoModel,
		manifest + `401: {"errors":[{"code":"UNAUTHORIZED"}]}`:                                           model.PullNoModel,
		manifest + "412: \n\nThe model you are attempting to pull requires a newer version of Ollama.\n": model.PullTooOld,
		manifest + `Get "https://registry.ollama.ai/v2/library/gemma3/manifests/4b": dial tcp: lookup registry.ollama.ai on 192.0.2.1:53: no such host`:          model.PullNetwork,
		manifest + `Get "https://registry.ollama.ai/v2/library/gemma3/manifests/4b": tls: failed to verify certificate: x509: certificate signed by unknown one`: model.PullNetwork,
		"max retries exceeded: unexpected EOF":                                                             model.PullNetwork,
		"max retries exceeded: write /models/blobs/sha256-1-partial: no space left on device":              model.PullNoRoom,
		`write C:\Users\ana\.ollama\models\blobs\sha256-1-partial: There is not enough space on the disk.`: model.PullNoRoom,
		"digest mismatch, file must be downloaded again: want sha256:1, got sha256:2":                      model.PullDamaged,
		"open /models/blobs/sha256-1-partial: permission denied":                                           model.PullOther,
	} {
		answer := fmt.Sprintf("{\"status\":\"pulling manifest\"}\n{\"error\":%q}\n", said)
		if got := faultOf(t, http.StatusOK, answer); got != want {
			t.Errorf("%s: %q, want %q", said, got, want)
		}
	}
	for name, c := range map[string]struct {
		status int
		answer string
		want   model.PullFault
	}{
		"a bad name":             {http.StatusBadRequest, `{"error":"invalid model name"}`, model.PullNoModel},
		"somebody else listens":  {http.StatusNotFound, "404 page not found\n", model.PullNoServer},
		"Ollama stops":           {http.StatusOK, `{"status":"pulling 123","total":10,"completed":5}` + "\n", model.PullNoServer},
		"the answer is no JSON":  {http.StatusOK, "<html>\n", model.PullOther},
		"all is there":           {http.StatusOK, `{"status":"success"}`, ""},
		"it was just cancelled?": {http.StatusOK, `{"error":"context canceled, by somebody else"}`, model.PullOther},
	} {
		if got := faultOf(t, c.status, c.answer); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// faultOf pulls from a server that gives this answer.
func faultOf(t *testing.T, status int, answer string) model.PullFault {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(answer))
	}))
	defer srv.Close()
	return pullFrom(t.Context(), t, srv.URL)
}

func pullFrom(ctx context.Context, t *testing.T, url string) model.PullFault {
	t.Helper()
	servers := model.NewServers(model.Options{DefaultOllama: url})
	err := servers.Pull(ctx, "", "small:1b", func(model.PullProgress) {})
	var fault *model.PullError
	if err != nil && !errors.As(err, &fault) {
		t.Fatalf("an error without a fault: %v", err)
	}
	if fault == nil {
		return ""
	}
	return fault.Fault
}

// Three hours of progress are more than any answer may have.
func TestPullTakesHours(t *testing.T) {
	line := fmt.Sprintf(`{"status":"pulling 1234","digest":"%s","total":10,"completed":5}`+"\n", strings.Repeat("1", 1<<16))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for range 600 { // 39 MB
			_, _ = w.Write([]byte(line))
		}
		_, _ = w.Write([]byte(`{"status":"success"}`))
	}))
	defer srv.Close()
	if fault := pullFrom(t.Context(), t, srv.URL); fault != "" {
		t.Errorf("%q", fault)
	}
}

func TestPullWithoutOllama(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	srv.Close()
	if fault := pullFrom(t.Context(), t, srv.URL); fault != model.PullNoServer {
		t.Errorf("%q", fault)
	}
}
