package modeltest

import (
	"fmt"
	"net"
	"testing"
)

// Nobody gets a port twice while the test runs that has it, nor one of those that
// the system gives away; and it can be listened on again and again.
func TestFreePort(t *testing.T) {
	given := map[int]bool{}
	for range 500 {
		port := FreePort(t)
		if given[port] || port >= systemPorts() && systemPorts() >= 2*firstPort {
			t.Fatalf("port %d; the system's begin at %d", port, systemPorts())
		}
		given[port] = true
		if reserve(t, port) {
			t.Fatalf("port %d is given to another one too", port)
		}
	}
	for port := range given {
		for range 2 {
			l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if err != nil {
				t.Fatal(err)
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}
