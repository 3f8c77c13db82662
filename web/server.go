// Package web is the program's two listeners: the public one, which Meta calls,
// and the dashboard's, which nobody else may reach. It turns requests into calls
// and values into answers; it knows no SQL, no Graph address and not how a turn
// works.
package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"astromesh/config"
	"astromesh/runtime/agent"
	"astromesh/runtime/channel/whatsapp"
	"astromesh/runtime/health"
	"astromesh/runtime/inbox"
	"astromesh/runtime/model"
	"astromesh/runtime/reach"
	"astromesh/store"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"
)

// Parts are what the pages and the API show and do.
type Parts struct {
	Store   *store.Store
	Agents  *agent.Registry
	Webhook func() WebhookSettings // asked for with each request: files may change
	// Arrived is called after new messages are on disk, Reported after new
	// delivery reports are.
	Arrived, Reported func()
	Doorman           *health.Doorman // counts what was turned away
	// Health runs every diagnosis.
	Health func(ctx context.Context) []health.Check
	Drafts func() []Draft // agents whose file has errors
	// Compile makes an agent of a YAML that is not in service, as the file of the
	// agent of that name. The agent is nil when there are errors.
	Compile func(name string, yaml []byte) (*agent.Agent, config.Problems)
	// Reload reads files and settings again and puts them in service.
	Reload func(ctx context.Context) error
	// DefaultAgent is the name of the agent that answers.
	DefaultAgent func() string
	// Texts are the sentences that the program itself says to a customer.
	Texts func() inbox.Texts
	// Interrupt ends the turn that runs in a conversation: a person took over.
	Interrupt func(conversation int64)
	// WaitsForModel tells until when a conversation's turn tries to reach a model;
	// zero where none waits. nil: it is not known.
	WaitsForModel func(conversation int64) time.Time
	// Models names what the default model server has installed, for a choice.
	Models func(ctx context.Context) ([]string, error)
	// AskAnew forgets what Meta and the model servers last said of themselves, so
	// that the next Health asks them.
	AskAnew func()
	// RetrySending lets one waiting reply try a refused token at once.
	RetrySending func()
	// Channel is what is in force on WhatsApp.
	Channel func() Channel
	// Servers are the model servers, for the first run.
	Servers *model.Servers
	// Probe is a client of Graph that shows a token which is not in service yet.
	Probe func(token string) *whatsapp.Client
	// Reach keeps the way in from the internet; nil leaves only the webhook's own
	// address.
	Reach    *reach.Keeper
	APIToken string       // "" closes the JSON API
	Phone    http.Handler // the demo's phone page, at /phone; nil outside the demo
	Version  string
	DataDir  string // where the database is
	// Restart stops the program in order and starts it anew; nil where nobody would
	// start it.
	Restart func()
	Log     *slog.Logger
	// Desktop is what can be done at the machine; nil for a service.
	Desktop *Desktop
}

// WebhookSettings are what the public listener checks against.
type WebhookSettings struct {
	VerifyToken   string
	AppSecrets    []string // none = unsigned mode, for development
	PhoneNumberID string
}

// Server is both listeners.
type Server struct {
	Parts
	public, admin *http.Server
	publicAddr    net.Listener
	adminAddr     net.Listener
	sessions      *scs.SessionManager
	tries         *tries
	once          *oneTime
	windowKey     string // marks the program's own window
	knock         string // opens the program to another start of it
	pulls         *puller
	backups       *maker // of backups that the pages ask for
	pulse         *pulse
	stopping      context.Context // ends when open event streams must
	stop          context.CancelFunc
}

// New makes the servers; Listen binds them.
func New(p Parts) *Server {
	s := &Server{Parts: p, sessions: newSessions(p.Store), tries: newTries(), once: newOneTime(), windowKey: newToken(), knock: newToken(), pulse: newPulse(p)}
	s.stopping, s.stop = context.WithCancel(context.Background())
	s.backups = newMaker(func(err error) {
		s.Log.Error("a backup that was asked for was not made", "stage", "system", "error", err)
	})
	s.pulls = newPuller(func(ctx context.Context, name string, progress func(model.PullProgress)) error {
		return p.Servers.Pull(ctx, "", name, progress)
	}, s.modelArrived)
	s.public = &http.Server{
		Handler: s.publicRoutes(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 20 * time.Second,
		WriteTimeout: 20 * time.Second, IdleTimeout: 75 * time.Second, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(p.Log.Handler(), slog.LevelDebug),
	}
	s.admin = &http.Server{
		// No write timeout: event streams stay open.
		Handler: s.adminRoutes(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 60 * time.Second,
		IdleTimeout: 75 * time.Second, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(p.Log.Handler(), slog.LevelDebug),
	}
	return s
}

// Listen binds both addresses, so that "started" is true when it is said. The
// error is a sentence.
func (s *Server) Listen(publicAddr, adminAddr string) error {
	var err error
	if s.publicAddr, err = net.Listen("tcp", publicAddr); err != nil {
		return notBound("the webhook address", publicAddr, "--webhook-addr", err)
	}
	if s.adminAddr, err = net.Listen("tcp", adminAddr); err != nil {
		_ = s.publicAddr.Close() // nothing was served on it yet
		return notBound("the dashboard's address", adminAddr, "--admin-addr", err)
	}
	return nil
}

// Close gives bound addresses back where Run is never called. Without Listen, and
// twice, it does nothing.
func (s *Server) Close() {
	s.stop()
	for _, l := range []net.Listener{s.publicAddr, s.adminAddr} {
		if l != nil {
			_ = l.Close() // nothing was served on it
		}
	}
}

// Addrs are the bound addresses, host:port.
func (s *Server) Addrs() (public, admin string) {
	return s.publicAddr.Addr().String(), s.adminAddr.Addr().String()
}

// Handlers gives the routers to tests that need no network.
func (s *Server) Handlers() (public, admin http.Handler) { return s.public.Handler, s.admin.Handler }

// Run serves until ctx ends, then lets requests in hand finish. Listen comes first.
func (s *Server) Run(ctx context.Context) error {
	failed := make(chan error, 2)
	go func() { failed <- s.public.Serve(s.publicAddr) }()
	go func() { failed <- s.admin.Serve(s.adminAddr) }()
	go s.pulse.beat(s.stopping)
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	s.stop()
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if e := errors.Join(s.public.Shutdown(limit), s.admin.Shutdown(limit)); e != nil {
		s.Log.Warn("requests in hand were cut off", "stage", "webhook", "error", e)
		_, _ = s.public.Close(), s.admin.Close()
	}
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

func newEcho() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	return e
}
