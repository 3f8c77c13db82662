// Package static holds the files that pages load: style sheets, scripts and
// pictures. They are part of the program, so no page asks another server for
// anything. What is not ours lies in a folder of its own beside its licence.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
)

// Prefix is the path that Handler serves under.
const Prefix = "/static/"

//go:embed *.css *.js *.svg editor htmx htmx-ext-sse tabler uplot
var files embed.FS

// listing is every file, by its name and by the address it is served under.
type listing struct {
	addresses map[string]string // "phone.css": "/static/phone.1f2e3d4c5b6a.css"
	names     map[string]string // "phone.1f2e3d4c5b6a.css": "phone.css"
}

// listed reads the embedded files once. They cannot change while the program
// runs, so neither can what it returns.
var listed = sync.OnceValue(func() listing {
	l := listing{addresses: map[string]string{}, names: map[string]string{}}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(b)
		ext := path.Ext(name)
		hashed := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
		l.addresses[name], l.names[hashed] = Prefix+hashed, name
		return nil
	})
	if err != nil {
		panic("static: embedded files cannot be read: " + err.Error()) // the program file itself is damaged
	}
	return l
})

// Path is the address of a file, such as "phone.css" or "htmx/htmx.min.js". A
// hash of the content is part of it, so that browsers may keep the file for good
// and still load a new one at once. An unknown name gives an address that is
// answered with 404.
func Path(name string) string {
	if address, ok := listed().addresses[name]; ok {
		return address
	}
	return Prefix + name
}

// Text is what a file holds, for a page that carries its own style along. An
// unknown name is empty.
func Text(name string) string {
	b, err := files.ReadFile(name)
	if err != nil {
		return ""
	}
	return string(b)
}

// kindOf is a file's media type. The computer's own list of them is not asked: on
// some, any program may have written into it that scripts are plain text, and a
// browser then runs none.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	default: // licences
		return "text/plain; charset=utf-8"
	}
}

// Handler serves the files under the addresses that Path gives, and nothing
// else: an address without the hash could be kept by a browser for too long.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, ok := listed().names[strings.TrimPrefix(r.URL.Path, Prefix)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		w.Header().Set("Content-Type", kindOf(name))
		http.ServeFileFS(w, r, files, name)
	})
}
