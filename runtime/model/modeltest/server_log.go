package modeltest

import (
	"bytes"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"
)

// serverLog is what the server writes, readable while it does.
type serverLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *serverLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *serverLog) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.text.Bytes())
}

// lastLog is the end of what the server wrote.
func (s *Server) lastLog() []byte {
	if s.log == nil {
		return nil
	}
	b := s.log.bytes()
	return b[max(0, len(b)-8000):]
}

// Read is what a server did with one prompt, in tokens.
type Read struct {
	Kept     int // known from a prompt before
	Computed int // read anew, which is what takes the time
}

// slotLine is what the runner of Ollama 0.17.4 writes before it reads a prompt, if
// it was started with OLLAMA_DEBUG=1 (runner/llamarunner/cache.go).
var slotLine = regexp.MustCompile(`msg="loading cache slot".* used=(\d+) remaining=(\d+)`)

// loadLine is what Ollama 0.17.4 writes when it starts a process for a model; the one
// that looks for graphics cards at its start names no model.
var loadLine = regexp.MustCompile(`msg="starting runner" .* runner --model `)

// Loads says how often the server has loaded a model since it was started. The line
// of a prompt stands behind that of the loading it waited for: first ask [Server.Reads].
func (s *Server) Loads() int { return len(loadLine.FindAll(s.log.bytes(), -1)) }

// Reads says what the server did with each prompt since it was started with
// OLLAMA_DEBUG=1, in order. It waits until there are n: the lines come a moment
// after the answers.
func (s *Server) Reads(t testing.TB, n int) []Read {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); ; {
		var reads []Read
		for _, m := range slotLine.FindAllSubmatch(s.log.bytes(), -1) {
			kept, _ := strconv.Atoi(string(m[1])) // the expression takes digits only
			computed, _ := strconv.Atoi(string(m[2]))
			reads = append(reads, Read{kept, computed})
		}
		if len(reads) >= n {
			return reads
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server's log tells of %d prompts, not %d: is OLLAMA_DEBUG=1 set?", len(reads), n)
		}
		<-tick.C
	}
}
