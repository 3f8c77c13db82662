package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"astromesh/config"
)

const (
	// turnsMayFinish is how long running turns may go on after the stop: most
	// replies are seconds from being done, and what is cut off is repeated.
	turnsMayFinish = 8 * time.Second
	// sendsMayFinish is the same for sends in hand: Graph answers within a second,
	// and what is cut off waits for Meta's report at the next start.
	sendsMayFinish = 4 * time.Second
	// stopBudget is the whole stop: 5 s for requests in hand, 8 s for turns, 4 s for
	// sends. A disk that refuses writes must not keep the process for ever.
	stopBudget = 18 * time.Second
)

// turnsMayFinish is how long running turns have at the stop.
func (a *App) turnsMayFinish() time.Duration {
	if a.opts.Fleeting {
		return 0
	}
	return turnsMayFinish
}

// part is one background part: Run blocks until it has stopped in order.
type part struct {
	name string
	run  func(ctx context.Context) error
}

// running is a started part.
type running struct {
	part
	cancel context.CancelFunc
	ended  chan error
}

// Run starts the parts in order, waits for ctx to end or a part to fail, and
// stops them in reverse: first nothing more comes in, last the store closes.
func (a *App) Run(ctx context.Context) error {
	parts := []part{
		{"relay", a.relay.Run},
		{"dispatcher", a.dispatcher.Run},
		{"janitor", a.tidy},
		{"nightly", a.nightly},
		{"warmer", a.keepWarm},
		{"looker", a.lookAfterModels},
		{"tools", a.keepReady},
		{"watcher", a.watch},
		{"web", a.web.Run},
		{"reach", a.reach.Run},
	}
	failed := make(chan error, len(parts))
	var started []running
	for _, p := range parts {
		started = append(started, start(ctx, p, failed))
	}
	a.hangDoorplate()
	a.sayStarted()
	a.saySetup(ctx)
	select {
	case <-ctx.Done():
	case <-a.restart:
		a.log.Info("starting anew")
	case err := <-failed:
		a.log.Error("a part of the program failed; stopping", "error", err)
	}
	return a.stop(started)
}

// start runs a part with a context of its own, so that the stop has an order.
func start(ctx context.Context, p part, failed chan<- error) running {
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := running{part: p, cancel: cancel, ended: make(chan error, 1)}
	go func() {
		err := p.run(own)
		if err != nil {
			err = fmt.Errorf("%s: %w", p.name, err)
			failed <- err
		}
		r.ended <- err
	}()
	return r
}

func (a *App) stop(started []running) error {
	a.log.Info("stopping")
	a.takeDoorplate() // before the folder is free for another program
	watchdog := time.AfterFunc(stopBudget, func() {
		a.log.Error("the stop took too long; leaving. What was not finished is taken up at the next start")
		os.Exit(1)
	})
	defer watchdog.Stop()
	var errs []error // of what failed before the stop, and of what fails in it
	for i := len(started) - 1; i >= 0; i-- {
		started[i].cancel()
		errs = append(errs, <-started[i].ended)
	}
	a.outside.Close() // no turn needs a tool any more
	a.doorman.Close()
	if err := a.store.Close(); err != nil {
		errs = append(errs, fmt.Errorf("close store: %w", err))
	}
	a.log.Info("stopped")
	return errors.Join(errs...)
}

func (a *App) sayStarted() {
	webhook, admin := a.Addrs()
	a.log.Info("started", "version", Version(), "webhook", webhook, "dashboard", admin, "config", a.opts.Source.String(), "agent", a.live.Load().whatsapp.DefaultAgent)
	if a.live.Load().whatsapp.AppSecret == "" {
		a.log.Error("UNSIGNED MODE: no app secret is configured, so anybody can send messages in Meta's name. Type it in the dashboard, or set WHATSAPP_APP_SECRET.", "stage", "webhook")
	}
}

// saySetup prints the one-time link of the first run while nobody can sign in.
// The log only says that it was printed: logs are kept and passed on.
func (a *App) saySetup(ctx context.Context) {
	users, err := a.store.Users(ctx)
	if err != nil || len(users) > 0 || a.opts.Say == nil {
		return
	}
	a.log.Info("there is no operator yet: a one-time link to set the owner's password is printed")
	// It stands apart: lines of the log come before and after it.
	_, _ = fmt.Fprintf(a.opts.Say, "\nOpen this link in a browser on this computer, to set your password and connect WhatsApp:\n\n    %s\n\n", a.web.SetupLink()) // nowhere else to say it
}

// watchFiles sees changes from now on; watch acts on them. A program that
// cannot watch still answers: it says so and goes on.
func (a *App) watchFiles(ctx context.Context) {
	dir := a.opts.Source.Path()
	if dir == "" {
		return
	}
	var err error
	a.watcher, err = config.NewWatcher(dir, func() {
		if err := a.reload(ctx); err != nil {
			a.log.Error("the configuration could not be reloaded; the last good one stays", "error", err)
		}
		a.relay.Wake()
	})
	if err != nil {
		a.log.Error("the configuration folder is not watched: changes need a restart", "error", err)
	}
}

// watch reloads the configuration when its files change.
func (a *App) watch(ctx context.Context) error {
	if a.watcher == nil {
		<-ctx.Done()
		return nil
	}
	a.watcher.Run(ctx)
	return nil
}

// keepWarm loads the default agent's model, so that the first customer does not
// wait for it, and tries again while its server is not there yet.
// What was said once is not said again every 15 seconds.
func (a *App) keepWarm(ctx context.Context) error {
	said := ""
	for {
		var again <-chan time.Time
		if ag, ok := a.agents.Get(a.live.Load().whatsapp.DefaultAgent); ok {
			err := ag.Warm(ctx)
			switch {
			case err == nil:
				said = ""
			case ctx.Err() == nil:
				again = time.After(15 * time.Second)
				if err.Error() != said {
					said = err.Error()
					a.log.Warn("the model is not loaded yet; it is tried again every 15 seconds", "stage", "model", "agent", ag.Name(), "error", err)
				}
			}
		}
		select {
		case <-again:
		case <-a.warm:
		case <-ctx.Done():
			return nil
		}
	}
}
