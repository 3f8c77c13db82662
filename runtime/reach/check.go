package reach

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// checkWithin bounds each of the two calls of a live check. Meta gives up
	// sooner.
	checkWithin = 10 * time.Second
	// maxCheckAnswer is more than our own answers, and enough to know others'.
	maxCheckAnswer = 8 << 10
)

// harmless is a webhook of Meta's without any news: it is acknowledged, and
// nothing comes of it.
const harmless = `{"object":"whatsapp_business_account","entry":[]}`

// Result is one live check: Meta's handshake and a signed call, made through the
// public address.
type Result struct {
	At  time.Time
	URL string // where
	// Handshake and Call are why a step failed; nil if it did not. The call is not
	// tried where the handshake failed: Skipped.
	Handshake, Call *Problem
	Skipped         bool
	Unsigned        bool // no app secret is known, so the call carried no signature
}

// Well says whether the check was made and passed.
func (r Result) Well() bool { return !r.At.IsZero() && r.Problem() == nil }

// Problem is the first thing that went wrong, or nil.
func (r Result) Problem() *Problem {
	if r.Handshake != nil {
		return r.Handshake
	}
	return r.Call
}

// Check performs the live check now and keeps its result. After one that passed,
// Meta is told the address where it needs to be.
func (k *Keeper) Check(ctx context.Context) Result {
	k.checks.Lock()
	defer k.checks.Unlock()
	s := k.State()
	r := k.look(ctx, s.URL)
	if ctx.Err() != nil {
		return r // the question was taken back: it says nothing of the way
	}
	var meta *Problem
	if r.Well() && k.Register != nil && s.Way != None {
		meta = k.Register(ctx, s.URL)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.state.URL == s.URL { // else it is about an address that was left meanwhile
		k.state.Check, k.state.Meta = r, meta
	}
	return r
}

func (k *Keeper) look(ctx context.Context, public string) Result {
	r := Result{At: k.Outside.Now(), URL: public, Skipped: true}
	keys := k.Credentials()
	r.Unsigned = keys.AppSecret == ""
	u, err := url.Parse(public)
	switch {
	case public == "" || err != nil || u.Host == "":
		r.Handshake = problem("no_address")
	case u.Scheme != "https" && !isLoopback(u.Hostname()):
		r.Handshake = problem("not_https")
	case keys.VerifyToken == "":
		r.Handshake = problem("no_verify_token")
	}
	if r.Handshake != nil {
		return r
	}
	client := k.visitor()
	defer client.CloseIdleConnections()
	if r.Handshake = k.handshake(ctx, client, u, keys.VerifyToken); r.Handshake != nil {
		return r
	}
	r.Skipped = false
	r.Call = k.call(ctx, client, u, keys.AppSecret)
	return r
}

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// visitor calls as a stranger from the internet does: no proxy of this machine's
// settings, no redirect followed, a new connection.
func (k *Keeper) visitor() *http.Client {
	return &http.Client{
		Timeout: checkWithin,
		Transport: &http.Transport{
			DialContext: k.Outside.Dial, TLSHandshakeTimeout: checkWithin,
			TLSClientConfig: &tls.Config{RootCAs: k.Outside.Roots, Time: k.Outside.Now, MinVersion: tls.VersionTLS12},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// handshake asks what Meta asks when an address is saved there.
func (k *Keeper) handshake(ctx context.Context, client *http.Client, u *url.URL, token string) *Problem {
	challenge := k.marks.make()
	defer k.marks.forget(challenge)
	query := url.Values{"hub.mode": {"subscribe"}, "hub.challenge": {challenge}, "hub.verify_token": {token}}
	answer, p := k.ask(ctx, client, u, challenge, http.MethodGet, k.Path+"?"+query.Encode(), "", nil)
	seen := k.marks.seen(challenge)
	switch {
	case p != nil:
		return p
	case answer.status == http.StatusOK && answer.body == challenge && !seen:
		return problem("another_copy", u.Host)
	case answer.status == http.StatusOK && answer.body == challenge:
		return nil
	case seen && answer.status == http.StatusForbidden:
		return problem("verify_token")
	default:
		return k.stranger(u, answer)
	}
}

// call is a webhook without news, signed as Meta signs.
func (k *Keeper) call(ctx context.Context, client *http.Client, u *url.URL, secret string) *Problem {
	mark := k.marks.make()
	defer k.marks.forget(mark)
	header := http.Header{"Content-Type": {"application/json"}}
	if secret != "" {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(harmless))
		header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	}
	answer, p := k.ask(ctx, client, u, mark, http.MethodPost, k.Path, harmless, header)
	seen := k.marks.seen(mark)
	switch {
	case p != nil:
		return p
	case answer.status == http.StatusOK && seen:
		return nil
	case seen && answer.status == http.StatusForbidden:
		return problem("signature")
	case seen && answer.status == http.StatusServiceUnavailable:
		return problem("not_kept")
	default:
		return k.stranger(u, answer)
	}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (k *Keeper) ask(ctx context.Context, client *http.Client, u *url.URL, mark, method, path, body string, header http.Header) (answer, *Problem) {
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(u.String(), "/")+path, strings.NewReader(body))
	if err != nil {
		return answer{}, problem("no_address")
	}
	for name, values := range header {
		req.Header[name] = values
	}
	if mark != "" {
		req.Header.Set(CheckHeader, mark)
	}
	// Not a browser's name: ngrok shows browsers a page of its own.
	req.Header.Set("User-Agent", "astromesh-check")
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, explain(err, u)
	}
	defer func() { _ = resp.Body.Close() }() // it was read as far as it is of use
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxCheckAnswer))
	if err != nil {
		return answer{}, explain(err, u)
	}
	return answer{resp.StatusCode, resp.Header, string(b)}, nil
}
