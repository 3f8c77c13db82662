package model

import "sync"

// maxSeats is how many conversations are remembered. Beyond it all are forgotten:
// each reads its prompt anew once, which is a matter of seconds.
const maxSeats = 10_000

// seats numbers conversations in the order in which they were first seen, from 1.
// Its zero value is ready.
type seats struct {
	mu    sync.Mutex
	last  uint64
	taken map[string]uint64 // by session
}

// of gives the number of a request's conversation. A request without one is a
// conversation of its own; where it is computed ahead it has the number of the
// real one that follows.
func (s *seats) of(req Request) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if req.Session == "" && req.Background {
		return s.last + 1
	}
	if n := s.taken[req.Session]; n > 0 {
		return n
	}
	s.last++
	if req.Session == "" {
		return s.last
	}
	if s.taken == nil || len(s.taken) >= maxSeats {
		s.taken = map[string]uint64{}
	}
	s.taken[req.Session] = s.last
	return s.last
}
