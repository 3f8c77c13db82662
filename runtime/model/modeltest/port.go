package modeltest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// firstPort begins the ports that are chosen from; below lie those of services.
const firstPort = 10_000

// FreePort is the number of a port on loopback on which nobody listens, for a
// program that has to be told one, or that ends and comes back on the same one.
// A number that was asked of the system (port 0) and given back is anybody's the
// next moment: tests ask all the time. This one lies outside of what the system
// gives to those who ask, and until the test ends nobody else gets it from here,
// in this process or another.
func FreePort(t testing.TB) int {
	t.Helper()
	last := systemPorts() - 1
	if last < 2*firstPort { // a system that gives out nearly all of them
		last = 65_535
	}
	for range 1000 {
		if port := firstPort + rand.IntN(last-firstPort+1); reserve(t, port) {
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// FreeAddress is a [FreePort] as an address.
func FreeAddress(t testing.TB) string {
	t.Helper()
	return fmt.Sprintf("127.0.0.1:%d", FreePort(t))
}

// reserve says whether a port is nobody's, and makes it the test's. What says so
// to the others is a socket beside it, where no program under test looks; a system
// with one loopback address does without.
func reserve(t testing.TB, port int) bool {
	t.Helper()
	mark, err := net.ListenPacket("udp", fmt.Sprintf("127.0.0.2:%d", port))
	switch {
	case err == nil:
		t.Cleanup(func() { _ = mark.Close() }) // nothing was sent
	case errors.Is(err, syscall.EADDRINUSE):
		return false
	}
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	return err == nil && l.Close() == nil
}

// systemPorts is the first port that the system gives to those who ask for any.
// Linux tells; elsewhere it is the first of those that are set aside for that.
func systemPorts() int {
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if words := strings.Fields(string(text)); err == nil && len(words) == 2 {
		if first, err := strconv.Atoi(words[0]); err == nil {
			return first
		}
	}
	return 49_152
}
