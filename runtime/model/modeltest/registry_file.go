package modeltest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// file is the host of the files. Ollama asks for the length first (HEAD), then
// for ranges.
func (r *Registry) file(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	b, ok := r.blobs[strings.TrimPrefix(q.URL.Path, "/")]
	r.mu.Unlock()
	if !ok {
		http.NotFound(w, q)
		return
	}
	data := b.data
	if q.Method == http.MethodHead {
		w.Header().Set("Content-Length", strconv.Itoa(len(data)))
		return
	}
	from, to := int64(0), int64(len(data))-1
	if _, err := fmt.Sscanf(q.Header.Get("Range"), "bytes=%d-%d", &from, &to); err != nil || from > to || to >= int64(len(data)) {
		http.Error(w, "a range is wanted", http.StatusRequestedRangeNotSatisfiable)
		return
	}
	if b.kind == "model" {
		r.mu.Lock()
		r.began = append(r.began, from)
		r.mu.Unlock()
	}
	w.Header().Set("Content-Length", strconv.FormatInt(to-from+1, 10))
	w.WriteHeader(http.StatusPartialContent)
	r.flow(w, q, data, from, to+1)
}

// flow writes data[from:to] in pieces, stopping where the test wants it.
func (r *Registry) flow(w http.ResponseWriter, q *http.Request, data []byte, from, to int64) {
	out := http.NewResponseController(w)
	for from < to {
		next, wait, cut := r.next(from, min(to, from+16<<10))
		if _, err := w.Write(data[from:next]); err != nil {
			return // Ollama has hung up
		}
		if err := out.Flush(); err != nil || cut {
			panic(http.ErrAbortHandler) // the server's way to cut a connection
		}
		from = next
		if wait == nil {
			continue
		}
		select {
		case <-wait:
		case <-q.Context().Done():
			return
		}
	}
}

// next says how far to write, and what comes then: go on, wait, or hang up.
func (r *Registry) next(from, to int64) (next int64, wait <-chan struct{}, cut bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.breakAt > from && r.breakAt <= to {
		at := r.breakAt
		r.breakAt = 0
		return at, nil, true
	}
	if r.hold != nil && r.hold.at <= to {
		return max(from, r.hold.at), r.hold.open, false
	}
	return to, nil, false
}
