package reach

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"

	"github.com/caddyserver/certmagic"
	"github.com/mholt/acmez/v3"
	"go.uber.org/zap"
)

func (k *Keeper) runDomain(ctx context.Context, s Settings) {
	k.keepTrying(ctx, func(ctx context.Context) *Problem { return k.serveDomain(ctx, s) })
}

// serveDomain takes both ports, gets a certificate and serves until ctx ends or
// something fails. A certificate that cannot be had is tried again by certmagic,
// at a pace that the authority bears, while the ports stay taken.
func (k *Keeper) serveDomain(ctx context.Context, s Settings) *Problem {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if s.Domain == "" {
		return problem("domain_missing")
	}
	plain, p := k.listen(ctx, s.HTTPPort)
	if p != nil {
		return p
	}
	defer func() { _ = plain.Close() }() // its server has closed it before, if there was one
	secure, p := k.listen(ctx, s.HTTPSPort)
	if p != nil {
		return p
	}
	defer func() { _ = secure.Close() }() // likewise
	certificates, stop := k.certificates(s)
	defer stop()
	inner, err := k.tlsConfig(s, certificates.config)
	if err != nil {
		return problem("cert_odd")
	}
	nothing := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	asked := k.server(Domain, certificates.issuer.HTTPChallengeHandler(nothing))
	served := k.server(Domain, k.Handler())
	failed := make(chan error, 2)
	go func() { failed <- asked.Serve(plain) }()
	go func() { failed <- served.Serve(tls.NewListener(secure, inner)) }()
	defer shut(asked)
	defer shut(served)
	if err := certificates.config.ManageAsync(ctx, []string{s.Domain}); err != nil {
		return problem("folder").noted(err.Error())
	}
	proving := sync.OnceFunc(func() { go k.prove(ctx) })
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			return problem("port_other", s.HTTPSPort).noted(err.Error())
		case err := <-certificates.failed:
			k.noCertificate(ctx, k.explainACME(ctx, err, s))
		case <-certificates.there:
			k.isUp(ctx, "https://"+s.Domain)
			k.until(ctx, inner, s.Domain)
			proving()
		}
	}
}

// listen takes a port of this machine.
func (k *Keeper) listen(ctx context.Context, port int) (net.Listener, *Problem) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", net.JoinHostPort(k.Outside.Host, strconv.Itoa(port)))
	if err != nil {
		return nil, portProblem(port, err)
	}
	return l, nil
}

// certificates are those of one domain.
type certificates struct {
	config *certmagic.Config
	issuer *certmagic.ACMEIssuer
	there  chan struct{} // rung when the certificate is there to be shown
	failed chan error    // why there is none; a newer failure replaces an older
}

// certificates are kept in the folder of the settings, and renewed while the
// domain is served. certmagic keeps nothing running before.
func (k *Keeper) certificates(s Settings) (c *certificates, stop func()) {
	c = &certificates{there: make(chan struct{}, 1), failed: make(chan error, 1)}
	quiet := zap.NewNop() // what it has to say of use comes as events
	cache := certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return c.config, nil }, Logger: quiet,
	})
	c.config = certmagic.New(cache, certmagic.Config{
		Storage: &certmagic.FileStorage{Path: k.Folder}, Logger: quiet,
		// A revoked certificate is asked about at its authority, which Let's Encrypt
		// does not answer any more.
		OCSP: certmagic.OCSPConfig{DisableStapling: true},
		OnEvent: func(_ context.Context, event string, data map[string]any) error {
			switch event {
			case "cached_managed_cert":
				ring(c.there, struct{}{})
			case "cert_failed":
				err, ok := data["error"].(error)
				if !ok {
					err = fmt.Errorf("no reason was given")
				}
				ring(c.failed, err)
			}
			return nil
		},
	})
	template := certmagic.ACMEIssuer{
		CA: k.Outside.Directory, TestCA: k.Outside.Directory, Email: s.Email, Agreed: true, TrustedRoots: k.Outside.Roots,
		ListenHost: k.Outside.Host, AltHTTPPort: s.HTTPPort, AltTLSALPNPort: s.HTTPSPort, Logger: quiet,
	}
	if template.CA == "" {
		template.CA, template.TestCA = certmagic.LetsEncryptProductionCA, certmagic.LetsEncryptStagingCA
	}
	c.issuer = certmagic.NewACMEIssuer(c.config, template)
	c.config.Issuers = []certmagic.Issuer{c.issuer}
	return c, cache.Stop
}

// ring puts the newest value into a channel of one place.
func ring[T any](c chan T, v T) {
	for {
		select {
		case c <- v:
			return
		default:
		}
		select {
		case <-c:
		default:
		}
	}
}

// tlsConfig shows the domain's certificate, and asks for Meta's where the
// settings say so. Who shows none is let in up to the guard, which refuses him:
// our own live check has no certificate of Meta's.
func (k *Keeper) tlsConfig(s Settings, c *certmagic.Config) (*tls.Config, error) {
	config := c.TLSConfig()
	config.MinVersion = tls.VersionTLS12
	config.NextProtos = []string{"h2", "http/1.1", acmez.ACMETLS1Protocol}
	if s.MetaCA == "" {
		return config, nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(s.MetaCA)) {
		return nil, fmt.Errorf("no certificate in the authority's text")
	}
	config.ClientAuth, config.ClientCAs = tls.VerifyClientCertIfGiven, pool
	return config, nil
}

// until notes when the certificate that is shown ends.
func (k *Keeper) until(ctx context.Context, c *tls.Config, name string) {
	cert, err := c.GetCertificate(&tls.ClientHelloInfo{ServerName: name})
	if err == nil && cert.Leaf != nil {
		k.update(ctx, func(s *State) { s.Until = cert.Leaf.NotAfter })
	}
}

// noCertificate says why there is none. While the old one is still shown, the
// way stays open: it is only worth a look.
func (k *Keeper) noCertificate(ctx context.Context, p *Problem) {
	if k.State().Phase != Up {
		k.trouble(ctx, p)
		return
	}
	k.Log.Warn("the certificate could not be renewed; it is tried again", "stage", "webhook", "problem", p.Code)
	k.update(ctx, func(s *State) { s.Problem = p })
}
