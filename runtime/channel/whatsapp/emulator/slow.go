package emulator

import (
	"net/http"
	"time"
)

// slowDown makes the rest of the answer leave in two halves.
func (e *Emulator) slowDown(q *request, f Fault) {
	if f.Slow > 0 {
		q.w = &slowWriter{ResponseWriter: q.w, e: e, r: q.r, pause: f.Slow}
	}
}

// slowWriter pauses in the middle of the first Write.
type slowWriter struct {
	http.ResponseWriter
	e     *Emulator
	r     *http.Request
	pause time.Duration
}

// Unwrap lets http.ResponseController reach the writer below.
func (s *slowWriter) Unwrap() http.ResponseWriter { return s.ResponseWriter }

func (s *slowWriter) Write(p []byte) (int, error) {
	half := len(p) / 2
	if s.pause == 0 {
		half = len(p)
	}
	n, err := s.ResponseWriter.Write(p[:half])
	if err != nil || half == len(p) {
		return n, err
	}
	_ = http.NewResponseController(s.ResponseWriter).Flush()
	s.e.pause(s.r, s.pause)
	s.pause = 0
	m, err := s.ResponseWriter.Write(p[half:])
	return n + m, err
}

// pause waits on the emulator's clock, or until the call or the emulator ends.
func (e *Emulator) pause(r *http.Request, d time.Duration) {
	over := make(chan struct{})
	stop := e.clock.AfterFunc(d, func() { close(over) })
	defer stop()
	select {
	case <-over:
	case <-r.Context().Done():
	case <-e.ctx.Done():
	}
}
