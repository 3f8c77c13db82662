package reach

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/caddyserver/certmagic"
	"github.com/mholt/acmez/v3/acme"
)

// clockTolerance is what an authority bears: certificates begin an hour before
// they are made.
const clockTolerance = time.Hour

// acmeCodes are the kinds of trouble of RFC 8555, section 6.7, that an owner can
// mend.
var acmeCodes = map[string]string{
	acme.ProblemTypeDNS:                "acme_dns",
	acme.ProblemTypeConnection:         "acme_connection",
	acme.ProblemTypeTLS:                "acme_connection",
	acme.ProblemTypeUnauthorized:       "acme_other",
	acme.ProblemTypeIncorrectResponse:  "acme_other",
	acme.ProblemTypeCAA:                "acme_caa",
	acme.ProblemTypeRateLimited:        "acme_limit",
	acme.ProblemTypeRejectedIdentifier: "acme_name",
}

// explainACME says in words why there is no certificate. A wrong clock makes
// anything fail, so it is looked at first.
func (k *Keeper) explainACME(ctx context.Context, err error, s Settings) *Problem {
	if hours := k.clockOff(ctx); hours != 0 {
		return problem("clock", hours)
	}
	var said acme.Problem
	if !errors.As(err, &said) {
		if strings.Contains(err.Error(), "storage") {
			return problem("folder").noted(err.Error())
		}
		return problem("acme_reached").noted(err.Error())
	}
	code, known := acmeCodes[said.Type]
	if !known {
		code = "acme_refused"
	}
	at, err := k.Outside.Lookup(ctx, s.Domain)
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		code = "acme_dns"
	case code == "acme_other" && strings.Contains(strings.ToLower(said.Detail), "connect"):
		code = "acme_connection" // not every authority gives that a type of its own
	case code == "acme_other" && err == nil:
		return problem("points_away", s.Domain, strings.Join(at, ", ")).noted(said.Detail)
	}
	return problem(code, s.Domain).noted(said.Detail)
}

// clockOff is by how many hours this machine's clock is wrong, judged by the
// authority's; 0 if that cannot be told or does no harm.
func (k *Keeper) clockOff(ctx context.Context) int {
	theirs, err := k.authorityTime(ctx, k.Outside.Now)
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) && invalid.Cert != nil {
		// With a clock that is off by more than its certificate lasts, the authority
		// looks expired. Whether it is the authority can be judged all the same, at a
		// moment when that certificate held.
		held := invalid.Cert.NotBefore.Add(invalid.Cert.NotAfter.Sub(invalid.Cert.NotBefore) / 2)
		theirs, err = k.authorityTime(ctx, func() time.Time { return held })
	}
	off := k.Outside.Now().Sub(theirs)
	if err != nil || off.Abs() < clockTolerance {
		return 0
	}
	return int(math.Round(off.Abs().Hours()))
}

// authorityTime asks the certificate authority for the time.
func (k *Keeper) authorityTime(ctx context.Context, now func() time.Time) (time.Time, error) {
	directory := k.Outside.Directory
	if directory == "" {
		directory = certmagic.LetsEncryptProductionCA
	}
	client := &http.Client{Timeout: checkWithin, Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{RootCAs: k.Outside.Roots, Time: now, MinVersion: tls.VersionTLS12},
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, directory, nil)
	if err != nil {
		return time.Time{}, fmt.Errorf("ask the authority for the time: %w", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return time.Time{}, fmt.Errorf("ask the authority for the time: %w", err)
	}
	_ = resp.Body.Close() // a HEAD has none
	return http.ParseTime(resp.Header.Get("Date"))
}
