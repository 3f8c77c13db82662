package web

import (
	"cmp"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"astromesh/store"
	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/alexedwards/argon2id"
	"github.com/labstack/echo/v4"
)

const (
	// freeTries are not slowed down; each further one doubles the wait, up to
	// longestWait. Counted by address and by account.
	freeTries   = 5
	longestWait = 15 * time.Minute
	mostTried   = 10_000
)

// noPassword is what an unknown name is compared with, so that it takes as long
// as a known one and the names cannot be found out by the clock.
var noPassword = sync.OnceValue(func() string {
	hash, err := argon2id.CreateHash("there is nobody by that name", argon2id.DefaultParams)
	if err != nil {
		return "" // no randomness: then no login works either
	}
	return hash
})

func (s *Server) loginPage(c echo.Context) error {
	to := form.LocalPath(c.QueryParam("to"))
	if s.sessions.GetInt64(c.Request().Context(), sessionUser) != 0 {
		return c.Redirect(http.StatusSeeOther, cmp.Or(to, "/"))
	}
	if users, err := s.Store.Users(c.Request().Context()); err != nil || len(users) == 0 {
		return c.Redirect(http.StatusSeeOther, "/setup") // nobody can sign in yet
	}
	return render(c, http.StatusOK, view.Login(form.Login{To: to}))
}

func (s *Server) login(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return errUnreadable
	}
	f := form.BindLogin(values)
	address, _, err := net.SplitHostPort(c.Request().RemoteAddr)
	if err != nil {
		address = c.Request().RemoteAddr
	}
	keys := []string{"address " + address, "account " + strings.ToLower(f.Name)}
	if f.Name == "" || f.Password == "" {
		f.Problem = "login.empty"
	} else if wait := s.tries.take(keys, time.Now()); wait > 0 {
		f.Problem, f.Wait = "login.slow", int(wait.Seconds())+1
	} else {
		u, ok, err := s.checkPassword(c, f)
		if err != nil {
			return err
		}
		if ok {
			s.tries.forget(keys)
			if err := s.signIn(c, u); err != nil {
				return err
			}
			return c.Redirect(http.StatusSeeOther, cmp.Or(f.To, "/"))
		}
		s.Log.Warn("a login failed", "stage", "dashboard", "address", address)
		f.Problem = "login.wrong"
	}
	return render(c, http.StatusUnprocessableEntity, view.Login(f))
}

func (s *Server) checkPassword(c echo.Context, f form.Login) (store.User, bool, error) {
	u, err := s.Store.UserByName(c.Request().Context(), f.Name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return u, false, err
	}
	hash := u.PasswordHash
	if hash == "" {
		hash = noPassword()
	}
	match, err := argon2id.ComparePasswordAndHash(f.Password, hash)
	return u, match && err == nil && u.ID != 0, nil
}

func (s *Server) logout(c echo.Context) error {
	if err := s.sessions.Destroy(c.Request().Context()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/login")
}

// tries counts logins that were not right, in memory: a restart forgives, and
// needs access to the machine.
type tries struct {
	mu   sync.Mutex
	made map[string]tried
}

type tried struct {
	count int
	until time.Time // no try before
}

func newTries() *tries { return &tries{made: map[string]tried{}} }

// take counts a try for all of the keys; above zero it is how long they have to
// wait, and nothing was counted. It counts before the password is looked at, which
// takes a while: else who sends a hundred at the same time has a hundred tries.
func (t *tries) take(keys []string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	var longest time.Duration
	for _, k := range keys {
		longest = max(longest, t.made[k].until.Sub(now))
	}
	if longest > 0 {
		return longest
	}
	if len(t.made) > mostTried {
		for k, m := range t.made {
			if now.After(m.until.Add(longestWait)) {
				delete(t.made, k)
			}
		}
	}
	for _, k := range keys {
		m := t.made[k]
		m.count++
		if m.count >= freeTries {
			m.until = now.Add(min(time.Second<<min(m.count-freeTries, 20), longestWait))
		}
		t.made[k] = m
	}
	return 0
}

// forget is for the right password.
func (t *tries) forget(keys []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range keys {
		delete(t.made, k)
	}
}
