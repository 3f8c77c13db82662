package web

import (
	"net"
	"net/http"
	"strings"
)

// contentPolicy lets a page load its own files and nothing else. Scripts and
// styles inside the HTML do not run, so that a customer's message that got past
// the escaping would still be only text.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// secureHeaders sets what browsers are to know about every page of the
// dashboard's address.
func secureHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		// Not "no-referrer": browsers then send "Origin: null" with a form, which
		// looks like another site to the cross-origin check.
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		next.ServeHTTP(w, r)
	})
}

// onlyThisMachine refuses requests for another host's name. A page of the
// internet whose name is made to point at 127.0.0.1 (DNS rebinding) counts as
// the same origin in the browser; here its name gives it away.
func onlyThisMachine(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isThisMachine(r.Host) {
			w.Header().Set("Cache-Control", "no-store")
			http.Error(w, "This page opens on this computer only: use http://127.0.0.1 with the port that the program named.", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isThisMachine judges a Host header: a name or address, with or without port.
func isThisMachine(host string) bool {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name = host // no port
	} else if strings.Trim(port, "0123456789") != "" {
		return false
	}
	switch strings.ToLower(name) {
	case "localhost", "127.0.0.1", "[::1]":
		return true
	case "::1":
		return err == nil // an address of this kind stands in brackets
	default:
		return false
	}
}

// onlyByAddress refuses requests for a name other than this machine's own. An
// address is fine: it cannot be made to point here from elsewhere, as a name can
// (DNS rebinding), and the dashboard may be bound to the shop's network.
func onlyByAddress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			name = r.Host
		}
		if !isThisMachine(r.Host) && net.ParseIP(strings.Trim(name, "[]")) == nil {
			w.Header().Set("Cache-Control", "no-store")
			http.Error(w, "The dashboard opens by its address only: use http://127.0.0.1 with the port that the program named.", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
