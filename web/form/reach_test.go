package form

import (
	"net/url"
	"testing"
)

func TestReach(t *testing.T) {
	const token = "2abcDEF_ghiJKLmnopQRSTuvwx"
	for name, c := range map[string]struct {
		typed url.Values
		saved bool
		wrong string // the field that is; "" if none
	}{
		"none":                      {typed: url.Values{}},
		"an unknown way":            {typed: url.Values{"way": {"carrier pigeon"}}, wrong: "way"},
		"a tunnel":                  {typed: url.Values{"way": {"tunnel"}, "tunnel_token": {" " + token + "\n"}}},
		"a tunnel with its domain":  {typed: url.Values{"way": {"tunnel"}, "tunnel_token": {token}, "tunnel_domain": {"https://Shop.ngrok.app/"}}},
		"a tunnel without token":    {typed: url.Values{"way": {"tunnel"}}, wrong: "tunnel_token"},
		"a tunnel with saved token": {typed: url.Values{"way": {"tunnel"}}, saved: true},
		"half a token":              {typed: url.Values{"way": {"tunnel"}, "tunnel_token": {"2abc"}}, wrong: "tunnel_token"},
		"a whole command as token":  {typed: url.Values{"way": {"tunnel"}, "tunnel_token": {"ngrok config add-authtoken " + token}}, wrong: "tunnel_token"},
		"a domain":                  {typed: url.Values{"way": {"domain"}, "domain": {"shop.example.com."}, "email": {"ana@example.com"}, "http_port": {"80"}, "https_port": {"443"}}},
		"an address as domain":      {typed: url.Values{"way": {"domain"}, "domain": {"203.0.113.7"}}, wrong: "domain"},
		"a name of this network":    {typed: url.Values{"way": {"domain"}, "domain": {"localhost"}}, wrong: "domain"},
		"a domain with a path":      {typed: url.Values{"way": {"domain"}, "domain": {"shop.example.com/webhook"}}, wrong: "domain"},
		"no domain":                 {typed: url.Values{"way": {"domain"}}, wrong: "domain"},
		"no e-mail":                 {typed: url.Values{"way": {"domain"}, "domain": {"a.example"}, "email": {"Ana <ana@example.com>"}}, wrong: "email"},
		"a port too high":           {typed: url.Values{"way": {"domain"}, "domain": {"a.example"}, "http_port": {"70000"}}, wrong: "http_port"},
		"one port for both":         {typed: url.Values{"way": {"domain"}, "domain": {"a.example"}, "http_port": {"8443"}, "https_port": {"8443"}}, wrong: "https_port"},
		"a proxy":                   {typed: url.Values{"way": {"proxy"}, "public_url": {"https://shop.example.com/"}, "trusted": {"127.0.0.1, ::1/128; 10.0.0.0/8"}}},
		"a proxy without https":     {typed: url.Values{"way": {"proxy"}, "public_url": {"http://shop.example.com"}}, wrong: "public_url"},
		"a proxy by its name":       {typed: url.Values{"way": {"proxy"}, "public_url": {"https://a.example"}, "trusted": {"proxy.local"}}, wrong: "trusted"},
		"networks":                  {typed: url.Values{"networks": {"203.0.113.0/24\n2001:db8::/32"}}},
		"no network":                {typed: url.Values{"networks": {"203.0.113.0/33"}}, wrong: "networks"},
		"Meta's through a tunnel":   {typed: url.Values{"way": {"tunnel"}, "meta_on": {"1"}}, saved: true, wrong: "meta_on"},
		"Meta's without authority":  {typed: url.Values{"way": {"domain"}, "domain": {"a.example"}, "meta_on": {"1"}}, wrong: "meta_ca"},
		"Meta's with nonsense":      {typed: url.Values{"way": {"domain"}, "domain": {"a.example"}, "meta_on": {"1"}, "meta_ca": {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"}}, wrong: "meta_ca"},
	} {
		f := BindReach(c.typed)
		if ok := f.Validate(c.saved); ok != (c.wrong == "") || c.wrong != "" && f.Errors[c.wrong] == "" {
			t.Errorf("%s: %v", name, f.Errors)
		}
	}
	if f := BindReach(url.Values{"tunnel_domain": {"https://Shop.ngrok.app/"}}); f.TunnelDomain != "shop.ngrok.app" {
		t.Errorf("the domain was read as %q", f.TunnelDomain)
	}
}
