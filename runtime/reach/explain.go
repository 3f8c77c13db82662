package reach

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// explain says in words why a call through the public address did not get
// through.
func explain(err error, u *url.URL) *Problem {
	host := u.Host
	var dns *net.DNSError
	if errors.As(err, &dns) {
		if dns.IsNotFound {
			return problem("dns_none", u.Hostname())
		}
		return problem("dns_failed", u.Hostname())
	}
	if p := explainTLS(err, host); p != nil {
		return p
	}
	switch {
	case errors.Is(err, connRefused):
		return problem("refused", host)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, connTimedOut):
		return problem("timeout", host)
	case errors.Is(err, netUnreachable), errors.Is(err, hostUnreachable):
		return problem("unreachable", host)
	case errors.Is(err, connReset), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return problem("cut", host)
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return problem("timeout", host)
	}
	return problem("cut", host)
}

// explainTLS gives nil where it was not for the certificate.
func explainTLS(err error, host string) *Problem {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.As(err, &unknown):
		return problem("cert_unknown", host)
	case errors.As(err, &name):
		return problem("cert_name", host)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return problem("cert_date", host)
	case errors.As(err, &invalid):
		return problem("cert_unknown", host)
	case errors.As(err, &record), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return problem("not_tls", host)
	case errors.As(err, &alert):
		return problem("cut", host).noted(alert.Error())
	default:
		return nil
	}
}

// stranger says who answered in our place.
func (k *Keeper) stranger(u *url.URL, a answer) *Problem {
	code := a.header.Get("Ngrok-Error-Code")
	switch {
	case code == "ERR_NGROK_6024": // shown to browsers of the free plan
		return problem("interstitial").noted(code)
	case code == "ERR_NGROK_3200":
		return problem("tunnel_offline").noted(code)
	case a.status == http.StatusBadGateway, a.status == http.StatusGatewayTimeout, a.status == http.StatusServiceUnavailable:
		return problem("bad_gateway", a.status).noted(code)
	case a.status == http.StatusForbidden, a.status == http.StatusUnauthorized:
		return problem("forbidden").noted(code)
	case a.status >= 300 && a.status < 400:
		return problem("redirected", leadsTo(a.header.Get("Location"), u))
	case a.status == http.StatusNotFound:
		return problem("not_passed", u.Host)
	case a.status == http.StatusOK:
		return problem("not_us", u.Host)
	default:
		return problem("status", u.Host, a.status).noted(code)
	}
}

// leadsTo shows where a redirection leads, without what may be a key in it.
func leadsTo(location string, from *url.URL) string {
	to, err := from.Parse(location)
	if err != nil || to.Host == "" {
		return from.Host
	}
	return to.Scheme + "://" + to.Host
}
