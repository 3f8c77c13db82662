package reach

import (
	"crypto/rand"
	"net/http"
	"sync"
)

// CheckHeader carries the mark of the program's own live check, so that it is
// not taken for Meta. A mark is made up for one check and known to nobody else.
const CheckHeader = "X-Astromesh-Check"

// marks are those of the live checks under way, and whether they have arrived.
type marks struct {
	mu   sync.Mutex
	open map[string]bool
}

// make gives a new mark.
func (m *marks) make() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.open == nil {
		m.open = map[string]bool{}
	}
	mark := rand.Text()
	m.open[mark] = false
	return mark
}

// see notes that a request with a mark has arrived, and says whether it is ours.
func (m *marks) see(mark string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ours := m.open[mark]; !ours {
		return false
	}
	m.open[mark] = true
	return true
}

// seen says whether it arrived.
func (m *marks) seen(mark string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.open[mark]
}

func (m *marks) forget(mark string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.open, mark)
}

// IsOwn says whether a request is the program's own live check: it proves that
// the way is open, and says nothing of Meta.
func (k *Keeper) IsOwn(r *http.Request) bool {
	mark := r.Header.Get(CheckHeader)
	return mark != "" && k.marks.see(mark)
}
