package web

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// The internet sees the webhook and the sign of life; all else is a 404 without
// a word, whatever the method.
func TestPublicListenerShowsNothingElse(t *testing.T) {
	public, _ := newEmptyDash(t).server.Handlers()
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/healthz", 200},
		{"GET", webhookPath, 403},
		{"GET", "/", 404},
		{"GET", "/v1/health", 404},
		{"GET", "/login", 404},
		{"GET", webhookPath + "/", 404},
		{"PUT", webhookPath, 404},
		{"HEAD", webhookPath, 404},
		{"OPTIONS", webhookPath, 404},
		{"OPTIONS", "/healthz", 404},
		{"OPTIONS", "/", 404},
		{"TRACE", "/healthz", 404},
	} {
		w := httptest.NewRecorder()
		public.ServeHTTP(w, httptest.NewRequest(c.method, c.path, http.NoBody))
		if w.Code != c.want || c.want >= 400 && (w.Body.Len() > 0 || w.Header().Get("Allow") != "") {
			t.Errorf("%s %s: %d %q, allow %q", c.method, c.path, w.Code, w.Body, w.Header().Get("Allow"))
		}
	}
}
