package reach

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// FromAfar completes what a look into the store tells of the way in by asking
// for the sign of life at the public address: a command cannot make the whole
// live check, which would count as Meta's call.
func FromAfar(ctx context.Context, s State, o Outside) State {
	if s.URL == "" {
		s.Phase, s.Problem = Up, nil
		if s.Way != None {
			s.Phase, s.Problem = Trouble, problem("no_address")
		}
		return s
	}
	k := New(Parts{Outside: o})
	s.Phase = Up
	s.Check = Result{At: k.Outside.Now(), URL: s.URL, Skipped: true}
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" {
		s.Check.Handshake = problem("no_address")
		return s
	}
	client := k.visitor()
	defer client.CloseIdleConnections()
	got, p := k.ask(ctx, client, u, "", http.MethodGet, "/healthz", "", nil)
	switch {
	case p != nil:
		s.Check.Handshake = p
	case got.status != http.StatusOK || strings.TrimSpace(got.body) != "ok":
		s.Check.Handshake = k.stranger(u, got)
	}
	return s
}
