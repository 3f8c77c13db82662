package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

// isNear tells whether a host is this computer or one of the same network.
func isNear(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback() || ip.IsPrivate()
	}
	return !strings.Contains(host, ".") || regexp.MustCompile(`\.(localhost|local|lan|home|internal|home\.arpa)$`).MatchString(strings.ToLower(host))
}

// allowed checks the lines of an allow-list and gives them.
func (d *decoder) allowed(s setting) []string {
	lines := texts(s.value)
	for i, line := range lines {
		path := s.path
		if _, isList := s.value.([]any); isList {
			path = fmt.Sprintf("%s[%d]", s.path, i)
		}
		host := strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(line), "https://"), "http://")
		bare := strings.TrimPrefix(host, "*.")
		u, err := url.Parse("https://" + bare)
		switch {
		case host == "*":
			d.warnf(path, "\"*\" lets the model ask every host of the internet, and tell it what customers write; name the hosts")
		case err != nil || bare == "" || strings.ContainsAny(bare, "*?# @") || u.Hostname() == "":
			d.errorf(path, "%s is not a host; write it like example.com, *.example.com or https://example.com/v1", d.word(path, line))
		case strings.HasPrefix(strings.TrimSpace(line), "http://") && !isNear(u.Hostname()):
			d.warnf(path, "http:// sends everything readable for all on the way; write https:// if the other side has it")
		}
	}
	if s.value != nil && lines == nil {
		d.errorf(s.path, "allow must be a list of hosts")
	}
	return lines
}

func (d *decoder) method(path, m string) {
	if !contains(httpMethodNames(), strings.ToUpper(m)) {
		d.errorf(path, "%s is not a method: it is %s", d.word(path, m), oneOf(httpMethodNames()))
	}
}

// amongHosts tells whether an address lies at one of the hosts of a list.
func amongHosts(address string, lines []string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return true // told already
	}
	for _, line := range lines {
		scheme, host, cut := strings.Cut(strings.TrimSpace(line), "://")
		if !cut {
			scheme, host = "https", scheme
		}
		below, wide := strings.CutPrefix(host, "*.")
		l, err := url.Parse(scheme + "://" + below)
		if host == "*" || err != nil {
			return true
		}
		same := strings.EqualFold(u.Hostname(), l.Hostname())
		if wide {
			same = strings.HasSuffix(strings.ToLower(u.Hostname()), "."+strings.ToLower(l.Hostname()))
		}
		if same && strings.EqualFold(u.Scheme, scheme) && u.Port() == l.Port() && strings.HasPrefix(u.Path, strings.TrimSuffix(l.Path, "/")) {
			return true
		}
	}
	return false
}
