package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"astromesh/runtime/channel/whatsapp/emulator"
	"astromesh/web/view"

	"github.com/a-h/templ"
)

const (
	// phoneGathers is how long a change waits for its neighbours, so that what
	// Meta's side and the program tell of the same moment is put in order.
	phoneGathers = 40 * time.Millisecond
	// phoneAsks is how often a page that is open before the program is up asks
	// for its store.
	phoneAsks = 500 * time.Millisecond
)

// stream sends the page's changes as they happen. It begins with the whole chat,
// which a page that has it already leaves aside: whoever was cut off and comes
// back is up to date again, also after a new start of the program.
func (p *phone) stream(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer p.endWith(r, cancel)()
	out := &pageStream{w: w, rc: http.NewResponseController(w)}
	// The server's read limit is for requests; it would end a stream that is
	// only written to. Writers without deadlines have no such limit.
	_ = out.rc.SetReadDeadline(time.Time{})
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	feed := p.newFeed(ctx) // before the first look: what comes in between wakes it
	defer feed.end()
	shown, err := p.look(ctx)
	if err != nil {
		http.Error(w, view.T(ctx, "phone.stopping"), http.StatusServiceUnavailable)
		return
	}
	out.send(ctx, "chat", stateOf(ctx, shown), view.PhoneChatSwap(shown.Lines))
	out.send(ctx, "update", stateOf(ctx, shown), view.PhoneTyping(shown.Typing), view.PhoneEventsSwap(shown.Events))
	for out.err == nil && feed.wait(ctx, out) {
		now, err := p.look(ctx)
		if err != nil {
			return // the store is closing
		}
		if changes := changesOf(shown, now); len(changes) > 0 {
			out.send(ctx, "update", stateOf(ctx, now), changes...)
		}
		shown = now
	}
}

// endWith calls cancel when the server of the request shuts down: an open stream
// would hold it up.
func (p *phone) endWith(r *http.Request, cancel func()) (release func() bool) {
	if srv, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok {
		p.once.Do(func() { srv.RegisterOnShutdown(p.stop) })
	}
	return context.AfterFunc(p.stopping, cancel)
}

// changesOf is what turns one look of the page into the next.
func changesOf(was, now view.Phone) []templ.Component {
	var list []templ.Component
	have := min(len(was.Lines), len(now.Lines))
	for i, l := range now.Lines[:have] {
		if l.Tick != was.Lines[i].Tick {
			list = append(list, view.PhoneTickSwap(l))
		}
	}
	if len(now.Lines) > have {
		list = append(list, view.PhoneLinesSwap(now.Lines[have:]))
	}
	if now.Typing != was.Typing {
		list = append(list, view.PhoneTyping(now.Typing))
	}
	if !slices.Equal(now.Events, was.Events) {
		list = append(list, view.PhoneEventsSwap(now.Events))
	}
	return list
}

// feed wakes a stream.
type feed struct {
	p      *phone
	meta   <-chan emulator.Event
	store  <-chan struct{} // nil while there is no store
	unhear func()
	pulse  *time.Ticker
	ask    *time.Ticker
}

func (p *phone) newFeed(ctx context.Context) *feed {
	f := &feed{p: p, meta: p.Meta.Watch(ctx), unhear: func() {}, pulse: time.NewTicker(streamPulse), ask: time.NewTicker(phoneAsks)}
	f.listen()
	return f
}

func (f *feed) listen() {
	if s := f.p.Store(); s != nil && f.store == nil {
		f.store, f.unhear = s.Listen()
		f.ask.Stop()
	}
}

func (f *feed) end() {
	f.unhear()
	f.pulse.Stop()
	f.ask.Stop()
}

// wait returns when something may have changed, or false when the stream is over.
func (f *feed) wait(ctx context.Context, out *pageStream) bool {
	typing := time.NewTimer(f.p.typingLeft())
	defer typing.Stop()
	var gathered <-chan time.Time // set by the first change
	for {
		changed := true
		select {
		case <-gathered:
			return true
		case _, ok := <-f.meta:
			if !ok {
				return false
			}
		case <-f.store:
		case <-typing.C:
		case <-f.ask.C:
			f.listen()
			changed = f.store != nil
		case <-f.pulse.C:
			out.pulse()
			if changed = false; out.err != nil {
				return false
			}
		case <-ctx.Done():
			return false
		}
		if changed && gathered == nil {
			gathered = time.After(phoneGathers)
		}
	}
}

// typingLeft is how long the typing sign lasts if nothing else happens; a long
// time if it is not shown.
func (p *phone) typingLeft() time.Duration {
	left := time.Duration(0)
	for _, m := range p.Meta.Marks() {
		left = time.Until(m.Until)
	}
	if left <= 0 {
		return time.Hour
	}
	return left + time.Millisecond
}

// pageStream writes pieces of HTML as server-sent events. After the first error
// it writes nothing more.
type pageStream struct {
	w   http.ResponseWriter
	rc  *http.ResponseController
	err error
}

func (s *pageStream) send(ctx context.Context, event, id string, parts ...templ.Component) {
	var b bytes.Buffer
	for _, c := range parts {
		if err := c.Render(ctx, &b); err != nil && s.err == nil {
			s.err = err
		}
	}
	// Each line needs its own "data:", and a carriage return ends a line too.
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(b.String())
	s.write(fmt.Sprintf("event: %s\nid: %s\ndata: %s\n\n", event, id, strings.ReplaceAll(text, "\n", "\ndata: ")))
}

// pulse keeps a quiet stream open, and finds out whether its reader has gone.
func (s *pageStream) pulse() { s.write(": still here\n\n") }

func (s *pageStream) write(text string) {
	if s.err != nil {
		return
	}
	if _, s.err = fmt.Fprint(s.w, text); s.err == nil {
		s.err = s.rc.Flush()
	}
}
