package whatsapp

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"astromesh/runtime/channel"
)

// Bounds of a Graph call.
const (
	dialTimeout  = 5 * time.Second
	callTimeout  = 30 * time.Second
	mediaTimeout = 60 * time.Second // a 25 MB file over a slow line
	maxAnswer    = 1 << 20          // bytes of a Graph answer that are read
)

// Meta serves attachments from hosts under these names.
var metaMediaHosts = [...]string{"fbcdn.net", "fbsbx.com", "whatsapp.net"}

// Config says where Graph is and who we are there.
type Config struct {
	GraphURL string // "https://graph.facebook.com"; http only for an emulator
	// Version returns "v25.0" or the like; it may change while the program runs.
	// Nil or empty leaves the version to Meta.
	Version func() string
	// Token returns the access token of the moment; it may change while the
	// program runs. Empty refuses every call.
	Token     func() string
	UserAgent string // never empty on the wire: Meta's media hosts refuse callers without one
	// MediaHosts are host names below which attachments may be fetched with the
	// token, beside Graph's own host. Nil means Meta's: fbcdn.net, fbsbx.com and
	// whatsapp.net. "example.org" means what ends in ".example.org".
	MediaHosts []string
	// HTTP replaces the pooled client. Its redirect policy is not used:
	// redirects are judged here.
	HTTP *http.Client
	// Now replaces the clock that the 24-hour window is judged by.
	Now func() time.Time
}

// Client talks to Graph. It is safe for concurrent use.
type Client struct {
	config Config
	graph  *url.URL
	http   *http.Client
}

var _ channel.Sender = (*Client)(nil)

// NewClient fills in what config leaves open. A GraphURL that cannot be used
// shows as a refused send that says so, not as an error here: the address can
// be mended while the program runs, by a new client.
func NewClient(config Config) *Client {
	if config.GraphURL == "" {
		config.GraphURL = "https://graph.facebook.com"
	}
	if config.UserAgent == "" {
		config.UserAgent = "astromesh"
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Token == nil {
		config.Token = func() string { return "" }
	}
	if config.Version == nil {
		config.Version = func() string { return "" }
	}
	if config.MediaHosts == nil {
		config.MediaHosts = metaMediaHosts[:]
	}
	plain := http.Client{Transport: newTransport()}
	if config.HTTP != nil {
		plain = *config.HTTP
	}
	// A redirect must never carry the token, or a message, to another host.
	plain.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	plain.Jar = nil
	c := &Client{config: config, http: &plain}
	graph, err := url.Parse(strings.TrimRight(config.GraphURL, "/"))
	if err == nil && graph.Host != "" && (graph.Scheme == "https" || graph.Scheme == "http") {
		c.graph = graph
	}
	return c
}

// newTransport is sized for Meta's default of 80 messages a second, each taking
// up to a second: fewer idle connections would mean a TLS handshake for most
// sends. Proxies come from the environment, loopback excepted.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           128,
		MaxIdleConnsPerHost:    96,
		MaxConnsPerHost:        128,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    dialTimeout,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// endpoint is {graph}/{version}/{parts…}. Parts must have passed safeID.
func (c *Client) endpoint(parts ...string) string {
	all := []string{c.graph.String()}
	if version := strings.Trim(c.config.Version(), "/"); version != "" {
		all = append(all, version)
	}
	return strings.Join(append(all, parts...), "/")
}

// safeID reports whether an id can stand in a path without changing its meaning.
func safeID(id string) bool {
	for i := 0; i < len(id); i++ {
		c := id[i]
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '-') {
			return false
		}
	}
	return id != "" && len(id) <= 128
}

// ready returns the token, or why no call can be made.
func (c *Client) ready(ids ...string) (token string, err *channel.SendError) {
	if c.graph == nil {
		return "", refused("graph url is not an http or https address",
			"The address of Meta's Graph API is not usable. Correct ASTROMESH_GRAPH_URL.")
	}
	for _, id := range ids {
		if !safeID(id) {
			return "", refused("an id has characters that no id of Meta's has",
				"The phone number id is missing or is not one of Meta's. Correct phone_number_id in the settings.")
		}
	}
	if token = strings.TrimSpace(c.config.Token()); token == "" {
		return "", &channel.SendError{Outcome: channel.TokenRefused, Detail: "no access token is configured",
			Reason: "There is no access token for WhatsApp. Enter one in the settings; the waiting messages are sent then."}
	}
	return token, nil
}

func refused(detail, reason string) *channel.SendError {
	return &channel.SendError{Outcome: channel.Refused, Detail: detail, Reason: reason}
}

// request makes a request that shows the token, in its header only.
func (c *Client) request(ctx context.Context, method, address, token string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", c.config.UserAgent)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return req, nil
}
