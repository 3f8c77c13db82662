package outside

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// resolver is a real name server on this computer: it answers the first question
// for addresses with the first list, the next with the next, and then goes on
// with the last. Without one there is no such host.
func resolver(t *testing.T, answers ...[]string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &nameserver{answers: answers, turn: map[dnsmessage.Type]int{}}
	var done sync.WaitGroup
	done.Go(func() { n.serve(conn) })
	t.Cleanup(func() { _ = conn.Close(); done.Wait() })
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

type nameserver struct {
	answers [][]string
	turn    map[dnsmessage.Type]int // how often each type was asked for
}

func (n *nameserver) serve(conn net.PacketConn) {
	buf := make([]byte, 1500)
	for {
		size, from, err := conn.ReadFrom(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		var m dnsmessage.Message
		if err != nil || m.Unpack(buf[:size]) != nil || len(m.Questions) != 1 {
			continue
		}
		n.answer(&m)
		if reply, err := m.Pack(); err == nil {
			_, _ = conn.WriteTo(reply, from) // whoever asked has gone
		}
	}
}

func (n *nameserver) answer(m *dnsmessage.Message) {
	q := m.Questions[0]
	m.Response, m.Authoritative, m.Additionals = true, true, nil
	if len(n.answers) == 0 || n.answers[0] == nil {
		m.RCode = dnsmessage.RCodeNameError
		return
	}
	list := n.answers[min(n.turn[q.Type], len(n.answers)-1)]
	n.turn[q.Type]++
	for _, text := range list {
		ip := netip.MustParseAddr(text)
		head := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}
		switch {
		case q.Type == dnsmessage.TypeA && ip.Is4():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: ip.As4()}})
		case q.Type == dnsmessage.TypeAAAA && ip.Is6():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
		}
	}
}
