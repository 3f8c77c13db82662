package outside

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// List says where a tool may go. Its zero value allows nothing.
type List struct{ entries []entry }

// entry is one line of a list: [https://|http://]host[:port][/path].
type entry struct {
	text   string // as written, for sentences
	scheme string
	host   string // of "*.example.com" what stands after "*."
	below  bool   // the hosts below host, and not host itself
	all    bool   // "*": every public host
	port   string
	path   string // "" or "/v1", without a final slash
}

// ParseList reads the lines of an allow-list. The error names the first line that
// cannot be read.
func ParseList(lines []string) (List, error) {
	var l List
	for _, line := range lines {
		e, err := parseEntry(line)
		if err != nil {
			return List{}, fmt.Errorf("%q in the list of allowed hosts: %w", clip(line), err)
		}
		l.entries = append(l.entries, e)
	}
	return l, nil
}

// Everywhere tells whether a list has "*" in it.
func (l List) Everywhere() bool {
	for _, e := range l.entries {
		if e.all {
			return true
		}
	}
	return false
}

// Empty tells whether a list allows nothing.
func (l List) Empty() bool { return len(l.entries) == 0 }

func parseEntry(line string) (entry, error) {
	e := entry{text: strings.TrimSpace(line)}
	rest := e.text
	for _, scheme := range []string{"https://", "http://"} {
		if len(rest) >= len(scheme) && strings.EqualFold(rest[:len(scheme)], scheme) {
			e.scheme, rest = strings.TrimSuffix(scheme, "://"), rest[len(scheme):]
		}
	}
	if e.scheme == "" {
		e.scheme = "https"
	}
	after, all := strings.CutPrefix(rest, "*")
	switch {
	case all && (after == "" || after[0] == ':' || after[0] == '/'):
		e.all, rest = true, "all.example"+after // a name that can be read, and is then forgotten
	case all && after[0] == '.':
		e.below, rest = true, after[1:]
	}
	if strings.Contains(rest, "*") {
		return e, errors.New(`"*" may only stand for a whole host, or first, as in *.example.com`)
	}
	u, err := Address(e.scheme + "://" + rest)
	switch {
	case err != nil:
		return e, err
	case u.RawQuery != "":
		return e, errors.New("leave out what comes after the question mark")
	}
	e.host, e.port, e.path = u.Hostname(), portOf(u), strings.TrimSuffix(u.Path, "/")
	if _, err := netip.ParseAddr(e.host); err == nil && e.below {
		return e, errors.New("there are no hosts below an IP address")
	}
	return e, nil
}

// Check says why an address is not allowed; it must come from [Address].
func (l List) Check(u *url.URL) error {
	var near error
	for _, e := range l.entries {
		if !e.hosts(u.Hostname()) {
			continue
		}
		switch {
		case e.scheme != u.Scheme:
			near = fmt.Errorf("%s may be asked with %s:// only", u.Hostname(), e.scheme)
		case e.port != portOf(u):
			near = fmt.Errorf("%s may be asked at port %s only", u.Hostname(), e.port)
		case !e.paths(u):
			near = fmt.Errorf("of %s only what begins with %s may be asked", u.Hostname(), e.path)
		default:
			return nil
		}
	}
	if near != nil {
		return near
	}
	return fmt.Errorf("the host %s is not allowed", clip(u.Hostname()))
}

func (e entry) hosts(host string) bool {
	_, err := netip.ParseAddr(host)
	switch {
	case e.all:
		return err != nil // an IP address has to be listed itself
	case e.below:
		return strings.HasSuffix(host, "."+e.host)
	default:
		return host == e.host
	}
}

// paths tells whether an address lies below the entry's path. A slash written as
// %2F is another part to some servers and a letter to others.
func (e entry) paths(u *url.URL) bool {
	if e.path == "" {
		return true
	}
	written := strings.ToLower(u.EscapedPath())
	if strings.Contains(written, "%2f") || strings.Contains(written, "%5c") || strings.Contains(written, "%25") {
		return false
	}
	return u.Path == e.path || strings.HasPrefix(u.Path, e.path+"/")
}

// clip shortens what a stranger wrote for a sentence.
func clip(s string) string {
	const most = 80 // bytes
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "")
}
