package agent

import "sync"

// users counts the turns at work, so that what tools hold open, a process or a
// connection, is ended when the last one is over.
type users struct {
	mu      sync.Mutex
	turns   int
	retired bool
}

func (a *Agent) begin() {
	a.users.mu.Lock()
	defer a.users.mu.Unlock()
	a.users.turns++
}

func (a *Agent) end() {
	a.users.mu.Lock()
	defer a.users.mu.Unlock()
	a.users.turns--
	if a.users.retired && a.users.turns == 0 {
		a.tools.Close()
	}
}

// Retire says that the agent is out of service: what its tools hold open is
// ended, at once or with its last turn. A turn that begins with it all the same,
// because somebody had it in hand, opens what it needs and ends it again.
func (a *Agent) Retire() {
	a.users.mu.Lock()
	defer a.users.mu.Unlock()
	a.users.retired = true
	if a.users.turns == 0 {
		a.tools.Close()
	}
}
