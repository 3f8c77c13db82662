// Package reach is the way in from the internet: how Meta's calls come to the
// webhook listener and to nothing else. There is one way at a time: a tunnel
// inside the program, a domain of one's own with certificates made by the
// program, or a reverse proxy that stands in front. Whatever fails here leaves
// the webhook's own address as it was.
package reach

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"reflect"
	"sync"
	"time"
)

// Way is how Meta's calls come in.
type Way string

// The ways. None is the program as it is installed: whoever runs it brings the
// calls in by other means.
const (
	None   Way = ""
	Tunnel Way = "tunnel"
	Domain Way = "domain"
	Proxy  Way = "proxy"
)

// Settings are what the owner chose.
type Settings struct {
	Way Way

	TunnelToken  string // ngrok's auth token
	TunnelDomain string // a fixed one, "shop.ngrok.app"; "" lets ngrok choose

	Domain              string // "shop.example.com"
	Email               string // for the certificate authority's warnings; may be ""
	HTTPPort, HTTPSPort int    // 80 and 443, unless a router translates

	// PublicURL is the address without a path, as typed: it counts for Proxy and
	// None. The other ways know theirs.
	PublicURL string

	Trusted  []netip.Prefix // proxies whose X-Forwarded-For is believed; only for Proxy
	Networks []netip.Prefix // who may call; none = everybody
	// MetaCA, if not empty, lets only the holder of Meta's client certificate call:
	// the certificates (PEM) of the authority that Meta's is signed by. A tunnel
	// cannot do it: TLS ends at the tunnel's provider.
	MetaCA string
}

// Credentials are what the live check shows, as Meta does.
type Credentials struct {
	VerifyToken, AppSecret string
}

// Parts are what the way in is made of.
type Parts struct {
	Settings    Settings // to start with
	Credentials func() Credentials
	// Handler is what the webhook listener serves, and all that a way serves.
	Handler func() http.Handler
	Path    string // of the webhook, behind the public address
	Folder  string // for certificates and their keys; made when it is needed
	// Register tells Meta the public address where that is needed. It is called
	// after a live check of a chosen way that passed, never twice at a time. A nil problem means
	// that Meta sends there.
	Register func(ctx context.Context, publicURL string) *Problem
	Log      *slog.Logger

	Outside Outside
}

// Outside is where the world is: the zero value is the real one, and tests have
// their own.
type Outside struct {
	Host      string                                                               // that a domain's ports are taken on; "" = all of this machine's
	Lookup    func(ctx context.Context, host string) ([]string, error)             // of a name's addresses
	Dial      func(ctx context.Context, network, address string) (net.Conn, error) // of the live check
	Roots     *x509.CertPool                                                       // that every connection trusts; nil = the system's
	Directory string                                                               // of the certificate authority; "" = Let's Encrypt
	Ngrok     string                                                               // "host:port"; "" = ngrok's own
	Now       func() time.Time
}

// Keeper keeps the chosen way open. New makes it, Run runs it.
type Keeper struct {
	Parts
	marks  marks
	checks sync.Mutex // one live check at a time
	turned turned

	mu       sync.Mutex
	settings Settings
	state    State
	changed  chan struct{} // rung by Apply and Retry
}

// State is how the way in is doing.
type State struct {
	Way   Way
	Phase Phase
	Since time.Time
	URL   string // the public address without a path; "" while it is not known
	// Problem is why the way is not open, and what to do.
	Problem *Problem
	// Until is when the certificate ends; the program renews it long before.
	Until time.Time
	// Check is the last live check; its zero At means that there was none.
	Check Result
	// Meta is why Meta was not told the address; nil if it was, or need not be.
	Meta *Problem
}

// Phase of a way.
type Phase string

// The phases. Of None and Proxy nothing is to be opened: they are Up.
const (
	Opening Phase = "opening"
	Up      Phase = "up"
	Trouble Phase = "trouble"
)

// New makes a keeper; nothing is opened before Run.
func New(p Parts) *Keeper {
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	if p.Outside.Now == nil {
		p.Outside.Now = time.Now
	}
	if p.Outside.Dial == nil {
		p.Outside.Dial = (&net.Dialer{Timeout: checkWithin}).DialContext
	}
	if p.Outside.Lookup == nil {
		p.Outside.Lookup = net.DefaultResolver.LookupHost
	}
	k := &Keeper{Parts: p, changed: make(chan struct{}, 1)}
	k.set(p.Settings)
	return k
}

// set makes settings those in force.
func (k *Keeper) set(s Settings) {
	k.settings = s
	k.state = State{Way: s.Way, Phase: Opening, Since: k.Outside.Now(), URL: s.publicURL()}
	if s.Way == None || s.Way == Proxy {
		k.state.Phase = Up
	}
}

// publicURL is what is known of the address before the way is open.
func (s Settings) publicURL() string {
	switch {
	case s.Way == Domain && s.Domain != "":
		return "https://" + s.Domain
	case s.Way == Tunnel && s.TunnelDomain != "":
		return "https://" + s.TunnelDomain
	case s.Way == Proxy, s.Way == None:
		return s.PublicURL
	default:
		return ""
	}
}

// Apply puts other settings in force: at once who may call, and within a moment
// the way. Settings that are those in force change nothing.
func (k *Keeper) Apply(s Settings) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if reflect.DeepEqual(s, k.settings) {
		return
	}
	k.set(s)
	k.ring()
}

// Retry opens the way anew: after the owner has mended something.
func (k *Keeper) Retry() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.set(k.settings)
	k.ring()
}

func (k *Keeper) ring() {
	select {
	case k.changed <- struct{}{}:
	default:
	}
}

// Settings are those in force.
func (k *Keeper) Settings() Settings {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.settings
}

// State is how the way is doing now.
func (k *Keeper) State() State {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.state
}

// update changes the state of the way that ctx belongs to; a way that was
// replaced has nothing more to say.
func (k *Keeper) update(ctx context.Context, change func(*State)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	was := k.state.Phase
	change(&k.state)
	if k.state.Phase != was {
		k.state.Since = k.Outside.Now()
	}
}
