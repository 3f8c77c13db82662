package outside

import (
	"errors"
	"net/netip"
	"testing"
)

func TestWhichAddressesAreReached(t *testing.T) {
	own := []netip.Prefix{netip.MustParsePrefix("93.184.216.99/20"), netip.MustParsePrefix("2a00:1:2:3::5/64"), netip.MustParsePrefix("::1/128")}
	asOwner := guard{local: true, own: func() ([]netip.Prefix, error) { return own, nil }}
	asModel := guard{own: asOwner.own}
	for _, c := range []struct {
		ip           string
		model, owner bool // who may reach it
	}{
		{"93.184.216.34", true, true}, {"2606:2800:220:1::1", true, true}, {"64:ff9b::5db8:d822", true, true},
		{"::ffff:93.184.216.34", true, true},
		{"127.0.0.1", false, true}, {"127.8.9.1", false, true}, {"10.1.2.3", false, true}, {"172.16.0.1", false, true}, {"172.31.255.255", false, true},
		{"192.168.1.1", false, true}, {"100.64.0.1", false, true}, {"::1", false, true}, {"fd12::1", false, true}, {"fc00::1", false, true},
		{"::ffff:127.0.0.1", false, true}, {"::ffff:10.0.0.1", false, true},
		{"0.0.0.0", false, false}, {"0.1.2.3", false, false}, {"169.254.169.254", false, false}, {"::ffff:169.254.169.254", false, false},
		{"192.0.0.8", false, false}, {"192.0.2.1", false, false}, {"198.18.0.1", false, false}, {"198.51.100.1", false, false}, {"203.0.113.1", false, false},
		{"224.0.0.1", false, false}, {"239.255.255.250", false, false}, {"240.0.0.1", false, false}, {"255.255.255.255", false, false}, {"192.88.99.1", false, false},
		{"::", false, false}, {"fe80::1", false, false}, {"fe80::1%eth0", false, false}, {"ff02::1", false, false}, {"fec0::1", false, false},
		{"64:ff9b::7f00:1", false, false}, {"64:ff9b::a9fe:a9fe", false, false}, {"64:ff9b:1::1", false, false}, {"::7f00:1", false, false},
		{"2002:7f00:1::", false, false}, {"2001:0:1:2::", false, false}, {"2001:db8::1", false, false}, {"3fff::1", false, false}, {"100::1", false, false},
		{"172.15.0.1", true, true}, {"172.32.0.1", true, true}, {"100.128.0.1", true, true}, {"11.0.0.1", true, true}, {"192.169.0.1", true, true},
		{"93.184.216.99", false, true},  // this computer
		{"93.184.216.100", true, true},  // its neighbour at the provider's
		{"2a00:1:2:3::77", false, true}, // a device in the same home
		{"2a00:1:2:4::77", true, true},
	} {
		ip := netip.MustParseAddr(c.ip)
		network := "tcp6"
		if ip.Is4() {
			network = "tcp4"
		}
		at := netip.AddrPortFrom(ip, 443).String()
		if got := asModel.control(network, at, nil); (got == nil) != c.model {
			t.Errorf("%s, chosen by a model: %v", c.ip, got)
		}
		if got := asOwner.control(network, at, nil); (got == nil) != c.owner {
			t.Errorf("%s, written by the owner: %v", c.ip, got)
		}
	}
	blind := guard{own: func() ([]netip.Prefix, error) { return nil, errors.New("no list") }}
	if blind.control("tcp4", "93.184.216.34:443", nil) == nil {
		t.Error("a guard that does not know its own addresses lets a connection be made")
	}
	for _, at := range [][2]string{{"udp4", "93.184.216.34:443"}, {"unix", "/run/docker.sock"}, {"tcp4", "shop.example:443"}, {"tcp4", ""}} {
		if asOwner.control(at[0], at[1], nil) == nil {
			t.Errorf("%v is reached", at)
		}
	}
	if list, err := ownAddresses(); err != nil || len(list) == 0 {
		t.Errorf("own addresses %v, %v", list, err)
	}
}
