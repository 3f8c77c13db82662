package web

import (
	"crypto/rand"
	"encoding/base64"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"astromesh/store"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// enterLife is how long a link that signs somebody in may be opened.
const enterLife = 30 * time.Minute

// oneTime holds the links that let somebody in without a password, in memory: a
// restart makes them void.
type oneTime struct {
	mu    sync.Mutex
	setup string              // "" until it is asked for
	enter map[string]entrance // by token
}

type entrance struct {
	user  int64 // 0: it is for the program's own window
	until time.Time
}

func newOneTime() *oneTime { return &oneTime{enter: map[string]entrance{}} }

// newToken is 32 random bytes: nobody guesses it, so a look-up in a map will do.
func newToken() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: it ends the program where there is no randomness
	return base64.RawURLEncoding.EncodeToString(b)
}

// setupToken makes the token at the first call. It holds until there is an
// operator; the store sees to it that it makes only one.
func (o *oneTime) setupToken() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.setup == "" {
		o.setup = newToken()
	}
	return o.setup
}

func (o *oneTime) isSetup(token string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return token != "" && token == o.setup
}

func (o *oneTime) forgetSetup() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.setup = ""
}

func (o *oneTime) allow(user int64, now time.Time) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	for token, e := range o.enter {
		if !now.Before(e.until) {
			delete(o.enter, token)
		}
	}
	token := newToken()
	o.enter[token] = entrance{user, now.Add(enterLife)}
	return token
}

// allowWindow makes a token for the program's own window.
func (o *oneTime) allowWindow(now time.Time) string { return o.allow(0, now) }

// use gives the operator whom a token lets in, and makes the token void.
func (o *oneTime) use(token string, now time.Time) (user int64, ok bool) {
	e := o.take(token)
	return e.user, e.user != 0 && now.Before(e.until)
}

// useWindow says whether a token is the window's, and makes it void.
func (o *oneTime) useWindow(token string, now time.Time) bool {
	e := o.take(token)
	return e.user == 0 && now.Before(e.until)
}

func (o *oneTime) take(token string) entrance {
	o.mu.Lock()
	defer o.mu.Unlock()
	e := o.enter[token] // of an unknown one the time is up
	delete(o.enter, token)
	return e
}

// SetupLink is where the first operator is made. Whoever can read what the
// program prints may claim the machine, and nobody else on the network.
func (s *Server) SetupLink() string {
	return s.ownAddress() + "/setup?" + url.Values{"token": {s.once.setupToken()}}.Encode()
}

// EnterLink signs an operator in, once, within 30 minutes.
func (s *Server) EnterLink(user int64) string {
	return s.ownAddress() + "/enter?" + url.Values{"token": {s.once.allow(user, time.Now())}}.Encode()
}

// ownAddress is the dashboard's address as a browser on this machine opens it.
func (s *Server) ownAddress() string {
	_, admin := s.Addrs()
	bound, err := netip.ParseAddrPort(admin)
	if err != nil || !bound.Addr().IsUnspecified() {
		return "http://" + admin
	}
	_, port, _ := net.SplitHostPort(admin) // it was parsed just now
	return "http://127.0.0.1:" + port
}

// enterPage sends the token on by itself. It is not used up by looking: a
// preview that some program makes of the link must not spend it.
func (s *Server) enterPage(c echo.Context) error {
	return render(c, http.StatusOK, view.Enter("/enter", c.QueryParam("token")))
}

// enter signs in and answers 200 with a page that moves on by itself: after a
// redirect, a browser that came from elsewhere would not show the new cookie,
// which is SameSite=Strict.
func (s *Server) enter(c echo.Context) error {
	id, ok := s.once.use(c.FormValue("token"), time.Now())
	var u store.User
	if ok {
		var err error
		if u, err = s.Store.User(c.Request().Context(), id); err != nil {
			return err
		}
	}
	if !ok {
		return render(c, http.StatusForbidden, view.LinkUsed())
	}
	if err := s.signIn(c, u); err != nil {
		return err
	}
	return render(c, http.StatusOK, view.Entered("/"))
}
