package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

// staffMay is everything that staff may do; every other page is for owners. Who
// adds a page decides here.
var staffMay = []string{
	"GET /", "GET /home/stream", "POST /logout", "GET /agents", "GET /agents/schema.json", "GET /agent-models",
	"GET /agents/:name", "POST /agents/:name", "POST /agents/:name/lint", "POST /agents/:name/document",
	"POST /agents/:name/fields", "POST /agents/:name/changes", "POST /agents/:name/discard", "POST /agents/:name/try",
	"POST /agents/:name/forget", "GET /conversations", "GET /conversations/stream", "GET /conversations/:id",
	"GET /conversations/:id/stream", "GET /conversations/:id/earlier", "GET /conversations/:id/turns/:turn",
	"POST /conversations/:id/take", "POST /conversations/:id/back", "POST /conversations/:id/done",
	"POST /conversations/:id/write", "POST /conversations/:id/seen", "POST /conversations/:id/notes",
	"POST /conversations/:id/notes/delete", "GET /conversations/:id/memory", "POST /conversations/:id/memory/delete",
	"POST /conversations/:id/memory/summary", "POST /conversations/:id/memory/kept", "POST /conversations/:id/memory/clear", "GET /settings", "GET /settings/account", "POST /settings/account/password",
	"POST /settings/account/signout", "GET /settings/appearance", "POST /settings/appearance", "GET /logs", "GET /logs/more",
	"GET /logs/stream", "GET /logs/download", "GET /health", "GET /health/stream", "POST /health/check", "GET /guardrails",
	"POST /guardrails/try", "POST /guardrails/dry", "POST /window/browse", "POST /window/folder",
}

// pagesOf are the routes of who is signed in, as they were registered.
func pagesOf(s *Server) []*echo.Route {
	e := newEcho()
	s.pageRoutes(e.Group(""))
	var pages []*echo.Route
	for _, r := range e.Routes() {
		if r.Method == http.MethodGet || r.Method == http.MethodPost {
			pages = append(pages, r)
		}
	}
	return pages
}

// TestEveryDoor knocks at every page as nobody, as staff, under a foreign name and
// from another site.
func TestEveryDoor(t *testing.T) {
	d := newDash(t)
	open := map[string]bool{}
	for _, r := range staffMay {
		open[r] = true
	}
	fill := strings.NewReplacer(":name", "shop", ":id", "1", ":turn", "1")
	pages := pagesOf(d.server)
	if len(pages) < 80 {
		t.Fatalf("only %d routes were found", len(pages))
	}
	for _, r := range pages {
		page, path := r.Method+" "+r.Path, fill.Replace(r.Path)
		send := func(o *operator, header ...string) int {
			if r.Method == http.MethodPost {
				return o.post(path, url.Values{}, header...).Code
			}
			return o.get(path, header...).Code
		}
		if got := send(d.stranger()); got != http.StatusSeeOther && got != http.StatusUnauthorized || r.Method == http.MethodPost && got != http.StatusUnauthorized {
			t.Errorf("%s as nobody: %d", page, got)
		}
		if got := send(d.stranger(), "HX-Request", "true"); got != http.StatusUnauthorized {
			t.Errorf("fragment of %s as nobody: %d", page, got)
		}
		if r.Method == http.MethodPost {
			if got := send(d.owner, "Sec-Fetch-Site", "cross-site"); got != http.StatusForbidden {
				t.Errorf("%s from another site: %d", page, got)
			}
		}
		if open[page] {
			delete(open, page)
		} else if got := send(d.staff); got != http.StatusForbidden {
			t.Errorf("%s as staff: %d; if they may, it belongs in staffMay", page, got)
		}
	}
	for page := range open {
		t.Errorf("staffMay names %s, which is no page", page)
	}
}

// TestForeignNames sees that no page answers to a name that somebody else made
// point here, and that the refusal is as guarded as a page.
func TestForeignNames(t *testing.T) {
	d := newDash(t)
	for _, path := range []string{"/", "/login", "/setup?token=x", "/enter?token=x", "/static/none.css", "/v1/health", "/conversations"} {
		r := d.owner.request(http.MethodGet, path, nil)
		r.Host = "evil.example:8080"
		w := httptest.NewRecorder()
		d.admin.ServeHTTP(w, r)
		if w.Code != http.StatusForbidden || w.Header().Get("Content-Security-Policy") != contentPolicy {
			t.Errorf("%s under a foreign name: %d, policy %q", path, w.Code, w.Header().Get("Content-Security-Policy"))
		}
	}
}
