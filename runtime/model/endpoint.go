package model

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

const defaultOllamaPort = "11434"

// ParseEndpoint reads the address of an Ollama server in any form that
// OLLAMA_HOST may have: "", "host", "host:port", ":port", "[::1]:port",
// "http://host/path". Ports left out are 11434 without a scheme, and the
// scheme's own with one, as Ollama itself does. An address to listen on
// (0.0.0.0, ::) becomes the loopback address to call.
func ParseEndpoint(s string) (*url.URL, error) {
	s = strings.Trim(strings.TrimSpace(s), `"'`)
	scheme, rest, found := strings.Cut(s, "://")
	port := defaultOllamaPort
	switch {
	case !found:
		scheme, rest = "http", s
	case scheme == "http":
		port = "80"
	case scheme == "https":
		port = "443"
	default:
		return nil, fmt.Errorf("endpoint %q: the scheme must be http or https", s)
	}
	hostport, path, _ := strings.Cut(rest, "/")
	host := strings.Trim(hostport, "[]")
	if h, p, err := net.SplitHostPort(hostport); err == nil {
		host, port = h, p
	} else if strings.Count(host, ":") == 1 {
		return nil, fmt.Errorf("endpoint %q: %w", s, err)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return nil, fmt.Errorf("endpoint %q: %q is not a port", s, port)
	}
	path = strings.Trim(path, "/")
	if net.ParseIP(host) == nil && !isPlain(host, ".-_") || !isPlain(path, "/.-_~") || strings.Contains("/"+path+"/", "/../") {
		return nil, fmt.Errorf("endpoint %q: only scheme, host, port and path are possible", s)
	}
	u := &url.URL{Scheme: scheme, Host: net.JoinHostPort(callable(host), port)}
	if path != "" {
		u.Path = "/" + path
	}
	return u, nil
}

// isPlain tells whether a text is made of ASCII letters, digits and some signs.
func isPlain(s, signs string) bool {
	for _, r := range s {
		plain := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !plain && !strings.ContainsRune(signs, r) {
			return false
		}
	}
	return true
}

// callable turns an address to listen on into one to call. Dialing 0.0.0.0
// happens to work on Linux and fails on Windows.
func callable(host string) string {
	ip := net.ParseIP(host)
	switch {
	case host == "":
		return "127.0.0.1"
	case ip == nil:
		return strings.ToLower(host)
	case ip.IsUnspecified() && ip.To4() != nil:
		return "127.0.0.1"
	case ip.IsUnspecified():
		return "::1"
	}
	return ip.String()
}

// isLocal tells whether the server runs on this computer.
func isLocal(u *url.URL) bool {
	host := u.Hostname()
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
