package web

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"astromesh/store"
)

// seat is what somebody who sits at the machine saw happen.
type seat struct {
	opened []string
	shown  int
	starts bool
	fails  error
}

// newSeatedDash is a dashboard in a window.
func newSeatedDash(t *testing.T) (*dash, *seat) {
	t.Helper()
	s := &seat{}
	desktop := &Desktop{
		Window: true, Show: func() { s.shown++ }, Downloads: filepath.Join(t.TempDir(), "Downloads"),
		Browse:          func(to string) error { s.opened = append(s.opened, to); return s.fails },
		StartsItself:    func() (bool, error) { return s.starts, s.fails },
		SetStartsItself: func(on bool) error { s.starts = on; return s.fails },
	}
	return newDash(t, func(p *Parts) { p.Desktop = desktop }), s
}

// pane is the program's own window: a browser with two cookies.
type pane struct {
	*operator
	cookies string
}

func (p *pane) page(path string) string { return p.operator.page(path, "Cookie", p.cookies) }

func (p *pane) post(path string, values url.Values) *httptest.ResponseRecorder {
	return p.operator.post(path, values, "Cookie", p.cookies)
}

// windowOf signs the window in, as its start page does.
func windowOf(t *testing.T, d *dash) *pane {
	t.Helper()
	token := d.server.once.allowWindow(time.Now())
	w := d.stranger().post("/window", url.Values{"token": {token}})
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "0;url=/") {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	var cookies []string
	for _, c := range w.Result().Cookies() {
		if c.SameSite != http.SameSiteStrictMode || !c.HttpOnly {
			t.Errorf("cookie %s: %v, %v", c.Name, c.SameSite, c.HttpOnly)
		}
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	if again := d.stranger().post("/window", url.Values{"token": {token}}); again.Code != http.StatusForbidden {
		t.Errorf("the token works twice: %d", again.Code)
	}
	return &pane{d.stranger(), strings.Join(cookies, "; ")}
}

func TestTheWindowsLinkIsItsOwn(t *testing.T) {
	d, _ := newSeatedDash(t)
	if w := d.stranger().post("/enter", url.Values{"token": {d.server.once.allowWindow(time.Now())}}); w.Code != http.StatusForbidden {
		t.Errorf("the window's token at /enter: %d", w.Code)
	}
	if w := d.stranger().post("/window", url.Values{"token": {d.server.once.allow(d.owner.user.ID, time.Now())}}); w.Code != http.StatusForbidden {
		t.Errorf("a link's token at /window: %d", w.Code)
	}
	if w := d.stranger().post("/window", url.Values{"token": {"x"}}); w.Code != http.StatusForbidden {
		t.Errorf("no token at /window: %d", w.Code)
	}
}

func TestTheWindowLeadsToTheFirstRun(t *testing.T) {
	d := newEmptyDash(t, func(p *Parts) { p.Desktop = &Desktop{Window: true} })
	w := d.stranger().post("/window", url.Values{"token": {d.server.once.allowWindow(time.Now())}})
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "0;url=/setup?token="+d.server.once.setupToken()) {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
}

func TestLinksLeaveTheWindow(t *testing.T) {
	d, s := newSeatedDash(t)
	w := windowOf(t, d)
	if page := w.page("/settings/computer"); !strings.Contains(page, "/static/window.") || !strings.Contains(page, d.server.Desktop.Downloads) {
		t.Error("the window's page is not the window's")
	}
	if page := d.owner.page("/settings/computer"); strings.Contains(page, "/static/window.") {
		t.Error("a browser is taken for the window")
	}
	for to, want := range map[string]int{
		"https://ollama.com/download": http.StatusNoContent, "http://example.com/a?b=c&d": http.StatusNoContent,
		"file:///etc/passwd": 422, "javascript:alert(1)": 422, "/logs": 422, "https://a:b@example.com": 422, "": 422, "https://": 422, "%": 422,
	} {
		s.opened = nil
		answer := w.post("/window/browse", url.Values{"url": {to}})
		if answer.Code != want || (len(s.opened) == 1) != (want == http.StatusNoContent) {
			t.Errorf("%q: %d, opened %q", to, answer.Code, s.opened)
		}
	}
	if answer := d.owner.post("/window/browse", url.Values{"url": {"https://example.com"}}); answer.Code != http.StatusForbidden {
		t.Errorf("from a browser: %d", answer.Code)
	}
	if answer := d.owner.post("/window/folder", nil); answer.Code != http.StatusForbidden {
		t.Errorf("the folder from a browser: %d", answer.Code)
	}
	s.opened = nil
	if answer := w.post("/window/folder", url.Values{"back": {"/logs?kind=model"}}); location(answer) != "/logs?kind=model" || len(s.opened) != 1 || s.opened[0] != d.server.Desktop.Downloads {
		t.Errorf("the folder: %d, %q", answer.Code, s.opened)
	}
	if answer := w.post("/window/folder", url.Values{"back": {"//example.com"}}); location(answer) != "/" {
		t.Errorf("the folder leads to %q", location(answer))
	}
	s.fails = errors.New("no browser")
	if answer := w.post("/window/browse", url.Values{"url": {"https://example.com"}}); answer.Code != 503 || !strings.Contains(answer.Body.String(), "https://example.com") {
		t.Errorf("no browser: %d %s", answer.Code, answer.Body)
	}
}

func TestDownloadsSayWhereTheyWent(t *testing.T) {
	d, _ := newSeatedDash(t)
	w, folder := windowOf(t, d), d.server.Desktop.Downloads
	d.logged(store.Event{Kind: store.EventMessage, Level: "info", Text: "a line to download"})
	page := w.operator.page("/logs/download?kind=message", "Cookie", w.cookies, "Referer", "http://127.0.0.1:8080/logs?kind=message")
	if !strings.Contains(page, `href="/logs?kind=message"`) {
		t.Error("the page does not lead back")
	}
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v: %s", files, err, page)
	}
	path := filepath.Join(folder, files[0].Name())
	if !strings.Contains(page, path) || strings.Contains(page, "a line to download") {
		t.Errorf("the page does not say where it is: %s", page)
	}
	if b, err := os.ReadFile(path); err != nil || !strings.Contains(string(b), "a line to download") {
		t.Errorf("%s, %v", b, err)
	}
	w.page("/logs/download?kind=message")
	if files, _ = os.ReadDir(folder); len(files) != 2 {
		t.Errorf("the second one took the first one's name: %v", files)
	}
	if got := d.owner.get("/logs/download?kind=message"); !strings.Contains(got.Header().Get("Content-Disposition"), "attachment") {
		t.Error("a browser does not download by itself any more")
	}
	w.page("/logs/download?kind=message&q=nothingofthekind")
	if files, _ = os.ReadDir(folder); len(files) != 3 {
		t.Errorf("an empty file is not saved: %v", files)
	}
	if err := errors.Join(os.RemoveAll(folder), os.WriteFile(folder, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if page := w.page("/logs/download?kind=message"); !strings.Contains(page, "could not be saved") || !strings.Contains(page, folder) {
		t.Errorf("nothing is said of a folder that cannot be written to: %s", page)
	}
}

func TestNewFileStaysInItsFolder(t *testing.T) {
	for name, want := range map[string]string{"a.json": "a.json", "../../a.json": "a.json", "": "astromesh-download", "..": "astromesh-download", "/": "astromesh-download"} {
		dir := t.TempDir()
		f, err := newFile(dir, name)
		if err != nil || f.Name() != filepath.Join(dir, want) {
			t.Errorf("%q: %v, %v", name, f, err)
			continue
		}
		_ = f.Close()
		again, err := newFile(dir, name)
		if ext := filepath.Ext(want); err != nil || again.Name() != filepath.Join(dir, strings.TrimSuffix(want, ext)+" (2)"+ext) {
			t.Errorf("%q once more: %v, %v", name, again, err)
			continue
		}
		_ = again.Close()
	}
}

func TestThisComputer(t *testing.T) {
	d, s := newSeatedDash(t)
	if page := d.owner.page("/settings/computer"); !strings.Contains(page, `name="close"`) {
		t.Error("what closing means cannot be chosen")
	}
	answer := d.owner.post("/settings/computer", url.Values{"start": {"yes"}, "close": {"stop"}})
	if answer.Code != http.StatusSeeOther || !s.starts || d.server.Closing(t.Context()) != CloseStop {
		t.Errorf("%d, starts %v, closing %q", answer.Code, s.starts, d.server.Closing(t.Context()))
	}
	if list, err := d.store.Audits(t.Context(), 0, 10); err != nil || len(list) != 2 {
		t.Errorf("%v, %v", list, err)
	}
	if d.owner.post("/settings/computer", url.Values{"close": {""}}); s.starts || d.server.Closing(t.Context()) != "" {
		t.Errorf("starts %v, closing %q", s.starts, d.server.Closing(t.Context()))
	}
	if answer := d.owner.post("/settings/computer", url.Values{"close": {"never"}}); answer.Code != http.StatusUnprocessableEntity {
		t.Errorf("an odd choice: %d", answer.Code)
	}
	if answer := d.staff.post("/settings/computer", url.Values{"start": {"yes"}}); answer.Code != http.StatusForbidden || s.starts {
		t.Errorf("staff: %d", answer.Code)
	}
	s.fails = errors.New("read-only")
	if answer := d.owner.post("/settings/computer", url.Values{"start": {"yes"}}); answer.Code != http.StatusUnprocessableEntity || !strings.Contains(answer.Body.String(), "did not take that") {
		t.Errorf("a system that refuses: %d", answer.Code)
	}
	service := newDash(t)
	if answer := service.owner.get("/settings/computer"); answer.Code != http.StatusNotFound {
		t.Errorf("a service: %d", answer.Code)
	}
	if page := service.owner.page("/settings/about"); strings.Contains(page, "/settings/computer") {
		t.Error("a service shows the section")
	}
}

// Another start of the program knocks: only who knows the secret is let in.
func TestAnotherStartKnocks(t *testing.T) {
	d, s := newSeatedDash(t)
	knock := func(d *dash, secret string) (int, string) {
		w := d.stranger().post(openPath, nil, "Authorization", "Bearer "+secret)
		return w.Code, w.Body.String()
	}
	if code, _ := knock(d, "wrong"); code != http.StatusForbidden || s.shown != 0 {
		t.Errorf("a wrong secret: %d, shown %d", code, s.shown)
	}
	if code, body := knock(d, d.server.OpenSecret()); code != http.StatusOK || s.shown != 1 || !strings.Contains(body, `"window":true`) {
		t.Errorf("%d %s, shown %d", code, body, s.shown)
	}
	service := newDash(t)
	if err := service.server.Listen("127.0.0.1:0", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = service.server.publicAddr.Close(), service.server.adminAddr.Close() })
	code, body := knock(service, service.server.OpenSecret())
	_, token, ok := strings.Cut(strings.Trim(body, "\"}\n"), "/enter?token=")
	if w := service.stranger().post("/enter", url.Values{"token": {token}}); !ok || code != http.StatusOK || w.Code != http.StatusOK {
		t.Errorf("a service: %d %s; its link: %d", code, body, w.Code)
	}
}
