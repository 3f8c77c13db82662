package outside

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
)

// errLocal is why a connection is not made.
var errLocal = errors.New("this address leads into the local network, where this tool may not go")

// never are the networks in 2000::/3 and in IPv4 that the IANA's registries of
// special-purpose addresses call not globally reachable, and those that carry
// an IPv4 address within (6to4, Teredo), where a guard would have to look twice.
var never = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)

// ours are the networks that an owner's own services live in.
var ours = prefixes("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7")

// public is all of IPv6 that is given out; translated holds an IPv4 address in
// its last four bytes (NAT64, RFC 6052).
var (
	public     = netip.MustParsePrefix("2000::/3")
	translated = netip.MustParsePrefix("64:ff9b::/96")
)

func prefixes(list ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(list))
	for i, p := range list {
		all[i] = netip.MustParsePrefix(p)
	}
	return all
}

func within(ip netip.Addr, list []netip.Prefix) bool {
	for _, p := range list {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

// global tells whether an address is one of the public internet's.
func global(ip netip.Addr) bool {
	ip = ip.WithZone("").Unmap()
	if translated.Contains(ip) {
		b := ip.As16()
		ip = netip.AddrFrom4([4]byte(b[12:]))
	}
	if within(ip, never) {
		return false
	}
	return ip.Is4() || public.Contains(ip)
}

// local tells whether an address is one that an owner's own service may have.
// Link-local ones, where a cloud keeps its metadata, are not.
func local(ip netip.Addr) bool { return within(ip.WithZone("").Unmap(), ours) }

// guard looks at each address in the moment of connecting, when nothing can be
// answered differently any more: what a name led to before, a redirect, another
// spelling, all of it ends here.
type guard struct {
	local bool                           // the owner's own services too
	own   func() ([]netip.Prefix, error) // the addresses of this computer with their networks
}

func (g guard) control(network, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || network != "tcp4" && network != "tcp6" {
		return errLocal
	}
	ip := at.Addr()
	if g.local && local(ip) {
		return nil
	}
	if !global(ip) || !g.local && g.neighbour(ip.Unmap()) {
		return errLocal
	}
	return nil
}

// neighbour tells whether a public address is this computer's own, or, in IPv6,
// where every device at home has a public one, in the same network.
func (g guard) neighbour(ip netip.Addr) bool {
	own, err := g.own()
	if err != nil {
		return true
	}
	for _, p := range own {
		if p.Addr() == ip || ip.Is6() && p.Bits() >= 48 && p.Contains(ip) {
			return true
		}
	}
	return false
}

// ownAddresses asks the system.
func ownAddresses() ([]netip.Prefix, error) {
	list, err := net.InterfaceAddrs()
	if err != nil {
		return nil, err
	}
	var own []netip.Prefix
	for _, a := range list {
		if n, ok := a.(*net.IPNet); ok {
			ip, ok := netip.AddrFromSlice(n.IP)
			ones, bits := n.Mask.Size()
			if ok && bits > 0 {
				own = append(own, netip.PrefixFrom(ip.Unmap(), ones))
			}
		}
	}
	return own, nil
}
