package reach

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.ngrok.com/ngrok/v2"
)

const (
	// tunnelWithin is how long ngrok may take to let the program in: its library
	// tries for ever otherwise, and says nothing.
	tunnelWithin = 30 * time.Second
	// beatEvery and beatWithin are how a tunnel that has silently died is noticed.
	beatEvery  = 10 * time.Second
	beatWithin = 15 * time.Second
)

func (k *Keeper) runTunnel(ctx context.Context, s Settings) {
	k.keepTrying(ctx, func(ctx context.Context) *Problem { return k.serveTunnel(ctx, s) })
}

// serveTunnel connects once and serves until ctx ends or the tunnel is cut. A
// new connection is made by us and not by ngrok's library, which would go on
// with the old address without saying that it has changed.
func (k *Keeper) serveTunnel(ctx context.Context, s Settings) *Problem {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if s.TunnelToken == "" {
		return problem("tunnel_no_token")
	}
	cut := make(chan error, 1)
	agent, err := ngrok.NewAgent(k.agentOptions(s, cut)...)
	if err != nil {
		return explainTunnel(err, s)
	}
	defer func() {
		cancel()               // a connection under way holds the lock that Disconnect waits for
		_ = agent.Disconnect() // it may be cut already
	}()
	listener, err := k.listenAt(ctx, agent, s, cut)
	if err != nil {
		return explainTunnel(err, s)
	}
	served := k.server(Tunnel, k.Handler())
	failed := make(chan error, 1)
	go func() { failed <- served.Serve(listener) }()
	defer shut(served)
	k.isUp(ctx, publicOf(listener.URL()))
	go k.prove(ctx)
	select {
	case <-ctx.Done():
		return nil
	case err := <-cut:
		return problem("tunnel_lost").noted(errorText(err))
	case err := <-failed:
		return problem("tunnel_lost").noted(errorText(err))
	}
}

// listenAt asks for the address. The library tries again by itself when ngrok
// says no; here its first no counts.
func (k *Keeper) listenAt(ctx context.Context, agent ngrok.Agent, s Settings, cut <-chan error) (ngrok.EndpointListener, error) {
	type result struct {
		listener ngrok.EndpointListener
		err      error
	}
	address := "https://"
	if s.TunnelDomain != "" {
		address += s.TunnelDomain
	}
	done := make(chan result, 1)
	go func() {
		l, err := agent.Listen(ctx, ngrok.WithURL(address), ngrok.WithDescription("Astromesh"))
		done <- result{l, err}
	}()
	limit := time.NewTimer(tunnelWithin)
	defer limit.Stop()
	select {
	case r := <-done:
		return r.listener, r.err
	case err := <-cut:
		return nil, err
	case <-limit.C:
		return nil, context.DeadlineExceeded
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (k *Keeper) agentOptions(s Settings, cut chan error) []ngrok.AgentOption {
	options := []ngrok.AgentOption{
		ngrok.WithAuthtoken(s.TunnelToken), ngrok.WithClientInfo("astromesh", "1"),
		ngrok.WithHeartbeatInterval(beatEvery), ngrok.WithHeartbeatTolerance(beatWithin),
		// Its own words may hold what the account is named; ours say what matters.
		ngrok.WithLogger(slog.New(slog.DiscardHandler)),
		ngrok.WithEventHandler(func(e ngrok.Event) {
			if gone, ok := e.(*ngrok.EventAgentDisconnected); ok && gone.Error != nil {
				select {
				case cut <- gone.Error:
				default: // the first reason is the one to tell
				}
			}
		}),
	}
	if k.Outside.Ngrok != "" {
		options = append(options, ngrok.WithAgentConnectURL(k.Outside.Ngrok), ngrok.WithAgentConnectCAs(k.Outside.Roots))
	}
	return options
}

// publicOf is an endpoint's address without a path.
func publicOf(u *url.URL) string { return "https://" + u.Host }

// tunnelCodes are ngrok's error codes (ngrok.com/docs/errors/reference) that an
// owner can mend.
var tunnelCodes = map[string]string{
	"ERR_NGROK_105": "tunnel_odd", "ERR_NGROK_106": "tunnel_odd",
	"ERR_NGROK_107": "tunnel_token", "ERR_NGROK_108": "tunnel_busy",
	"ERR_NGROK_4018": "tunnel_account", "ERR_NGROK_120": "tunnel_old", "ERR_NGROK_121": "tunnel_old",
	"ERR_NGROK_319": "tunnel_domain", "ERR_NGROK_320": "tunnel_domain", "ERR_NGROK_334": "tunnel_online",
}

// explainTunnel says in words why there is no tunnel. What ngrok said is not
// shown: it repeats the token.
func explainTunnel(err error, s Settings) *Problem {
	var said ngrok.Error
	code := ""
	if errors.As(err, &said) {
		code = said.Code()
	}
	if code == "" {
		code = codeIn(err.Error())
	}
	switch known := tunnelCodes[code]; {
	case known == "tunnel_domain", known == "tunnel_online":
		return problem(known, s.TunnelDomain).noted(code)
	case known != "":
		return problem(known).noted(code)
	case code != "":
		return problem("tunnel_refused", code)
	case explainTLS(err, "ngrok") != nil:
		return problem("tunnel_watched")
	default:
		return problem("tunnel_reached")
	}
}

// codeIn finds ngrok's code in what its library wraps as text.
func codeIn(text string) string {
	const begins = "ERR_NGROK_"
	at := strings.Index(text, begins)
	if at < 0 {
		return ""
	}
	end := at + len(begins)
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	return text[at:end]
}

// errorText is why a tunnel ended, for who searches.
func errorText(err error) string {
	if err == nil || errors.Is(err, http.ErrServerClosed) {
		return ""
	}
	return codeIn(err.Error())
}
