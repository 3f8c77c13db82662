package reach

import (
	"net/netip"
	"strconv"
	"strings"
)

// Prefix stands before the keys below in the store's settings.
const Prefix = "reach."

// Keys of what is kept in the store, behind Prefix. The token is sealed.
const (
	KeyWay          = "way"
	KeyTunnelToken  = "tunnel_token"
	KeyTunnelDomain = "tunnel_domain"
	KeyDomain       = "domain"
	KeyEmail        = "email"
	KeyHTTPPort     = "http_port"
	KeyHTTPSPort    = "https_port"
	KeyTrusted      = "trusted"
	KeyNetworks     = "networks"
	KeyMetaCA       = "meta_ca"
	KeyMetaOn       = "meta_on" // "1" asks for Meta's certificate
)

// Loopback is who is trusted as a proxy where nobody is named: this computer.
const Loopback = "127.0.0.0/8, ::1/128"

// Read makes settings of what the store keeps. Values that the form does not let
// in leave the default.
func Read(values map[string]string, publicURL string) Settings {
	get := func(key string) string { return strings.TrimSpace(values[Prefix+key]) }
	s := Settings{
		Way: Way(get(KeyWay)), TunnelToken: get(KeyTunnelToken), TunnelDomain: get(KeyTunnelDomain),
		Domain: get(KeyDomain), Email: get(KeyEmail), HTTPPort: port(get(KeyHTTPPort), 80), HTTPSPort: port(get(KeyHTTPSPort), 443),
		PublicURL: publicURL,
	}
	switch s.Way {
	case Tunnel, Domain, Proxy:
	default:
		s.Way = None
	}
	if s.Way == Proxy {
		if s.Trusted, _ = Networks(get(KeyTrusted)); len(s.Trusted) == 0 {
			s.Trusted, _ = Networks(Loopback)
		}
	}
	s.Networks, _ = Networks(get(KeyNetworks))
	if get(KeyMetaOn) == "1" && s.Way != Tunnel && s.Way != None {
		s.MetaCA = get(KeyMetaCA)
	}
	return s
}

func port(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil && n > 0 && n < 1<<16 {
		return n
	}
	return otherwise
}

// Networks reads networks ("203.0.113.0/24") and addresses, apart by commas or
// white space; wrong is the first that is none of both.
func Networks(text string) (list []netip.Prefix, wrong string) {
	for _, field := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r <= ' ' }) {
		if p, err := netip.ParsePrefix(field); err == nil {
			list = append(list, netip.PrefixFrom(p.Addr().Unmap(), unmappedBits(p)).Masked())
			continue
		}
		a, err := netip.ParseAddr(field)
		if err != nil {
			return nil, field
		}
		a = a.Unmap().WithZone("")
		list = append(list, netip.PrefixFrom(a, a.BitLen()))
	}
	return list, ""
}

// unmappedBits of "::ffff:192.0.2.0/120" are those of 192.0.2.0/24.
func unmappedBits(p netip.Prefix) int {
	if p.Addr().Is4In6() {
		return max(p.Bits()-96, 0)
	}
	return p.Bits()
}
