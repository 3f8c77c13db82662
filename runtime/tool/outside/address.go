// Package outside is the way of a tool out of the program: to the addresses that
// an owner has listed, and nowhere else. A model chooses addresses after reading
// what strangers wrote, so each of them is taken for an attempt to get at
// something that only this computer can reach: a router, a database, the
// dashboard, a cloud's metadata.
package outside

import (
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// maxAddress is the longest address taken, in bytes: servers refuse longer ones.
const maxAddress = 4096

// The reasons why an address is not taken. They are shown to a model.
var (
	errNoAddress = errors.New("this is not a web address; write it like https://example.com/page")
	errScheme    = errors.New("only addresses with https:// or http:// can be asked")
	errUser      = errors.New("an address with a user name or password in it is not taken")
	errHost      = errors.New("the host of this address cannot be read")
	errNumeric   = errors.New("a host written as a number is not taken; write its name")
	errPort      = errors.New("the port of this address is not a number from 1 to 65535")
	errDots      = errors.New(`an address with ".." or "\" in its path is not taken`)
)

// Address reads an address as strictly as every server and resolver on the way
// might read it loosely: one host, in its one spelling, no credentials, no
// fragment, no way up in the path. Without a scheme it is https.
func Address(raw string) (*url.URL, error) {
	raw = strings.TrimSpace(raw)
	if raw == "" || len(raw) > maxAddress || strings.ContainsFunc(raw, isControl) {
		return nil, errNoAddress
	}
	if !strings.Contains(raw, "://") {
		raw = "https://" + raw
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Opaque != "":
		return nil, errNoAddress
	case u.Scheme != "https" && u.Scheme != "http": // Parse has written it small
		return nil, errScheme
	case u.User != nil || strings.Contains(u.Host, "@"):
		return nil, errUser
	case strings.Contains(u.Path, `\`) || strings.Contains(u.Host, `\`) || climbs(u.Path):
		return nil, errDots
	}
	host, err := hostname(u.Hostname())
	if err != nil {
		return nil, err
	}
	port := u.Port()
	if n, err := strconv.Atoi(port); port != "" && (err != nil || n < 1 || n > 65535) || strings.HasSuffix(u.Host, ":") {
		return nil, errPort
	}
	u.Host = joined(host, port)
	u.Fragment, u.RawFragment = "", ""
	if len(u.String()) > maxAddress { // what is not ASCII is written in three letters a byte
		return nil, errNoAddress
	}
	return u, nil
}

func isControl(r rune) bool { return r <= ' ' || r == 0x7f }

// climbs tells whether a path leads up, as a server behind it may read it:
// decoded once by us, it must not hold a second layer either.
func climbs(path string) bool {
	again, err := url.PathUnescape(path)
	if err != nil {
		again = path
	}
	for _, p := range []string{path, again} {
		for part := range strings.SplitSeq(p, "/") {
			if part == ".." || strings.HasPrefix(part, "..;") {
				return true
			}
		}
	}
	return false
}

// hostname gives a host its one spelling: small ASCII letters without a final
// dot, or the shortest form of an IP address.
func hostname(host string) (string, error) {
	host = strings.TrimSuffix(host, ".")
	if host == "" || strings.Contains(host, "%") || !utf8.ValidString(host) { // a zone (%) names a network card
		return "", errHost
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().String(), nil
	}
	if strings.Contains(host, ":") {
		return "", errHost
	}
	// The mapping turns full-width digits, ideographic dots and the like into ASCII.
	host, err := idna.New(idna.MapForLookup(), idna.StrictDomainName(false), idna.VerifyDNSLength(true)).ToASCII(host)
	if err != nil || strings.ContainsFunc(host, strangeInHost) {
		return "", errHost
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if slices.Contains(strings.Split(host, "."), "") {
		return "", errHost
	}
	if _, err := netip.ParseAddr(host); err == nil || numeric(host) {
		return "", errNumeric
	}
	return host, nil
}

// strangeInHost are the signs that no name of a host has; underscores are in
// names that container programs give.
func strangeInHost(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_'
}

// numeric tells whether the last part of a name is a number. No domain ends in
// one; resolvers take such names for IPv4 addresses in decimal, octal or hex:
// 2130706433, 0177.0.0.1, 0x7f.1.
func numeric(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	if strings.HasPrefix(last, "0x") {
		return true
	}
	_, err := strconv.ParseUint(last, 10, 64)
	return err == nil
}

// joined is host and port as they stand in an address.
func joined(host, port string) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port == "" {
		return host
	}
	return host + ":" + port
}

// portOf is the port that an address leads to.
func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "http":
		return "80"
	default:
		return "443"
	}
}

// origin is what must be the same for credentials to be sent on.
func origin(u *url.URL) string { return u.Scheme + "://" + joined(u.Hostname(), portOf(u)) }
