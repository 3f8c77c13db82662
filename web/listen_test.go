package web

import (
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// An address that cannot be had is one sentence: who has it, and what to do.
func TestNotBound(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	six, err := net.Listen("tcp", "[::1]:0")
	if err == nil {
		t.Cleanup(func() { _ = six.Close() })
	}
	who := "(" + strconv.Itoa(os.Getpid()) + "). Stop that program, or choose another with --x-addr"
	if runtime.GOOS != "linux" { // Windows says it, too, but not under Wine
		who = ". Stop that program, or choose another with --x-addr"
	}
	cases := map[string]string{
		taken.Addr().String(): who,
		"192.0.2.1:80":        "This computer has no such address. Choose another with --x-addr",
	}
	if six != nil {
		cases[six.Addr().String()] = who
	}
	for address, want := range cases {
		l, err := net.Listen("tcp", address)
		if err == nil {
			_ = l.Close()
			t.Errorf("%s was free", address)
			continue
		}
		got := notBound("the x address", address, "--x-addr", err).Error()
		if !strings.HasPrefix(got, "the x address "+address+" cannot be used. ") || !strings.Contains(got, want) || strings.Contains(got, "listen tcp") {
			t.Errorf("%s: %s", address, got)
		}
	}
}
