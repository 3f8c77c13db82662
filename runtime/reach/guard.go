package reach

import (
	"crypto/x509"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// MetaName is who Meta's client certificate is made out to.
const MetaName = "client.webhooks.fbclientcerts.com"

// Guard lets only those call the webhook whom the settings allow; who is turned
// away gets 403 and no word. What else the public listener has, which is the
// sign of life, stays open to everybody: the owner looks at it with a phone.
func (k *Keeper) Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != k.Path {
			next.ServeHTTP(w, r)
			return
		}
		if mark := r.Header.Get(CheckHeader); mark != "" {
			// Our own live check comes neither from Meta's networks nor with its
			// certificate. Nobody else knows the mark.
			if !k.marks.see(mark) {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			next.ServeHTTP(w, r)
			return
		}
		if !k.Settings().mayCall(r) {
			// Strangers try every address; what carries a signature may be Meta itself,
			// kept out by a list that is not right any more.
			if r.Header.Get("X-Hub-Signature-256") != "" {
				k.turned.count(k.Outside.Now())
			}
			k.Log.Debug("a call was turned away", "stage", "webhook", "way", wayOf(r))
			w.WriteHeader(http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s Settings) mayCall(r *http.Request) bool {
	if len(s.Networks) == 0 && s.MetaCA == "" {
		return true
	}
	client, proxied := s.client(r)
	if len(s.Networks) > 0 && !within(client, s.Networks) {
		return false
	}
	switch {
	case s.MetaCA == "" || s.Way == Tunnel: // the form does not let both be chosen
		return true
	case s.Way == Proxy:
		// The proxy asks for the certificate, so who comes around it has shown none.
		return proxied
	default:
		return showsMeta(r)
	}
}

// showsMeta says whether the caller holds Meta's certificate. That it is signed
// by the right authority was judged when the connection was made.
func showsMeta(r *http.Request) bool {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
		return false
	}
	return isMeta(r.TLS.VerifiedChains[0][0])
}

func isMeta(c *x509.Certificate) bool {
	return c.Subject.CommonName == MetaName || c.VerifyHostname(MetaName) == nil
}

// client is who calls, and whether the call came through a trusted proxy.
// X-Forwarded-For is read from its end: each proxy adds whom it saw, and what
// stands before the last trusted one may be made up.
func (s Settings) client(r *http.Request) (client netip.Addr, proxied bool) {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, false
	}
	client = peer.Addr().Unmap()
	if s.Way != Proxy || wayOf(r) != None || !within(client, s.Trusted) {
		return client, false
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && within(client, s.Trusted); i-- {
		next, err := parseHop(hops[i])
		if err != nil {
			return netip.Addr{}, true // nobody that any network holds
		}
		client = next
	}
	return client, true
}

// parseHop reads one address of X-Forwarded-For; some proxies add a port.
func parseHop(hop string) (netip.Addr, error) {
	hop = strings.TrimSpace(hop)
	if with, err := netip.ParseAddrPort(hop); err == nil {
		return with.Addr().Unmap(), nil
	}
	a, err := netip.ParseAddr(strings.Trim(hop, "[]"))
	return a.Unmap(), err
}

func within(a netip.Addr, networks []netip.Prefix) bool {
	for _, n := range networks {
		if a.IsValid() && n.Contains(a) {
			return true
		}
	}
	return false
}

// turned counts calls that the guard kept out and that looked like Meta's.
type turned struct {
	mu sync.Mutex
	n  int64
	at time.Time
}

func (t *turned) count(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n, t.at = t.n+1, now
}

// Turned is how many calls with a signature the guard kept out since the start,
// and when the last one came.
func (k *Keeper) Turned() (n int64, at time.Time) {
	k.turned.mu.Lock()
	defer k.turned.mu.Unlock()
	return k.turned.n, k.turned.at
}
