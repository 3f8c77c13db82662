package mcp

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"astromesh/runtime/tool/outside"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// headerLimit is how long a server with an address may take to begin an answer.
const headerLimit = 60 * time.Second

// transport starts the server's program, or makes ready to ask its address.
func (l *link) transport(s *Server) (sdk.Transport, error) {
	if s.setup.Command != "" {
		p, err := start(s.setup, s.log)
		if err != nil {
			return nil, err
		}
		l.process = p
		return &sdk.IOTransport{
			Reader: &bounded{r: p.stdout, flood: l.flood}, Writer: p.stdin, MaxLineLength: maxMessage + 1<<10,
		}, nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	l.life = cancel
	base := outside.Transport(outside.Options{Local: true, Dial: s.dial})
	base.ResponseHeaderTimeout = headerLimit
	context.AfterFunc(ctx, base.CloseIdleConnections)
	client := &http.Client{
		Transport: &addressed{base: base, headers: s.setup.Headers, life: ctx, flood: l.flood},
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			if len(via) > 3 || req.URL.Scheme != via[0].URL.Scheme || req.URL.Host != via[0].URL.Host {
				return errors.New("the server leads to another address")
			}
			return nil
		},
	}
	if s.setup.SSE {
		return &sdk.SSEClientTransport{Endpoint: s.setup.URL, HTTPClient: client, MaxEventSize: maxMessage}, nil
	}
	return &sdk.StreamableClientTransport{Endpoint: s.setup.URL, HTTPClient: client, MaxEventSize: maxMessage, MaxRetries: 2}, nil
}

// addressed adds the owner's headers to each request, ends them all when the
// connection does, and bounds what is read.
type addressed struct {
	base    http.RoundTripper
	headers map[string]string
	life    context.Context
	flood   *atomic.Bool
}

func (a *addressed) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(req.Context())
	stop := context.AfterFunc(a.life, cancel)
	req = req.Clone(ctx)
	for name, value := range a.headers {
		req.Header.Set(name, value)
	}
	res, err := a.base.RoundTrip(req)
	if err != nil {
		stop()
		cancel()
		return nil, err
	}
	limit := int64(maxMessage)
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		limit = -1 // it lasts as long as the connection; each event in it is bounded
	}
	res.Body = &body{bounded{r: res.Body, left: limit, bounds: limit > 0, flood: a.flood}, res.Body, func() { stop(); cancel() }}
	return res, nil
}

// body is a response's, which ends the request when it is closed.
type body struct {
	bounded
	closer io.Closer
	end    func()
}

func (b *body) Close() error {
	defer b.end()
	return b.closer.Close()
}

// bounded notes when a message is longer than it may be. Of a program's output,
// where messages are lines, it counts from the last line's end.
type bounded struct {
	r      io.Reader
	left   int64
	bounds bool // left counts; else lines do
	line   int
	flood  *atomic.Bool
}

var errFlood = errors.New("the server says too much")

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.bounds {
		if b.left -= int64(n); b.left < 0 {
			b.flood.Store(true)
			return 0, errFlood
		}
		return n, err
	}
	for _, c := range p[:n] {
		if b.line++; c == '\n' {
			b.line = 0
		}
	}
	if b.line > maxMessage {
		b.flood.Store(true)
		return 0, errFlood
	}
	return n, err
}

// Close leaves a program's output open: it is read to its end, which is how one
// sees that the program has ended.
func (b *bounded) Close() error { return nil }
