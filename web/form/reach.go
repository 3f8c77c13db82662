package form

import (
	"crypto/x509"
	"encoding/pem"
	"net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// ReachWays are the ways in, as the form has them; "" is none of the program's.
var ReachWays = [...]string{"tunnel", "domain", "proxy", ""}

// Reach is how Meta's calls come in. A token that is left empty stays as it is
// saved.
type Reach struct {
	Way                       string
	TunnelToken, TunnelDomain string
	Domain, Email             string
	HTTPPort, HTTPSPort       string
	PublicURL, Trusted        string
	Networks, MetaCA          string
	MetaOn                    bool
	Wrong                     string // the network that cannot be read
	Errors                    Errors
}

// BindReach reads the form. What comes along when text is copied from a page is cut.
func BindReach(v url.Values) Reach {
	trimmed := func(name string) string { return strings.TrimSpace(first(v, name)) }
	host := func(name string) string {
		h := strings.ToLower(trimmed(name))
		h = strings.TrimPrefix(strings.TrimPrefix(h, "https://"), "http://")
		return strings.TrimRight(h, "/.")
	}
	return Reach{
		Way: trimmed("way"), TunnelToken: trimmed("tunnel_token"), TunnelDomain: host("tunnel_domain"),
		Domain: host("domain"), Email: trimmed("email"), HTTPPort: trimmed("http_port"), HTTPSPort: trimmed("https_port"),
		PublicURL: strings.TrimRight(trimmed("public_url"), "/"), Trusted: trimmed("trusted"),
		Networks: trimmed("networks"), MetaCA: strings.ReplaceAll(trimmed("meta_ca"), "\r\n", "\n"), MetaOn: first(v, "meta_on") != "",
	}
}

// Validate fills Errors and says whether there are none. Only the chosen way is
// judged. hasToken says that a tunnel's token is saved.
func (f *Reach) Validate(hasToken bool) bool {
	f.Errors = Errors{}
	switch f.Way {
	case "tunnel":
		f.validateTunnel(hasToken)
	case "domain":
		f.validateDomain()
	case "proxy":
		if f.PublicURL == "" || !isPublicURL(f.PublicURL) {
			f.Errors.add("public_url", "meta.public_url_odd")
		}
		f.validateNetworks("trusted", f.Trusted)
	case "":
	default:
		f.Errors.add("way", "reach.way_odd")
	}
	f.validateNetworks("networks", f.Networks)
	if f.MetaOn {
		f.validateMetaCA()
	}
	return len(f.Errors) == 0
}

func (f *Reach) validateTunnel(hasToken bool) {
	switch {
	case f.TunnelToken == "" && !hasToken:
		f.Errors.add("tunnel_token", "reach.tunnel_token_missing")
	case f.TunnelToken != "" && !onlyFrom(f.TunnelToken, tokenSigns, 20, 200):
		f.Errors.add("tunnel_token", "reach.tunnel_token_odd")
	}
	if f.TunnelDomain != "" && !isHostName(f.TunnelDomain) {
		f.Errors.add("tunnel_domain", "reach.domain_odd")
	}
}

func (f *Reach) validateDomain() {
	if !isHostName(f.Domain) {
		f.Errors.add("domain", "reach.domain_odd")
	}
	if a, err := mail.ParseAddress(f.Email); f.Email != "" && (err != nil || a.Address != f.Email) {
		f.Errors.add("email", "reach.email_odd")
	}
	for name, text := range map[string]string{"http_port": f.HTTPPort, "https_port": f.HTTPSPort} {
		if n, err := strconv.Atoi(text); text != "" && (err != nil || n < 1 || n > 65535) {
			f.Errors.add(name, "reach.port_odd")
		}
	}
	if f.HTTPPort != "" && f.HTTPPort == f.HTTPSPort {
		f.Errors.add("https_port", "reach.port_same")
	}
}

func (f *Reach) validateNetworks(field, text string) {
	for _, n := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r <= ' ' }) {
		_, address := netip.ParseAddr(n)
		if _, err := netip.ParsePrefix(n); err != nil && address != nil {
			f.Wrong = n
			f.Errors.add(field, "reach.networks_odd")
			return
		}
	}
}

func (f *Reach) validateMetaCA() {
	switch {
	case f.Way == "tunnel":
		f.Errors.add("meta_on", "reach.meta_tunnel")
	case f.Way == "":
		f.Errors.add("meta_on", "reach.meta_none")
	case !holdsCertificate(f.MetaCA):
		f.Errors.add("meta_ca", "reach.meta_ca_odd")
	}
}

func holdsCertificate(text string) bool {
	const most = 64 << 10
	block, _ := pem.Decode([]byte(text))
	if block == nil || len(text) > most {
		return false
	}
	_, err := x509.ParseCertificate(block.Bytes)
	return err == nil && x509.NewCertPool().AppendCertsFromPEM([]byte(text))
}

// isHostName takes a name of the internet: labels of letters, digits and hyphens,
// two at least, and no address.
func isHostName(s string) bool {
	labels := strings.Split(s, ".")
	if len(s) > 253 || len(labels) < 2 || strings.Trim(labels[len(labels)-1], digits) == "" {
		return false
	}
	for _, l := range labels {
		if !onlyFrom(l, "abcdefghijklmnopqrstuvwxyz-"+digits, 1, 63) || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
	}
	return true
}
