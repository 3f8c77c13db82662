package reach

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"
)

const (
	// checkEvery is how often the way is proven while all is well: a tunnel's free
	// plan counts each request.
	checkEvery = time.Hour
	// checkAgain is the same after a check that failed.
	checkAgain = 5 * time.Minute
	// settle is how long a way is given before its first check: names and routes
	// need a moment.
	settle = 2 * time.Second
	// againAfter is how long after a failure a way is opened anew, the first time;
	// each further time twice that, up to againMost.
	againAfter = 30 * time.Second
	againMost  = 30 * time.Minute
	// againSoon is the same after a way was open and was cut.
	againSoon = time.Second
)

// Run keeps the chosen way open until ctx ends. It never fails: the webhook's
// own address works without it, and what is wrong is in State.
func (k *Keeper) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		own, cancel := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() {
			defer close(done)
			k.open(own)
		}()
		select {
		case <-ctx.Done():
		case <-k.changed:
		}
		cancel()
		<-done
	}
	return nil
}

// open runs one way until ctx ends.
func (k *Keeper) open(ctx context.Context) {
	s := k.Settings()
	switch s.Way {
	case Tunnel:
		k.runTunnel(ctx, s)
	case Domain:
		k.runDomain(ctx, s)
	default:
		k.prove(ctx)
	}
}

// keepTrying opens a way again and again: open blocks while it is open, and
// gives why it is not any more. One that was open is opened again at once.
func (k *Keeper) keepTrying(ctx context.Context, open func(context.Context) *Problem) {
	wait := againAfter
	for ctx.Err() == nil {
		p := open(ctx)
		if ctx.Err() != nil {
			return
		}
		now := wait
		if k.State().Phase == Up {
			now, wait = againSoon, againAfter
		} else {
			wait = min(2*wait, againMost)
		}
		k.trouble(ctx, p)
		select {
		case <-ctx.Done():
		case <-time.After(now):
		}
	}
}

// prove looks from outside whether Meta can come in, now and again, and lets
// Meta know the address.
func (k *Keeper) prove(ctx context.Context) {
	wait := time.NewTimer(settle)
	defer wait.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wait.C:
		}
		if k.State().URL == "" || k.Settings().Way == None {
			return
		}
		next := checkEvery
		if r := k.Check(ctx); !r.Well() {
			next = checkAgain
		}
		wait.Reset(next)
	}
}

// trouble says why the way is not open.
func (k *Keeper) trouble(ctx context.Context, p *Problem) {
	if ctx.Err() != nil {
		return
	}
	detail, _ := p.Sentences()
	k.Log.Warn("the way in from the internet is not open", "stage", "webhook", "way", k.Settings().Way, "problem", p.Code, "detail", detail)
	k.update(ctx, func(s *State) { s.Phase, s.Problem = Trouble, p })
}

// isUp says that the way is open at a public address.
func (k *Keeper) isUp(ctx context.Context, url string) {
	if ctx.Err() == nil {
		k.Log.Info("the way in from the internet is open", "stage", "webhook", "way", k.Settings().Way, "address", url)
	}
	k.update(ctx, func(s *State) { s.Phase, s.Problem, s.URL = Up, nil, url })
}

type wayKey struct{}

// wayOf is how a request came in; None on the webhook's own address.
func wayOf(r *http.Request) Way {
	w, _ := r.Context().Value(wayKey{}).(Way)
	return w
}

// server serves what the webhook listener serves, within the same bounds.
func (k *Keeper) server(w Way, handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 20 * time.Second,
		WriteTimeout: 20 * time.Second, IdleTimeout: 75 * time.Second, MaxHeaderBytes: 32 << 10,
		ErrorLog:    slog.NewLogLogger(k.Log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return context.WithValue(context.Background(), wayKey{}, w) },
	}
}

// shut lets the requests in hand finish.
func shut(srv *http.Server) {
	limit, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if srv.Shutdown(limit) != nil {
		_ = srv.Close() // what is left is cut off, and Meta comes again
	}
}
