// Package app wires the program: it is the only package that knows every other,
// and holds no business rule.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"astromesh/config"
	"astromesh/runtime/agent"
	"astromesh/runtime/channel/whatsapp"
	"astromesh/runtime/health"
	"astromesh/runtime/inbox"
	"astromesh/runtime/model"
	"astromesh/runtime/outbox"
	"astromesh/runtime/reach"
	"astromesh/runtime/tool"
	"astromesh/store"
	"astromesh/web"
)

// Options are the flags and variables of contract.md.
type Options struct {
	Source      config.Source
	DataDir     string
	WebhookAddr string
	AdminAddr   string
	GraphURL    string
	OllamaHost  string
	APIToken    string
	Env         config.Env
	Phone       http.Handler  // the demo's phone page
	Outside     reach.Outside // the zero value is the world
	// Dial connects the tools that reach out, for tests; nil = the world.
	Dial     func(ctx context.Context, network, address string) (net.Conn, error)
	Log      *slog.Logger
	Say      io.Writer    // where the owner reads what is not for the log; nil = nowhere
	Desktop  *web.Desktop // what can be done for who sits at the machine; nil for a service
	Fleeting bool         // nothing of it is kept: the stop waits for no turn
	Again    bool         // whoever runs the program starts it anew after Restart
}

// App is the program. New builds it, Run runs it once.
type App struct {
	opts  Options
	log   *slog.Logger
	store *store.Store

	live     atomic.Pointer[live]
	reloadMu sync.Mutex // one reload at a time
	agents   agent.Registry
	servers  *model.Servers
	doorman  *health.Doorman
	watcher  *config.Watcher // nil where the files are inside the program
	graph    *whatsapp.Client

	dispatcher *inbox.Dispatcher
	relay      *outbox.Relay
	reach      *reach.Keeper
	web        *web.Server
	outside    tool.Outside  // the way of tools out of the program
	warm       chan struct{} // rung when the agents changed
	look       chan struct{} // as warm, for who asks the models whether they are there
	prepare    chan struct{} // the same, for their tools

	restart     chan struct{} // closed by Restart
	restartOnce sync.Once

	// What others said of themselves when the health page last asked.
	graphSaid  health.Memo[health.Graph]
	modelsSaid health.Memo[[]health.AgentModels]
}

// New opens the store, reads the configuration and binds the listeners. Its
// errors are sentences for the owner. Close releases what it opened, if Run is
// never called.
func New(ctx context.Context, opts Options) (*App, error) {
	st, err := store.Open(opts.DataDir, store.Options{})
	if err != nil {
		return nil, err
	}
	a := &App{opts: opts, log: opts.Log, store: st, warm: make(chan struct{}, 1), look: make(chan struct{}, 1), prepare: make(chan struct{}, 1), restart: make(chan struct{})}
	if err := a.build(ctx); err != nil {
		_ = a.Close() // the first error is the one to tell
		return nil, err
	}
	return a, nil
}

func (a *App) build(ctx context.Context) error {
	var err error
	if a.doorman, err = health.NewDoorman(ctx, a.store, a.log); err != nil {
		return fmt.Errorf("the store cannot be read: %w", err)
	}
	a.servers = newServers(a.opts, a.notice)
	a.outside = tool.NewOutside(a.log, a.opts.Dial)
	a.watchFiles(context.WithoutCancel(ctx)) // before the files are read: no change is missed
	if err := a.reload(ctx); err != nil {
		return err
	}
	a.graph = newGraph(a.opts, func() config.WhatsApp { return a.live.Load().whatsapp })
	a.relay = outbox.New(outbox.Parts{Store: a.store, Sender: a.graph, Settings: a.outboxSettings, Log: a.log, StopWithin: sendsMayFinish})
	a.dispatcher = inbox.New(inbox.Parts{
		Store: a.store, Agents: &a.agents, Sender: a.graph, Settings: a.inboxSettings,
		Split: whatsapp.Format, Replied: a.relay.Wake, Log: a.log, StopWithin: a.turnsMayFinish(),
	})
	if a.reach, err = a.newReach(ctx); err != nil {
		return err
	}
	a.web = web.New(web.Parts{
		Store: a.store, Agents: &a.agents, Webhook: a.webhookSettings,
		Arrived: a.dispatcher.Wake, Reported: a.relay.Wake, Interrupt: a.dispatcher.Interrupt, WaitsForModel: a.dispatcher.WaitsForModel, Doorman: a.doorman,
		Compile: a.compileDraft, Reload: a.applySettings, DefaultAgent: func() string { return a.live.Load().whatsapp.DefaultAgent },
		Texts:   func() inbox.Texts { return a.inboxSettings().Texts },
		AskAnew: a.askAnew, RetrySending: a.relay.Probe,
		Models: a.servers.Installed, Health: a.Health, Drafts: a.drafts, APIToken: a.opts.APIToken, Phone: a.opts.Phone,
		Channel: a.channelSettings, Servers: a.servers, Probe: func(token string) *whatsapp.Client { return newProbe(a.opts, token) }, Reach: a.reach,
		Version: Version(), DataDir: a.opts.DataDir, Log: a.log, Desktop: a.opts.Desktop,
	})
	if a.opts.Again {
		a.web.Restart = a.Restart
	}
	return a.web.Listen(a.opts.WebhookAddr, a.opts.AdminAddr)
}

// Close releases what a program that is not to be run has opened.
func (a *App) Close() error {
	if a.web != nil {
		a.web.Close()
	}
	if a.watcher != nil {
		a.watcher.Close()
	}
	a.outside.Close()
	return a.store.Close()
}

// Addrs are the bound addresses.
func (a *App) Addrs() (webhook, admin string) { return a.web.Addrs() }

// Store is for the commands that look into a running program: demo.
func (a *App) Store() *store.Store { return a.store }

// notice records what a model server let us know.
func (a *App) notice(n model.Notice) {
	level, logged := "warn", slog.LevelWarn
	if n.Kind == "model_back" {
		level, logged = "info", slog.LevelInfo
	}
	a.log.Log(context.Background(), logged, "model notice", "stage", "model", "candidate", n.Candidate, "kind", n.Kind)
	a.store.Log(store.Event{Kind: store.EventModel, Level: level, Stage: "model", Text: n.Text}.With(map[string]string{"candidate": n.Candidate, "kind": n.Kind}))
}

// userContext is what the tool get_user_context may say of a customer: nothing of
// who has not written on WhatsApp, as over the API.
func (a *App) userContext(ctx context.Context, session string) (map[string]any, error) {
	c, err := a.store.ConversationBySession(ctx, session)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return map[string]any{
		"name": c.Contact.Name, "messages": c.InboundCount,
		"first_contact": c.CreatedAt.Time().Format(time.RFC3339), "last_contact": c.LastInboundAt.Time().Format(time.RFC3339),
	}, nil
}
