package outside

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	// MaxBody is how much of an answer is read, in bytes.
	MaxBody = 1 << 20
	// maxRedirects is how often an answer may lead elsewhere.
	maxRedirects = 3
	connectLimit = 10 * time.Second
)

// Dial makes a connection in the place of the guarded dialer, for tests.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Options say where a client may go and how.
type Options struct {
	List List
	// Local lets it reach the owner's own services in the local network. Only for
	// an address that the owner wrote, never for one that a model chooses.
	Local bool
	// Resolver finds hosts; nil = the system's. Dial replaces guard and resolver.
	Resolver *net.Resolver
	Dial     Dial
}

// Client asks what its list allows. It keeps no cookies and knows no proxy: one
// named by the environment would resolve names where the guard cannot see.
type Client struct {
	list List
	http *http.Client
}

// New makes a client. Close releases its connections.
func New(o Options) *Client {
	c := &Client{list: o.List}
	c.http = &http.Client{Transport: Transport(o), CheckRedirect: c.redirect}
	return c
}

// Transport connects through the guard. It checks no list: whoever uses it by
// itself has one address, written by the owner.
func Transport(o Options) *http.Transport {
	dial := o.Dial
	if dial == nil {
		g := guard{local: o.Local, own: ownAddresses}
		dial = (&net.Dialer{Timeout: connectLimit, Resolver: o.Resolver, Control: g.control}).DialContext
	}
	return &http.Transport{
		DialContext: dial, ForceAttemptHTTP2: true, MaxResponseHeaderBytes: 64 << 10,
		TLSHandshakeTimeout: connectLimit, MaxIdleConns: 8, IdleConnTimeout: 30 * time.Second,
	}
}

// Close drops the connections that are kept for the next call.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Request is what to ask. URL comes from [Address].
type Request struct {
	Method string
	URL    *url.URL
	Header http.Header // goes to the URL's own scheme, host and port only
	Body   []byte
}

// Do asks, and reads at most [MaxBody]. Its errors are words that a model may be
// shown; [NotSent] tells those where nothing was sent.
func (c *Client) Do(ctx context.Context, r Request) (Response, error) {
	if err := c.list.Check(r.URL); err != nil {
		return Response{}, err
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL.String(), bytes.NewReader(r.Body))
	if err != nil {
		return Response{}, errNoAddress
	}
	if len(r.Body) == 0 {
		req.Body, req.GetBody, req.ContentLength = nil, nil, 0
	}
	for name, values := range r.Header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", "astromesh")
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
		req.Header.Del("Host")
	}
	res, err := c.http.Do(req)
	if err != nil {
		return Response{}, inWords(err, r.URL.Hostname())
	}
	defer func() { _ = res.Body.Close() }() // what is needed of it has been read
	return read(res)
}

// errRedirect carries words through http.Client, which wraps what it is given.
type errRedirect struct{ error }

// redirect lets an answer lead to what the list allows, and takes everything
// along that could tell another host who asks: the owner's headers hold keys.
func (c *Client) redirect(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return errRedirect{fmt.Errorf("the address leads on more than %d times", maxRedirects)}
	}
	u, err := Address(req.URL.String())
	if err == nil {
		err = c.list.Check(u)
	}
	if err != nil {
		return errRedirect{fmt.Errorf("the address leads to another one, which may not be asked: %w", err)}
	}
	req.URL = u
	first := via[0]
	req.Header.Del("Referer") // its query may hold a key
	if origin(u) == origin(first.URL) {
		return nil
	}
	if req.Method != http.MethodGet && req.Method != http.MethodHead {
		return errRedirect{errors.New("the address leads to another host, which is not given what was sent")}
	}
	req.Host = ""
	req.Header = http.Header{"User-Agent": first.Header.Values("User-Agent"), "Accept": first.Header.Values("Accept")}
	return nil
}
