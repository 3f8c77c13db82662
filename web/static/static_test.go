package static

import (
	"io/fs"
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(t *testing.T, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

// TestFiles serves every embedded file under its address, as what it is.
func TestFiles(t *testing.T) {
	kinds := map[string]string{".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", "NSE": "text/plain"}
	if err := mime.AddExtensionType(".js", "text/plain"); err != nil { // as on a computer that says so
		t.Fatal(err)
	}
	seen := 0
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		seen++
		want, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		w := get(t, Path(name))
		if w.Code != http.StatusOK || w.Body.String() != string(want) {
			t.Errorf("%s: status %d, %d bytes; want %d bytes", name, w.Code, w.Body.Len(), len(want))
		}
		for ending, kind := range kinds {
			if got := w.Header().Get("Content-Type"); strings.HasSuffix(name, ending) && !strings.HasPrefix(got, kind) {
				t.Errorf("%s is served as %q, want %s", name, got, kind)
			}
		}
		if got := w.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
			t.Errorf("%s: Cache-Control %q", name, got)
		}
		return nil
	})
	if err != nil || seen < 5 {
		t.Fatalf("%d files, error %v", seen, err)
	}
}

func TestUnknown(t *testing.T) {
	for _, path := range []string{"/static/", "/static/phone.css", "/static/static.go", "/static/../static.go", "/static/htmx", Path("no.css")} {
		if w := get(t, path); w.Code != http.StatusNotFound {
			t.Errorf("GET %s: %d, want 404", path, w.Code)
		}
	}
}

// TestForeignFiles keeps the licence beside what is not ours.
func TestForeignFiles(t *testing.T) {
	folders, err := fs.ReadDir(files, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range folders {
		if !d.IsDir() {
			continue
		}
		if b, err := fs.ReadFile(files, d.Name()+"/LICENSE"); err != nil || len(b) < 100 {
			t.Errorf("%s has no licence: %v", d.Name(), err)
		}
	}
}

// TestNoOutsideAddress keeps our own files from loading anything from elsewhere.
func TestNoOutsideAddress(t *testing.T) {
	for _, name := range []string{"phone.css", "phone.js"} {
		b, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), "//cdn") || strings.Contains(string(b), "http://") || strings.Contains(string(b), "https://") || strings.Contains(string(b), "@import") {
			t.Errorf("%s names an address outside the program", name)
		}
	}
}
